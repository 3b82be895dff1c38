//! What a decision was based on, and how it stood on its way, as columns.

use domain::{Basis, Leans, MODEL_COUNT, Marks, Modelled, SEAT_COUNT};

use super::{Flaw, Pen, Row};

/// Columns that both take together.
pub(super) const BASIS_COLUMNS: usize = 19 + Marks::COUNT + MODELLED_COLUMNS;

/// Columns that what models had to do with it takes; where there was no model they cost nothing.
const MODELLED_COLUMNS: usize = 2 + 2 * SEAT_COUNT + MODEL_COUNT;

/// Single precision costs four bytes a cell at most.
fn single(number: f32) -> u64 {
    u64::from(number.to_bits())
}

fn read_single(row: &mut Row<'_>) -> f32 {
    f32::from_bits(row.bits() as u32)
}

/// Columns that leans take.
pub(super) const LEAN_COLUMNS: usize = 2;

pub(super) fn write_leans(leans: &Leans, pen: &mut Pen<'_>) {
    let leans = u128::from_le_bytes(leans.bytes());
    pen.bits(leans as u64);
    pen.bits((leans >> 64) as u64);
}

pub(super) fn read_leans(row: &mut Row<'_>) -> Leans {
    let leans = u128::from(row.bits()) | u128::from(row.bits()) << 64;
    Leans::from_bytes(leans.to_le_bytes())
}

pub(super) fn write(basis: &Basis, marks: &Marks, pen: &mut Pen<'_>) {
    write_leans(&basis.leans, pen);
    for number in [
        basis.confluence,
        basis.edge_ratio,
        basis.rested_min,
        basis.correlation,
        basis.win_probability,
        basis.stake,
        basis.stake_before,
        basis.propensity,
        basis.stop_fraction,
        basis.hold_min,
    ] {
        pen.bits(single(number));
    }
    pen.bits(u64::from(basis.target_r.is_some()));
    pen.bits(single(basis.target_r.unwrap_or(0.0)));
    pen.bits(u64::from(basis.regime_entries));
    pen.bits(basis.policy_version);
    pen.bits(u64::from(basis.hour));
    pen.bits(u64::from(basis.weekday));
    let reached = (0..Marks::COUNT).take_while(|&mark| marks.at(mark).is_some()).count();
    pen.bits(reached as u64);
    for mark in 0..Marks::COUNT {
        pen.bits(single(marks.at(mark).unwrap_or(0.0) as f32));
    }
    write_modelled(&basis.modelled, pen);
}

fn write_modelled(modelled: &Modelled, pen: &mut Pen<'_>) {
    pen.bits(u64::from(modelled.version));
    modelled.seated.iter().for_each(|&version| pen.bits(u64::from(version)));
    modelled.stakes.iter().for_each(|&stake| pen.bits(single(stake)));
    pen.bits(single(modelled.ensemble));
    modelled.members.iter().for_each(|&said| pen.bits(single(said)));
}

fn read_modelled(row: &mut Row<'_>) -> Result<Modelled, Flaw> {
    let mut modelled = Modelled { version: row.small("model version")?, ..Modelled::NONE };
    for version in &mut modelled.seated {
        *version = row.small("seated version")?;
    }
    for stake in &mut modelled.stakes {
        *stake = read_single(row);
    }
    modelled.ensemble = read_single(row);
    for said in &mut modelled.members {
        *said = read_single(row);
    }
    Ok(modelled)
}

pub(super) fn read(row: &mut Row<'_>) -> Result<(Basis, Marks), Flaw> {
    let mut basis = Basis { leans: read_leans(row), ..Basis::default() };
    for number in [
        &mut basis.confluence,
        &mut basis.edge_ratio,
        &mut basis.rested_min,
        &mut basis.correlation,
        &mut basis.win_probability,
        &mut basis.stake,
        &mut basis.stake_before,
        &mut basis.propensity,
        &mut basis.stop_fraction,
        &mut basis.hold_min,
    ] {
        *number = read_single(row);
    }
    let has_target = row.bits() != 0;
    let target_r = read_single(row);
    basis.target_r = has_target.then_some(target_r);
    basis.regime_entries = row.small("entries")?;
    basis.policy_version = row.bits();
    basis.hour = row.small("hour")?;
    basis.weekday = row.small("weekday")?;
    let reached: u8 = row.small("number of marks")?;
    let mut marks = Marks::default();
    for mark in 0..Marks::COUNT {
        let r = read_single(row);
        if mark < usize::from(reached) {
            marks.reach(f64::from(r));
        }
    }
    basis.modelled = read_modelled(row)?;
    Ok((basis, marks))
}
