//! How a market treats an order: costs, and stops and targets against a bar.
