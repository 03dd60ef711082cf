//! Subtests in braces: the point that opens them is their suite.

use super::words::{describe, is_point};
use super::{Level, Reader};
use crate::ingest::SinkError;
use crate::ingest::gather::Gather;

impl Reader {
    /// Opens and closes subtests in braces; returns true where the line is but a brace.
    pub(super) fn of_brace(
        &mut self,
        gather: &mut Gather<'_>,
        trimmed: &str,
        indent: usize,
    ) -> Result<bool, SinkError> {
        let alone = trimmed == "{";
        if let Some(waiting) = &self.waiting {
            let own = waiting.level * 4;
            let is_tap = ["1..", "# Subtest", "TAP version "]
                .iter()
                .any(|start| trimmed.starts_with(start));
            let follows = waiting.brace && indent > own && (is_tap || is_point(trimmed));
            // With a block of YAML before it, the brace has a line of its own.
            if follows || alone && indent == own {
                self.enter();
                return Ok(alone);
            }
        }
        let closes = trimmed
            .strip_prefix('}')
            .is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('#'));
        let level = self.open.last().map(|point| point.level);
        if closes && level.is_some_and(|level| indent == level * 4) {
            self.flush(gather)?;
            self.leave(describe(&trimmed[1..]).2);
            return Ok(true);
        }
        Ok(false)
    }

    /// Enters the subtest of the point that waits.
    fn enter(&mut self) {
        let Some(mut point) = self.waiting.take() else {
            return;
        };
        self.block = None;
        let level = point.level + 1;
        self.levels.truncate(level);
        self.levels.push(Level {
            name: Some(point.name.clone()),
            output: std::mem::take(&mut point.output),
            ..Level::default()
        });
        self.open.push(point);
    }

    /// Leaves the innermost subtest in braces: its point waits again.
    pub(super) fn leave(&mut self, duration: Option<u64>) {
        let Some(mut point) = self.open.pop() else {
            return;
        };
        let level = point.level + 1;
        if self.levels.len() > level {
            self.levels.truncate(level + 1);
            point.suite = self.levels.pop();
        }
        while self.levels.len() < level {
            self.levels.push(Level::default());
        }
        point.duration = point.duration.or(duration);
        self.waiting = Some(point);
    }

    /// Leaves subtests in braces that a point at this level can't stand in: nothing closed them.
    pub(super) fn leave_unclosed(
        &mut self,
        gather: &mut Gather<'_>,
        level: usize,
    ) -> Result<(), SinkError> {
        while let Some(point) = self.open.last().filter(|point| point.level >= level) {
            gather.fault(format!(
                "`{}` is opened by a brace and not closed",
                point.name
            ));
            self.leave(None);
            self.flush(gather)?;
        }
        Ok(())
    }
}
