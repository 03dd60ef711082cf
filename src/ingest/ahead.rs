//! Reading ahead: a file's next rows are made while those before them are kept.

use std::sync::mpsc;
use std::thread;

use super::{Row, SinkError};

/// Batches that wait at most, beside the one that is made and the one that is kept.
const WAITING: usize = 1;
/// Bytes of a file from which on a thread of its own is worth it.
pub(super) const WORTH: u64 = 1 << 20;

/// Hands each batch that `read` gives to `keep`, in their order, on another thread.
///
/// # Errors
/// What `keep` failed with first: `read` is told to stop then; else what `read` returns.
pub(super) fn ahead<T>(
    mut keep: impl FnMut(Vec<Row>) -> Result<(), SinkError> + Send,
    read: impl FnOnce(&mut dyn FnMut(Vec<Row>) -> Result<(), SinkError>) -> Result<T, SinkError>,
) -> Result<T, SinkError> {
    thread::scope(|scope| {
        let (rows, batches) = mpsc::sync_channel(WAITING);
        let keeper = scope.spawn(move || batches.into_iter().try_for_each(&mut keep));
        let read = {
            // The end of this block ends the channel, and with it the other thread.
            let rows = rows;
            read(&mut |batch| {
                let gone = |_| SinkError("rows before these could not be kept".into());
                rows.send(batch).map_err(gone)
            })
        };
        match keeper.join() {
            Ok(kept) => kept.and(read),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(names: &[&str]) -> Vec<Row> {
        let row = |name: &&str| {
            let mut row = Row::default();
            row.result.name = (*name).to_owned();
            row
        };
        names.iter().map(row).collect()
    }

    #[test]
    fn batches_are_kept_in_their_order() {
        let mut kept = Vec::new();
        let keep = |rows: Vec<Row>| {
            kept.extend(rows.into_iter().map(|row| row.result.name));
            Ok(())
        };
        let read = ahead(keep, |out| {
            for at in 0..100 {
                out(batch(&[&at.to_string(), "and"]))?;
            }
            Ok("read")
        });
        assert_eq!(read.ok(), Some("read"));
        assert_eq!(kept.len(), 200);
        assert_eq!(kept[198], "99");
    }

    #[test]
    fn what_cannot_be_kept_stops_the_reading_and_says_why() {
        let keep = |_: Vec<Row>| Err(SinkError("the disk is full".into()));
        let mut given = 0;
        let read = ahead(keep, |out| {
            loop {
                given += 1;
                out(batch(&["x"]))?;
            }
            #[expect(unreachable_code, reason = "says what the loop never returns")]
            Ok(())
        });
        let error = read.expect_err("nothing is kept");
        assert_eq!(error.0.to_string(), "the disk is full");
        assert!(given <= WAITING + 2, "{given}");
    }
}
