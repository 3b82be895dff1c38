//! Columns of 64-bit cells to bytes and back.
//!
//! A column keeps its first cell whole and of every cell only the bytes in which any differs from the
//! first: a constant costs nothing, a code one byte, a full number eight. Plain enough that a cell is
//! found by arithmetic, so a reader unpacks nothing it does not ask for.

use super::{CHUNK_ROWS_MAX, Flaw};

const MAGIC: [u8; 4] = *b"HSCO";
const VERSION: u8 = 1;
const HEADER_BYTES: usize = 44;
const ENTRY_BYTES: usize = 10;

/// How many records a chunk has, and which numbers and moments they lie between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) rows: u32,
    pub(crate) first_no: u64,
    pub(crate) last_no: u64,
    pub(crate) first_at: i64,
    pub(crate) last_at: i64,
}

impl Span {
    /// Makes room for one more record.
    pub(crate) fn include(&mut self, no: u64, at: i64) {
        if self.rows == 0 {
            *self = Span { rows: 1, first_no: no, last_no: no, first_at: at, last_at: at };
            return;
        }
        self.rows += 1;
        self.first_no = self.first_no.min(no);
        self.last_no = self.last_no.max(no);
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
    }
}

/// Appends header, directory and data.
pub(crate) fn write(kind: u8, span: &Span, columns: &[Vec<u64>], out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[kind, VERSION]);
    out.extend_from_slice(&(columns.len() as u16).to_le_bytes());
    out.extend_from_slice(&span.rows.to_le_bytes());
    out.extend_from_slice(&span.first_no.to_le_bytes());
    out.extend_from_slice(&span.last_no.to_le_bytes());
    out.extend_from_slice(&span.first_at.to_le_bytes());
    out.extend_from_slice(&span.last_at.to_le_bytes());
    let shapes: Vec<Shape> = columns.iter().map(|cells| Shape::of(cells)).collect();
    for shape in &shapes {
        out.extend_from_slice(&shape.first.to_le_bytes());
        out.extend_from_slice(&[shape.dropped, shape.width]);
    }
    for (shape, cells) in shapes.iter().zip(columns) {
        shape.pack(cells, out);
    }
}

/// Which bytes of a column's cells are kept.
#[derive(Clone, Copy)]
struct Shape {
    first: u64,
    /// Low bytes in which no cell differs.
    dropped: u8,
    /// Bytes above those in which some do.
    width: u8,
}

impl Shape {
    fn of(cells: &[u64]) -> Shape {
        let first = cells.first().copied().unwrap_or(0);
        let differing = cells.iter().fold(0, |seen, cell| seen | (cell ^ first));
        if differing == 0 {
            return Shape { first, dropped: 0, width: 0 };
        }
        let dropped = differing.trailing_zeros() / 8;
        let width = 8 - differing.leading_zeros() / 8 - dropped;
        Shape { first, dropped: dropped as u8, width: width as u8 }
    }

    fn pack(self, cells: &[u64], out: &mut Vec<u8>) {
        match self.width {
            0 => {}
            1 => self.pack_wide::<1>(cells, out),
            2 => self.pack_wide::<2>(cells, out),
            3 => self.pack_wide::<3>(cells, out),
            4 => self.pack_wide::<4>(cells, out),
            5 => self.pack_wide::<5>(cells, out),
            6 => self.pack_wide::<6>(cells, out),
            7 => self.pack_wide::<7>(cells, out),
            _ => self.pack_wide::<8>(cells, out),
        }
    }

    /// The width is a constant so that each becomes a plain loop without a branch.
    fn pack_wide<const W: usize>(self, cells: &[u64], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + cells.len() * W, 0);
        let (places, _) = out[start..].as_chunks_mut::<W>();
        for (place, cell) in places.iter_mut().zip(cells) {
            let kept = ((cell ^ self.first) >> (8 * self.dropped)).to_le_bytes();
            place.copy_from_slice(&kept[..W]);
        }
    }
}

/// Packed columns, opened and measured, but not unpacked.
pub(crate) struct Packed<'a> {
    span: Span,
    columns: Vec<(Shape, &'a [u8])>,
}

impl<'a> Packed<'a> {
    /// Checks everything that reading relies on: whose bytes they are, and that all are there.
    pub(crate) fn open(
        bytes: &'a [u8],
        kind: u8,
        columns_min: usize,
        open_ended: bool,
    ) -> Result<Packed<'a>, Flaw> {
        let (found, count, span) = header(bytes)?;
        if found != kind {
            return Err(Flaw(format!("it holds records of kind {found}, not {kind}")));
        }
        if count < columns_min || (count > columns_min && !open_ended) {
            return Err(Flaw(format!("it has {count} columns, not {columns_min}")));
        }
        let columns = columns(&bytes[HEADER_BYTES..], count, span.rows as usize)?;
        Ok(Packed { span, columns })
    }

    /// How many records there are.
    pub(crate) fn rows(&self) -> usize {
        self.span.rows as usize
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// One cell; zero beyond the edges.
    pub(crate) fn cell(&self, column: usize, row: usize) -> u64 {
        let Some((shape, data)) = self.columns.get(column) else { return 0 };
        let width = usize::from(shape.width);
        let kept = data.get(row * width..(row + 1) * width).unwrap_or(&[]);
        let mut wide = [0; 8];
        wide[..kept.len()].copy_from_slice(kept);
        // A column without width drops nothing, so the shift stays below 64.
        (u64::from_le_bytes(wide) << (8 * shape.dropped)) ^ shape.first
    }
}

/// The kind and span of bytes, without looking at their columns.
pub(crate) fn header(bytes: &[u8]) -> Result<(u8, usize, Span), Flaw> {
    let short = || Flaw(format!("{} bytes are too few for a chunk", bytes.len()));
    if bytes.len() < HEADER_BYTES {
        return Err(short());
    }
    if bytes[..4] != MAGIC || bytes[5] != VERSION {
        return Err(Flaw("it does not begin as a chunk of this version does".to_owned()));
    }
    let mut words =
        bytes[12..HEADER_BYTES].as_chunks::<8>().0.iter().map(|w| u64::from_le_bytes(*w));
    let mut word = || words.next().ok_or_else(short);
    let span = Span {
        rows: u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
        first_no: word()?,
        last_no: word()?,
        first_at: word()? as i64,
        last_at: word()? as i64,
    };
    // Constant columns take no room, so the length alone would not stop a count made up of noise.
    if span.rows as usize > CHUNK_ROWS_MAX {
        return Err(Flaw(format!(
            "{} rows are more than the {CHUNK_ROWS_MAX} of a chunk",
            span.rows
        )));
    }
    Ok((bytes[4], usize::from(u16::from_le_bytes([bytes[6], bytes[7]])), span))
}

/// The directory's columns, each with its share of what follows the directory.
fn columns(bytes: &[u8], count: usize, rows: usize) -> Result<Vec<(Shape, &[u8])>, Flaw> {
    let Some((directory, mut data)) = bytes.split_at_checked(count * ENTRY_BYTES) else {
        return Err(Flaw("its directory is cut off".to_owned()));
    };
    let mut columns = Vec::with_capacity(count);
    for entry in directory.as_chunks::<ENTRY_BYTES>().0 {
        let [first @ .., dropped, width] = *entry;
        if dropped > 8 || width > 8 || dropped + width > 8 || (width == 0 && dropped != 0) {
            return Err(Flaw(format!("a column keeps {width} bytes above {dropped}")));
        }
        let Some((own, rest)) = data.split_at_checked(rows * usize::from(width)) else {
            return Err(Flaw("its columns are cut off".to_owned()));
        };
        data = rest;
        columns.push((Shape { first: u64::from_le_bytes(first), dropped, width }, own));
    }
    if !data.is_empty() {
        return Err(Flaw(format!("{} bytes follow its last column", data.len())));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_packed(cells: Vec<u64>, data_bytes: usize) {
        let rows = cells.len() as u32;
        let span = Span { rows, ..Span::default() };
        let mut bytes = Vec::new();
        write(9, &span, std::slice::from_ref(&cells), &mut bytes);
        assert_eq!(bytes.len(), HEADER_BYTES + ENTRY_BYTES + data_bytes, "{cells:x?}");
        let packed = Packed::open(&bytes, 9, 1, false).unwrap();
        let back: Vec<u64> = (0..packed.rows()).map(|row| packed.cell(0, row)).collect();
        assert_eq!(back, cells);
    }

    #[test]
    fn a_column_costs_only_the_bytes_in_which_its_cells_differ() {
        check_packed(vec![7; 5], 0);
        check_packed(vec![u64::MAX; 5], 0);
        check_packed(vec![0, 1, 2, 255], 4);
        check_packed(vec![0x1200, 0x3400, 0xff00], 3);
        check_packed(vec![1.0_f64.to_bits(), 2.0_f64.to_bits(), 4.0_f64.to_bits()], 6);
        for width in 1..=8_usize {
            let top = 1_u64 << (8 * width - 1);
            check_packed(vec![0, top | 1, top], 3 * width);
        }
    }

    #[test]
    fn a_made_up_row_count_is_refused() {
        let span = Span { rows: u32::MAX, ..Span::default() };
        let mut bytes = Vec::new();
        write(9, &span, &[vec![7]], &mut bytes);
        assert!(Packed::open(&bytes, 9, 1, false).is_err());
    }
}
