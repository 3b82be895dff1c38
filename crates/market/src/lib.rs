//! Where bars come from: files, and the door they pass.
