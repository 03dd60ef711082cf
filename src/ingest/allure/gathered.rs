//! Rows on their way to the sink. Allure has a file for each attempt, in no order: which of a test's attempts
//! decides is known when all are read, and only that one is held against what another format told.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::{CHUNK, FORMAT};
use crate::ingest::run::Run;
use crate::ingest::same::attempts::{Attempt, of_tests};
use crate::ingest::{Row, SinkError};

/// Rows with their places.
pub(super) struct Gathered<'r, 'a> {
    run: &'r Run<'a>,
    /// Rows that wait for the last one, where another format told tests before; none where all may go on.
    held: Option<Mutex<Vec<(usize, Row)>>>,
}

impl<'r, 'a> Gathered<'r, 'a> {
    pub(super) fn new(run: &'r Run<'a>) -> Self {
        let holds = run.options.same().is_told_by_others(FORMAT);
        Self {
            run,
            held: holds.then(Mutex::default),
        }
    }

    pub(super) fn holds(&self) -> bool {
        self.held.is_some()
    }

    /// Takes a row, by the thread that made it.
    pub(super) fn take(&self, place: usize, mut row: Row) {
        match &self.held {
            Some(held) => {
                let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
                held.push((place, row));
            }
            None => {
                self.run.options.same().wait(place, &row.result);
                self.run.number_attempt(&mut row);
                self.run.sink.row(place, row);
            }
        }
    }

    /// Hands over what was held; returns the places of rows that another format told.
    pub(super) fn settle(self) -> Result<HashSet<usize>, SinkError> {
        let Some(held) = self.held else {
            self.run.options.same().settle(FORMAT);
            return Ok(HashSet::new());
        };
        let mut held = held.into_inner().unwrap_or_else(PoisonError::into_inner);
        held.sort_unstable_by_key(|(place, _)| *place);
        let told = leave_out(self.run, &mut held);
        let mut rows = held.into_iter().peekable();
        while let Some((first, _)) = rows.peek() {
            let end = first + CHUNK;
            let chunk: Vec<(usize, Row)> =
                std::iter::from_fn(|| rows.next_if(|(place, _)| *place < end)).collect();
            let handed = chunk.into_par_iter();
            handed.for_each(|(place, row)| self.run.sink.row(place, row));
            self.run.sink.flush(end)?;
        }
        Ok(told)
    }
}

/// Leaves out tests, with all their attempts, that another format told; returns the places of these.
fn leave_out(run: &Run<'_>, held: &mut Vec<(usize, Row)>) -> HashSet<usize> {
    let all: Vec<Attempt> = held
        .iter()
        .map(|(_, row)| Attempt::of(&row.result))
        .collect();
    let mut told = HashSet::new();
    for group in of_tests(&all) {
        let deciding = &mut held[group[group.len() - 1]].1;
        let mut rows = vec![std::mem::take(deciding)];
        run.take_same(FORMAT, &mut rows);
        match rows.pop() {
            Some(row) => *deciding = row,
            None => told.extend(group.iter().map(|at| held[*at].0)),
        }
    }
    held.retain(|(place, _)| !told.contains(place));
    held.iter_mut().for_each(|(_, row)| run.number_attempt(row));
    told
}
