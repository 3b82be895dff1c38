//! Records on their way into columns: line after line, as they come.
//!
//! A line is written in one place and is still in the cache when it is looked at; two hundred columns
//! that grow at once would each be somewhere else. They are turned when the bytes are made.

/// Lines of cells, and what is known of every column while they are pushed.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    cells: Vec<u64>,
    columns: Columns,
}

/// One entry per column in each list, so that they are updated without a branch.
#[derive(Clone, Debug)]
struct Columns {
    /// Bits in which any cell differs from the first.
    differing: Vec<u64>,
    /// The same for the cells as numbers in single precision.
    singles_differing: Vec<u32>,
    /// Not zero once a cell is no number that single precision holds.
    beyond_single: Vec<u64>,
}

impl Stage {
    /// No lines yet; each will have `width` cells.
    pub(crate) fn of_width(width: usize) -> Stage {
        let columns = Columns {
            differing: vec![0; width],
            singles_differing: vec![0; width],
            beyond_single: vec![0; width],
        };
        Stage { cells: Vec::new(), columns }
    }

    /// How many cells a line has.
    pub(crate) fn width(&self) -> usize {
        self.columns.differing.len()
    }

    /// All lines, one after another.
    pub(crate) fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// Forgets the lines and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.columns.differing.fill(0);
        self.columns.singles_differing.fill(0);
        self.columns.beyond_single.fill(0);
    }

    /// Adds a line of zeros, lets `write` fill it and looks at what it wrote.
    #[inline]
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut [u64])) {
        let (start, width) = (self.cells.len(), self.width());
        self.cells.resize(start + width, 0);
        write(&mut self.cells[start..]);
        self.columns.notice(&self.cells[..width], &self.cells[start..]);
    }

    /// The first cell of a column.
    pub(crate) fn first(&self, column: usize) -> u64 {
        self.cells.get(column).copied().unwrap_or(0)
    }

    /// The bits in which any cell of a column differs from the first.
    pub(crate) fn differing(&self, column: usize) -> u64 {
        self.columns.differing[column]
    }

    /// The same in single precision, for a column of numbers that it holds exactly.
    pub(crate) fn singles_differing(&self, column: usize) -> Option<u32> {
        let fits = self.columns.beyond_single[column] == 0;
        fits.then_some(self.columns.singles_differing[column])
    }
}

impl Columns {
    /// Plain arithmetic over plain lists, which the compiler turns into few wide instructions.
    fn notice(&mut self, first: &[u64], line: &[u64]) {
        let cells = first.iter().zip(line);
        for (differing, (first, cell)) in self.differing.iter_mut().zip(cells.clone()) {
            *differing |= first ^ cell;
        }
        let columns = self.singles_differing.iter_mut().zip(&mut self.beyond_single);
        for ((differing, beyond), (first, cell)) in columns.zip(cells) {
            let number = f64::from_bits(*cell);
            let single = number as f32;
            *differing |= single.to_bits() ^ (f64::from_bits(*first) as f32).to_bits();
            // What the conversion makes of a NaN's bits is up to the machine.
            *beyond |= (f64::from(single).to_bits() ^ cell) | u64::from(number.is_nan());
        }
    }
}
