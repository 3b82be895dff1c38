//! One pass over the sample, in order of time: what every cell of the grid would have brought, in folds that
//! go forward, with what overlaps a test left out of what is learned before it (methods §1.6).

use domain::{SliceRule, Threshold};

use super::grid::{
    Cell, FACTORS, SLICES, STANDING, Stands, condition, levels, reached, repeats, slices_of,
};
use super::sample::Kept;

/// Tests going forward, and the first stretch that is only learned from.
pub(super) const FOLDS: usize = 5;
/// Periods in which gains are resampled. Chosen: short enough to be many, long enough to hold what overlaps.
const BLOCKS: usize = 100;
const BLOCKS_A_FOLD: usize = BLOCKS / FOLDS;
/// Levels of one threshold that a value can have reached, none included.
const BINS: usize = FACTORS.len() + 1;
/// What closes this shortly before a test is left out of what is learned before it, seconds. Chosen: an hour.
const EMBARGO_S: u32 = 3_600;

/// Least win rate of what may be named (seed 001's line for a combo), unless what stands has less.
pub(super) const WIN_RATE_MIN: f64 = 0.40;
/// Least effective outcomes a cell must let through where it is tested (seed 001: 50).
pub(super) const TESTED_MIN: f64 = 50.0;
/// How many more or fewer candidates than now a cell may let through, as a factor. Chosen: what was 98–99 %
/// rejected stays of that order.
const TRADES_FACTOR: f64 = 4.0;
/// Deviations by which a cell must have gained to be named. Chosen: a name costs patience, not truth.
const NAMED_Z_MIN: f64 = 1.5;
/// Tests in which a cell must have gained. Chosen: all but one.
const GAINED_MIN: usize = FOLDS - 2;

/// What was let through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// Overlap discounted.
    pub(super) worth: f64,
    /// Sum of results, units of initial risk.
    pub(super) r: f64,
    square: f64,
    wins: f64,
}

impl Tally {
    fn of(kept: &Kept) -> Tally {
        let (worth, r) = (f64::from(kept.worth), f64::from(kept.r));
        let wins = if r > 0.0 { worth } else { 0.0 };
        Tally { worth, r: worth * r, square: worth * r * r, wins }
    }

    fn add(&mut self, other: &Tally) {
        self.worth += other.worth;
        self.r += other.r;
        self.square += other.square;
        self.wins += other.wins;
    }

    fn take(&mut self, other: &Tally) {
        self.worth -= other.worth;
        self.r -= other.r;
        self.square -= other.square;
        self.wins -= other.wins;
    }

    pub(super) fn win_rate(&self) -> f64 {
        if self.worth > 0.0 { self.wins / self.worth } else { 0.0 }
    }

    /// Mean result and its ratio to its deviation; 0 where nothing was let through.
    pub(super) fn mean_and_sharpe(&self) -> (f64, f64) {
        if self.worth <= 0.0 {
            return (0.0, 0.0);
        }
        let mean = self.r / self.worth;
        let deviation = (self.square / self.worth - mean * mean).max(0.0).sqrt();
        (mean, if deviation > 0.0 { mean / deviation } else { 0.0 })
    }

    /// The gates of win rate and profit, and whether it lets through neither too few nor too many.
    fn passes(&self, standing: &Tally, least: f64) -> bool {
        let rate_min = WIN_RATE_MIN.min(standing.win_rate());
        let floor = least.max(standing.worth / TRADES_FACTOR);
        let ceiling = (standing.worth * TRADES_FACTOR).max(least * TRADES_FACTOR);
        self.r > 0.0 && self.win_rate() >= rate_min && (floor..=ceiling).contains(&self.worth)
    }
}

/// What each of some cells that share a place let through, block by block.
struct Table {
    /// Dimensions that cells differ in: three everywhere, one in a slice.
    bins: usize,
    blocks: Vec<Tally>,
    /// Of the folds before each fold, what was not known when it began.
    late: Vec<Tally>,
    standing: Vec<Tally>,
    standing_late: [Tally; FOLDS],
}

/// Where and when an outcome falls.
struct Fall<'a> {
    block: usize,
    bin: usize,
    stands: bool,
    tally: &'a Tally,
    /// Folds that began before it was known, after its own.
    late: core::ops::Range<usize>,
}

impl Table {
    fn new(bins: usize) -> Table {
        Table {
            bins,
            blocks: vec![Tally::default(); BLOCKS * bins],
            late: vec![Tally::default(); FOLDS * bins],
            standing: vec![Tally::default(); BLOCKS],
            standing_late: [Tally::default(); FOLDS],
        }
    }

    fn hear(&mut self, fall: &Fall<'_>) {
        self.blocks[fall.block * self.bins + fall.bin].add(fall.tally);
        if fall.stands {
            self.standing[fall.block].add(fall.tally);
        }
        for fold in fall.late.clone() {
            self.late[fold * self.bins + fall.bin].add(fall.tally);
            if fall.stands {
                self.standing_late[fold].add(fall.tally);
            }
        }
    }

    /// From what reached exactly these levels to what reached at least these.
    fn accumulate(&mut self) {
        let mut stride = 1;
        while stride < self.bins {
            for table in [&mut self.blocks, &mut self.late] {
                for row in table.chunks_exact_mut(self.bins) {
                    for bin in (0..row.len()).rev().filter(|bin| bin / stride % BINS + 1 < BINS) {
                        let above = row[bin + stride];
                        row[bin].add(&above);
                    }
                }
            }
            stride *= BINS;
        }
    }

    fn folds<'a>(&self, of: impl Fn(usize) -> &'a Tally) -> [Tally; FOLDS] {
        core::array::from_fn(|fold| {
            let mut sum = Tally::default();
            (fold * BLOCKS_A_FOLD..(fold + 1) * BLOCKS_A_FOLD).for_each(|b| sum.add(of(b)));
            sum
        })
    }

    fn course(&self, bin: usize) -> Course {
        let tests = self.folds(|block| &self.blocks[block * self.bins + bin]);
        Course::of(tests, |fold| &self.late[fold * self.bins + bin])
    }

    fn standing_course(&self) -> Course {
        Course::of(self.folds(|block| &self.standing[block]), |fold| &self.standing_late[fold])
    }

    /// What a cell would have gained over what stands, block by block.
    fn gains(&self, bin: usize) -> Vec<f64> {
        let gain = |block: usize| self.blocks[block * self.bins + bin].r - self.standing[block].r;
        (0..BLOCKS).map(gain).collect()
    }
}

/// Fold by fold: what was tested, and what had been known before.
struct Course {
    tests: [Tally; FOLDS],
    known: [Tally; FOLDS],
}

impl Course {
    fn of<'a>(tests: [Tally; FOLDS], late: impl Fn(usize) -> &'a Tally) -> Course {
        let mut past = Tally::default();
        let known = core::array::from_fn(|fold| {
            let mut known = past;
            known.take(late(fold));
            past.add(&tests[fold]);
            known
        });
        Course { tests, known }
    }

    /// All tests together; the first fold is only learned from.
    fn unseen(&self) -> Tally {
        let mut sum = Tally::default();
        self.tests[1..].iter().for_each(|test| sum.add(test));
        sum
    }

    fn whole(&self) -> Tally {
        let mut sum = self.unseen();
        sum.add(&self.tests[0]);
        sum
    }
}

/// A cell with what it would have brought.
pub(super) struct Scored {
    pub(super) cell: Cell,
    /// On outcomes that came after those it could have been chosen by.
    pub(super) unseen: Tally,
    /// On all outcomes.
    pub(super) whole: Tally,
    /// Over what stands, on all outcomes, units of initial risk.
    pub(super) gain_r: f64,
    /// The same in deviations, told from how it varies over blocks.
    pub(super) z: f64,
    /// Whether it passes every gate in the tests.
    pub(super) passes: bool,
    /// Block by block over what stands.
    gains: Vec<f64>,
}

/// All cells of one night, of one place each.
pub(super) struct Search {
    /// Everywhere first, then slices; a place without enough outcomes has no cells.
    pub(super) places: Vec<Place>,
}

/// The cells that share a place.
pub(super) struct Place {
    pub(super) cells: Vec<Scored>,
    /// What choosing on the past and testing on what came next would have gained over what stands.
    pub(super) walked_r: f64,
}

impl Search {
    /// Searches a sample; finds no places in one without enough outcomes.
    pub(super) fn of(sample: &[Kept], stands: &Stands) -> Search {
        let worth: f64 = sample.iter().map(|one| f64::from(one.worth)).sum();
        if worth < TESTED_MIN || sample.len() < FOLDS {
            return Search { places: Vec::new() };
        }
        let mut order: Vec<&Kept> = sample.iter().collect();
        order.sort_by_key(|one| one.decided_s);
        let mut tables = Tables::new(&order, stands);
        tables.hear(&order);
        Search { places: tables.places(stands) }
    }

    /// Every cell.
    pub(super) fn cells(&self) -> impl Iterator<Item = &Scored> {
        self.places.iter().flat_map(|place| &place.cells)
    }

    /// What each cell would have gained, block by block: what luck of the best of so many is told from.
    pub(super) fn gains(&self) -> Vec<Vec<f64>> {
        self.cells().map(|scored| scored.gains.clone()).collect()
    }

    /// What may be named: of each place that choosing would have paid in, the cell that gained most, the
    /// surest first.
    pub(super) fn named(&self) -> Vec<&Scored> {
        let best = |place: &'_ Place| -> Option<usize> {
            let passing = (0..place.cells.len())
                .filter(|&at| place.cells[at].passes && place.cells[at].z >= NAMED_Z_MIN);
            passing.max_by(|&a, &b| place.cells[a].gain_r.total_cmp(&place.cells[b].gain_r))
        };
        let paid = self.places.iter().filter(|place| place.walked_r > 0.0);
        let mut named: Vec<&Scored> =
            paid.filter_map(|place| best(place).map(|at| &place.cells[at])).collect();
        named.sort_by(|a, b| b.z.total_cmp(&a.z));
        named
    }
}

/// The tables of one search.
struct Tables<'a> {
    stands: &'a Stands,
    everywhere: [[f64; FACTORS.len()]; 3],
    all: Table,
    slices: Vec<([f64; FACTORS.len()], Option<Table>)>,
    fold_begins_s: [u32; FOLDS],
}

impl<'a> Tables<'a> {
    fn new(order: &[&Kept], stands: &'a Stands) -> Tables<'a> {
        let mut worth = [0.0; SLICES];
        for one in order {
            slices_of(one).for_each(|slice| worth[slice] += f64::from(one.worth));
        }
        let slices = worth.iter().enumerate().map(|(slice, worth)| {
            let standing = stands.conviction_in(condition(slice));
            let table = (*worth >= TESTED_MIN).then(|| Table::new(BINS));
            (levels(standing, Threshold::Conviction), table)
        });
        Tables {
            stands,
            everywhere: [
                levels(stands.conviction_min, Threshold::Conviction),
                levels(stands.confluence_min, Threshold::Confluence),
                levels(stands.fee_margin, Threshold::FeeMargin),
            ],
            all: Table::new(BINS * BINS * BINS),
            slices: slices.collect(),
            fold_begins_s: core::array::from_fn(|fold| {
                order[(fold * BLOCKS_A_FOLD * order.len()).div_ceil(BLOCKS)].decided_s
            }),
        }
    }

    fn hear(&mut self, order: &[&Kept]) {
        let stands = self.stands;
        for (at, kept) in order.iter().enumerate() {
            let tally = Tally::of(kept);
            let block = at * BLOCKS / order.len();
            let (sliced, otherwise) = (stands.sliced(kept, None), stands.admits_otherwise(kept));
            let conviction = sliced.unwrap_or(stands.conviction_min);
            let admitted = otherwise && super::grid::reaches(kept.conviction, conviction);
            let late = self.late(kept, block / BLOCKS_A_FOLD);
            let bin = self.bin(kept, sliced);
            let fall = Fall { block, bin, stands: admitted, tally: &tally, late };
            self.all.hear(&fall);
            if otherwise {
                self.hear_slices(kept, fall);
            }
        }
    }

    fn hear_slices(&mut self, kept: &Kept, fall: Fall<'_>) {
        for slice in slices_of(kept) {
            let (levels, Some(table)) = &mut self.slices[slice] else { continue };
            let elsewhere = self.stands.sliced(kept, Some(condition(slice)));
            let passes = elsewhere.is_none_or(|least| super::grid::reaches(kept.conviction, least));
            let bin = if passes { reached(kept.conviction, levels) } else { 0 };
            table.hear(&Fall { bin, late: fall.late.clone(), ..fall });
        }
    }

    /// The levels an outcome reaches of the three thresholds, as one place.
    fn bin(&self, kept: &Kept, sliced: Option<f64>) -> usize {
        let [conviction, confluence, fee_margin] = &self.everywhere;
        // Where a slice decides, all convictions of the grid are the same.
        let first = match sliced {
            None => reached(kept.conviction, conviction),
            Some(least) if super::grid::reaches(kept.conviction, least) => BINS - 1,
            Some(_) => 0,
        };
        let second = reached(kept.confluence, confluence);
        (first * BINS + second) * BINS + reached(kept.edge_ratio, fee_margin)
    }

    /// The later folds that began before an outcome of this fold was known.
    fn late(&self, kept: &Kept, fold: usize) -> core::ops::Range<usize> {
        let known_s = kept.closed_s().saturating_add(EMBARGO_S);
        let end = (fold + 1..FOLDS).find(|&later| self.fold_begins_s[later] > known_s);
        fold + 1..end.unwrap_or(FOLDS)
    }

    fn places(mut self, stands: &Stands) -> Vec<Place> {
        self.all.accumulate();
        let [conviction, confluence, fee_margin] = self.everywhere;
        let count = FACTORS.len();
        let at = |cell: usize| [cell / (count * count), cell / count % count, cell % count];
        let of_all = (0..count * count * count).filter_map(|cell| {
            let [a, b, c] = at(cell);
            let repeated =
                repeats(&conviction, a) || repeats(&confluence, b) || repeats(&fee_margin, c);
            let is_other = [a, b, c] != [STANDING; 3] && !repeated;
            is_other.then(|| {
                let (conviction_min, confluence_min) = (conviction[a], confluence[b]);
                let fee_margin = fee_margin[c];
                let cell = Cell::Everywhere { conviction_min, confluence_min, fee_margin };
                (cell, ((a + 1) * BINS + b + 1) * BINS + c + 1)
            })
        });
        let mut places = vec![score(&self.all, of_all)];
        for (slice, (levels, table)) in self.slices.iter_mut().enumerate() {
            let Some(table) = table else { continue };
            table.accumulate();
            let others = (0..count).filter(|&at| at != STANDING && !repeats(levels, at));
            let of_slice = others.map(|at| {
                let rule = SliceRule { when: condition(slice), conviction_min: levels[at] };
                (Cell::In(rule), at + 1)
            });
            places.push(score(table, of_slice));
        }
        places.iter_mut().for_each(|place| place.cells.retain(|one| one.cell.has_room(stands)));
        places
    }
}

/// Scores cells that share a table.
fn score(table: &Table, cells: impl Iterator<Item = (Cell, usize)>) -> Place {
    let standing = table.standing_course();
    let (unseen_standing, whole_standing) = (standing.unseen(), standing.whole());
    let mut courses = Vec::new();
    let mut scored = Vec::new();
    for (cell, bin) in cells {
        let course = table.course(bin);
        let (unseen, whole) = (course.unseen(), course.whole());
        let gained = (1..FOLDS).filter(|&f| course.tests[f].r > standing.tests[f].r).count();
        let gains = table.gains(bin);
        scored.push(Scored {
            cell,
            unseen,
            whole,
            gain_r: whole.r - whole_standing.r,
            z: z_of(&gains),
            passes: unseen.passes(&unseen_standing, TESTED_MIN) && gained >= GAINED_MIN,
            gains,
        });
        courses.push(course);
    }
    Place { cells: scored, walked_r: walked(&courses, &standing) }
}

/// Chooses on what was known before each test and sums up what the choice then gained over what stands.
fn walked(courses: &[Course], standing: &Course) -> f64 {
    // A fold of the past holds fewer than all tests together.
    const KNOWN_MIN: f64 = TESTED_MIN / FOLDS as f64;
    let gain = |fold: usize| {
        let gained = |course: &&Course| course.known[fold].r - standing.known[fold].r;
        let passing = courses.iter().filter(|course| {
            course.known[fold].passes(&standing.known[fold], KNOWN_MIN) && gained(course) > 0.0
        });
        let chosen = passing.max_by(|a, b| gained(a).total_cmp(&gained(b)));
        chosen.map_or(0.0, |course| course.tests[fold].r - standing.tests[fold].r)
    };
    (1..FOLDS).map(gain).sum()
}

/// Root n times the mean of gains over their deviation; 0 where they do not vary.
fn z_of(gains: &[f64]) -> f64 {
    let n = gains.len() as f64;
    let mean = gains.iter().sum::<f64>() / n;
    let scatter: f64 = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum();
    if scatter > 0.0 { mean * n / scatter.sqrt() } else { 0.0 }
}
