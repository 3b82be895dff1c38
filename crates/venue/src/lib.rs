//! Where orders go. Today the simulated venue, which replay and paper share; live venues answer the
//! same trait.

mod error;
mod held;
mod simulated;

pub use error::{Remedy, VenueError};
pub use simulated::{Faults, SimulatedVenue};

use domain::{Instruction, Reading, TimedBar, VenueNews};

/// A place that takes orders and tells what became of them.
pub trait Venue {
    /// Hands over one instruction. What it says at once is appended to `news`. An exit takes back what is
    /// left of its decision's entry.
    ///
    /// # Errors
    /// A [`VenueError`], sorted by what to do about it.
    fn perform(
        &mut self,
        instruction: &Instruction,
        news: &mut Vec<VenueNews>,
    ) -> Result<(), VenueError>;
}

/// A venue that lives on bars instead of a wire.
pub trait BarDriven: Venue {
    /// Lets the market move through bars that closed together; fills are appended to `news`.
    fn meet(&mut self, bars: &[TimedBar], news: &mut Vec<VenueNews>);

    /// Settles the funding among these readings on what is held; what was paid is appended to `news`.
    fn settle_funding(&mut self, readings: &[Reading], news: &mut Vec<VenueNews>);
}
