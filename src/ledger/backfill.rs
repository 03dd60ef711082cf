//! What results of long ago say of their own time, before a launch is opened for them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::inner::take_inner;
use crate::base::{Digest, Hasher, Timestamp};
use crate::ingest::{AttachmentRequest, Bundle, Options, Row, Sink, SinkError, ingest};
use crate::model::{Attachment, Execution, Status};

/// What was found in results, none of which was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// When the first one began, where any says.
    pub start: Option<Timestamp>,
    /// When the last one ended, where any says.
    pub until: Option<Timestamp>,
    /// Results and retries.
    pub rows: u64,
    /// Those of them that don't say when they began.
    pub timeless: u64,
    /// The same for the same results, whatever they are called and wherever they lie.
    pub digest: Digest,
}

/// Reads results for their times alone.
pub fn survey(bundles: &[&dyn Bundle], declared: Vec<String>) -> Result<Survey, SinkError> {
    let sink = Times::default();
    let options = Options::new(declared);
    for bundle in bundles {
        let mut report = ingest(*bundle, &options, &sink)?;
        take_inner(&mut report, *bundle, |archive| {
            ingest(archive, &options, &sink)
        })?;
    }
    let rows = sink
        .rows
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut hasher = Hasher::new();
    let mut out = Survey {
        start: None,
        until: None,
        rows: 0,
        timeless: 0,
        digest: Digest::of(b""),
    };
    for (row, count) in &rows {
        let (name, status, start, duration) = row;
        for _ in 0..*count {
            hasher.field(name);
            hasher.field(status.as_str());
            hasher.field(&format!("{start:?} {duration:?}"));
        }
        out.rows += count;
        let Some(start) = *start else {
            out.timeless += count;
            continue;
        };
        let most = i64::try_from(duration.unwrap_or(0)).unwrap_or(0);
        let end = Timestamp::from_ms(start.ms().saturating_add(most));
        out.start = Some(out.start.map_or(start, |known| known.min(start)));
        out.until = Some(out.until.map_or(end, |known| known.max(end)));
    }
    out.digest = hasher.finish();
    Ok(out)
}

type Told = (String, Status, Option<Timestamp>, Option<u64>);

/// Takes times of rows, and nothing else.
#[derive(Debug, Default)]
struct Times {
    rows: Mutex<BTreeMap<Told, u64>>,
}

impl Sink for Times {
    fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment {
        Attachment {
            name: request.name.to_owned(),
            ..Attachment::default()
        }
    }

    fn keeps_details(&self, _: Status, _: Execution) -> bool {
        false
    }

    fn row(&self, _: usize, row: Row) {
        let result = row.result;
        let name = format!("{}\n{}", result.full_name.unwrap_or_default(), result.name);
        let told = (name, result.status, result.start, result.duration);
        let mut rows = self
            .rows
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *rows.entry(told).or_default() += 1;
    }

    fn flush(&self, _: usize) -> Result<(), SinkError> {
        Ok(())
    }
}
