//! Has a stream, or a sample, become another one?
//!
//! | detector | asks |
//! |---|---|
//! | [`Adwin`] | has the mean of a stream moved, whenever that was? |
//! | [`PageHinkley`] | has the mean of a stream moved away from its own past? |
//! | [`kolmogorov_smirnov`] | do two samples come from one distribution? |
//! | [`psi`] | how unlike are two samples, bin by bin? |
//! | [`wasserstein`] | how far is one sample from another, in its own unit? |
//!
//! A detector hears one number and answers with one flag; it begins anew with the number after an alarm.

mod adwin;
mod kolmogorov;
mod kolmogorov_smirnov;
mod page_hinkley;
mod psi;
mod wasserstein;

pub use adwin::{Adwin, AdwinRules};
pub use kolmogorov::above as kolmogorov_above;
pub use kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
pub use page_hinkley::{Direction, PageHinkley, PageHinkleyRules, StandardPageHinkley};
pub use psi::{Bins, SHARE_LEAST, psi, psi_limit};
pub use wasserstein::wasserstein;

/// The numbers of a sample in rising order; what is no number is left out.
pub(crate) fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut rising: Vec<f64> = sample.iter().copied().filter(|value| !value.is_nan()).collect();
    rising.sort_unstable_by(f64::total_cmp);
    rising
}
