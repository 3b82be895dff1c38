//! Bars from Arrow IPC files, which pandas and freqtrade call feather.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_ipc::{Block, root_as_footer, root_as_message};

use crate::MarketError;
use crate::batches::Layout;
use crate::capped::{ROWS_MAX, TEXT_BYTES_MAX};
use crate::door::RawRows;
use crate::error::one_line;
use crate::files::trouble;

/// The file's last ten bytes: how long its footer is, and what it is.
const TAIL_BYTES: usize = 10;

/// Reads a feather file.
pub(crate) fn read(
    file: impl Read,
    path: &Arc<Path>,
    symbol: Option<&str>,
) -> Result<RawRows, MarketError> {
    let bytes = bytes(file, path)?;
    // The decoder asserts what a damaged file may break. A file must not end the program.
    catch_unwind(AssertUnwindSafe(|| decode(&bytes, path, symbol))).unwrap_or_else(|_| {
        Err(MarketError::broken(path, "breaks the feather decoder, so it is damaged"))
    })
}

/// The columns of a feather file by name, and its batches, for whoever looks for something else than bars.
pub(crate) fn with_batches<T>(
    file: impl Read,
    path: &Path,
    look: impl FnOnce(&[&str], &mut dyn Iterator<Item = Result<RecordBatch, MarketError>>) -> T,
) -> Result<T, MarketError> {
    let bytes = bytes(file, path)?;
    let looked = catch_unwind(AssertUnwindSafe(|| -> Result<T, MarketError> {
        check_blocks(&bytes, path)?;
        let reader =
            FileReader::try_new(Cursor::new(&bytes), None).map_err(|c| damaged(path, &c))?;
        let schema = reader.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut batches = reader.map(|batch| batch.map_err(|cause| damaged(path, &cause)));
        Ok(look(&names, &mut batches))
    }));
    looked.unwrap_or_else(|_| {
        Err(MarketError::broken(path, "breaks the feather decoder, so it is damaged"))
    })
}

fn bytes(file: impl Read, path: &Path) -> Result<Vec<u8>, MarketError> {
    let mut bytes = Vec::new();
    file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|cause| trouble(path, cause))?;
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        return Err(MarketError::too_big(path, format!("is larger than {TEXT_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

fn decode(bytes: &[u8], path: &Arc<Path>, symbol: Option<&str>) -> Result<RawRows, MarketError> {
    check_blocks(bytes, path)?;
    let whole =
        FileReader::try_new(Cursor::new(bytes), None).map_err(|cause| damaged(path, &cause))?;
    let schema = whole.schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let layout = Layout::of_bars(&names, symbol, path)?;
    let projection = Some(layout.roots().to_vec());
    let batches = FileReader::try_new(Cursor::new(bytes), projection)
        .map_err(|cause| damaged(path, &cause))?;
    let mut found = RawRows::default();
    for batch in batches {
        layout.take(&batch.map_err(|cause| damaged(path, &cause))?, path, &mut found)?;
    }
    Ok(found)
}

fn damaged(path: &Path, cause: &dyn std::fmt::Display) -> MarketError {
    MarketError::broken(path, format!("is cut short or damaged ({})", one_line(&cause.to_string())))
}

/// Every block lies within the file and unpacks to what memory holds. The decoder takes both on trust
/// and would ask for as much memory as a damaged length says, which ends the program.
fn check_blocks(bytes: &[u8], path: &Path) -> Result<(), MarketError> {
    let cut = || MarketError::broken(path, "is cut short or damaged");
    let footer = footer(bytes).ok_or_else(cut)?;
    let footer = root_as_footer(footer).map_err(|_| cut())?;
    let (mut unpacked, mut rows) = (0_u64, 0_u64);
    let blocks = footer.dictionaries().into_iter().flatten();
    for block in blocks.chain(footer.recordBatches().into_iter().flatten()) {
        let block = sizes(bytes, block).ok_or_else(cut)?;
        unpacked = unpacked.saturating_add(block.unpacked);
        rows = rows.saturating_add(block.rows);
    }
    if unpacked > TEXT_BYTES_MAX {
        return Err(MarketError::too_big(
            path,
            format!("unpacks to more than {TEXT_BYTES_MAX} bytes"),
        ));
    }
    if rows > ROWS_MAX {
        return Err(MarketError::too_big(path, format!("has {rows} rows, more than {ROWS_MAX}")));
    }
    Ok(())
}

fn footer(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.len().checked_sub(TAIL_BYTES)?;
    let length = i32::from_le_bytes(bytes[end..end + 4].try_into().ok()?);
    let begin = end.checked_sub(usize::try_from(length).ok()?)?;
    bytes[end..].ends_with(b"ARROW1").then(|| &bytes[begin..end])
}

struct BlockSizes {
    unpacked: u64,
    rows: u64,
}

/// What a block unpacks to; nothing where it does not lie in the file.
fn sizes(bytes: &[u8], block: &Block) -> Option<BlockSizes> {
    let begin = usize::try_from(block.offset()).ok()?;
    let head_bytes = usize::try_from(block.metaDataLength()).ok()?;
    let body_bytes = usize::try_from(block.bodyLength()).ok()?;
    let head = bytes.get(begin..begin.checked_add(head_bytes)?)?;
    let body_begin = begin + head_bytes;
    let body = bytes.get(body_begin..body_begin.checked_add(body_bytes)?)?;
    // Since format version 0.15 four bytes of ones stand before the length.
    let prefix = if head.starts_with(&[0xff; 4]) { 8 } else { 4 };
    let message = root_as_message(head.get(prefix..)?).ok()?;
    let batch = message.header_as_record_batch().or_else(|| {
        message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data())
    })?;
    let mut unpacked = body.len() as u64;
    if batch.compression().is_some() {
        for buffer in batch.buffers().into_iter().flatten().filter(|buffer| buffer.length() > 0) {
            let at = usize::try_from(buffer.offset()).ok()?;
            let told = body.get(at..at.checked_add(8)?)?.try_into().ok()?;
            // Minus one says that this buffer was not worth packing.
            unpacked = unpacked.saturating_add(i64::from_le_bytes(told).max(0).unsigned_abs());
        }
    }
    Some(BlockSizes { unpacked, rows: u64::try_from(batch.length()).ok()? })
}
