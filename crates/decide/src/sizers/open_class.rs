//! How do the positions that are open on the same side stand?

use domain::PilClass;

use crate::{Case, SizeRules};

/// What the stake is multiplied by while half of them or more are losing. Chosen: as much as a throttle takes
/// from an even chance in doubt. It claims nothing of the candidate; it keeps what loses together small.
const LOSING: f64 = 0.5;

pub(super) fn factor(case: &Case<'_>, _: &SizeRules) -> f64 {
    let same_side = case.portfolio.holdings.iter().filter(|held| held.side == case.signal.side);
    let (mut held, mut losing) = (0_u32, 0_u32);
    for holding in same_side {
        held += 1;
        losing += u32::from(holding.class == Some(PilClass::Loser));
    }
    if losing > 0 && 2 * losing >= held { LOSING } else { 1.0 }
}
