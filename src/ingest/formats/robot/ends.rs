//! How the tear-downs of suites ended, which their tests do not say.

use super::step;
use crate::ingest::gather::{Gather, Stop};
use crate::ingest::times::Durations;
use crate::ingest::xml::{self, Element, Enter, Visit};
use crate::ingest::{SinkError, limits};
use crate::model::{Status, TestResult};

/// How the tear-down of a suite ended, where it did not pass: its tests end like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Failed(String),
    Skipped(String),
}

/// A first reading, since the tear-down of a suite comes after its tests: how those of all suites
/// ended, in the order in which suites begin.
#[derive(Default)]
pub(super) struct Ends {
    suites: Vec<Option<End>>,
    open: Vec<usize>,
    durations: Durations,
}

impl Ends {
    pub(super) fn of(gather: &mut Gather<'_>) -> Result<Vec<Option<End>>, Stop> {
        let mut ends = Self::default();
        let replaced = gather.replaced;
        xml::read(gather, &mut ends)?;
        gather.replaced = replaced;
        Ok(ends.suites)
    }
}

impl Visit for Ends {
    fn enter(&mut self, _: &mut Gather<'_>, element: &Element) -> Enter {
        match element.name.as_str() {
            "suite" => {
                self.open.push(self.suites.len());
                self.suites.push(None);
                Enter::Open
            }
            "kw" if is_tear_down(element) => Enter::Take,
            "kw" | "test" | "statistics" | "errors" | "meta" | "metadata" | "status" | "msg"
            | "doc" | "tag" => Enter::Skip,
            _ => Enter::Open,
        }
    }

    fn take(&mut self, _: &mut Gather<'_>, element: Element) -> Result<(), SinkError> {
        let step = step(&mut self.durations, &element, limits::XML_DEPTH);
        let place = self.open.last().and_then(|at| self.suites.get_mut(*at));
        if let Some((step, place)) = step.zip(place) {
            let said = step.message.unwrap_or_default();
            let status = element.child("status");
            match status.and_then(|status| status.attribute("status")) {
                Some("FAIL") => *place = Some(End::Failed(said)),
                Some("SKIP") => *place = Some(End::Skipped(said)),
                _ => {}
            }
        }
        Ok(())
    }

    fn leave(&mut self, _: &mut Gather<'_>, name: &str) -> Result<(), SinkError> {
        if name == "suite" {
            self.open.pop();
        }
        Ok(())
    }
}

pub(super) fn is_tear_down(element: &Element) -> bool {
    let kind = element.attribute("type");
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("teardown"))
}

/// Takes over how the tear-down of a suite ended, as Robot does; a test that failed stays so. What
/// rebot wrote says it already.
pub(super) fn end_like(result: &mut TestResult, end: &End) {
    let old = result.message.take().unwrap_or_default();
    let told =
        old.contains("arent suite teardown failed:\n") || old.contains("in parent suite teardown:");
    result.message = Some(match end {
        _ if told => old,
        End::Failed(said) if old.is_empty() => format!("Parent suite teardown failed:\n{said}"),
        End::Failed(said) => format!("{old}\n\nAlso parent suite teardown failed:\n{said}"),
        End::Skipped(said) if old.is_empty() => {
            format!("Skipped in parent suite teardown:\n{said}")
        }
        End::Skipped(_) => old,
    });
    if result.status == Status::Passed {
        result.status = match end {
            End::Failed(_) => Status::Broken,
            End::Skipped(_) => Status::Skipped,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_end_like_the_tear_down_of_their_suites() {
        use crate::ingest::tests::{file, read};
        let kw = |kind: &str, word: &str, said: &str| {
            format!("<kw name='K' type='{kind}'><status status='{word}'>{said}</status></kw>")
        };
        let test = |name: &str, word: &str, said: &str| {
            format!("<test name='{name}'><status status='{word}'>{said}</status></test>")
        };
        let down = kw("TEARDOWN", "FAIL", "no db");
        let text = format!(
            "<robot generator='Robot 7'><suite name='R'><suite name='A'>{}{}{}{}{down}<status status='FAIL'/></suite>\
             <suite name='B'>{}{}</suite><suite name='C'>{}{}</suite></suite></robot>",
            test("p", "PASS", ""),
            test("f", "FAIL", "1 != 2"),
            test("s", "SKIP", "why"),
            test("r", "FAIL", "Parent suite teardown failed:\nno db"),
            test("q", "PASS", ""),
            kw("TEARDOWN", "SKIP", "off"),
            test("only", "SKIP", "why"),
            kw("TEARDOWN", "FAIL", "c"),
        );
        let (_, rows) = read(&file("output.xml", text));
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.result.name.as_str(),
                    row.result.status,
                    row.result.message.as_deref().unwrap_or_default(),
                )
            })
            .collect();
        let also = "why\n\nAlso parent suite teardown failed:\nc";
        assert_eq!(
            told,
            [
                ("p", Status::Broken, "Parent suite teardown failed:\nno db"),
                (
                    "f",
                    Status::Failed,
                    "1 != 2\n\nAlso parent suite teardown failed:\nno db"
                ),
                (
                    "s",
                    Status::Skipped,
                    "why\n\nAlso parent suite teardown failed:\nno db"
                ),
                ("r", Status::Broken, "Parent suite teardown failed:\nno db"),
                (
                    "q",
                    Status::Skipped,
                    "Skipped in parent suite teardown:\noff"
                ),
                ("only", Status::Skipped, also),
                // No test of the suite is red.
                ("C (tear-down)", Status::Broken, "c"),
            ]
        );
    }
}
