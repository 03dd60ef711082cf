//! What a case says is done: its steps, and how its text differs from what was executed last.

use similar::{ChangeTag, TextDiff};

use crate::base::path;
use crate::model::ScenarioStep;
use crate::site::build::context::Context;
use crate::site::input::CaseInput;
use crate::site::markdown::to_inline_html;
use crate::site::view::case::{DiffLine, ExecutedNote, StepView};
use crate::site::words;

/// How deep shared steps may include others.
const DEPTH: usize = 8;
/// The most lines of a text that is compared.
const DIFF: usize = 1_000;

/// Numbers steps and expands shared ones in place.
pub(super) fn steps(
    context: &Context<'_>,
    steps: &[ScenarioStep],
    from: &str,
    above: &str,
    depth: usize,
) -> Vec<StepView> {
    steps
        .iter()
        .enumerate()
        .map(|(n, step)| {
            let number = format!("{above}{}", n + 1);
            let below = format!("{number}.");
            let target = step
                .shared
                .as_ref()
                .and_then(|link| path::resolve(from, link));
            let shared = target
                .filter(|_| depth < DEPTH)
                .and_then(|path| context.project.shared_steps.get_key_value(&path));
            let html =
                |text: &Option<String>| text.as_deref().map_or(String::new(), to_inline_html);
            StepView {
                action_html: to_inline_html(&step.action),
                expected_html: html(&step.expected),
                data_html: html(&step.data),
                shared: shared.map(|(path, shared)| {
                    let title = if shared.title.is_empty() {
                        path
                    } else {
                        &shared.title
                    };
                    words::line(title)
                }),
                steps: match shared {
                    Some((path, shared)) => {
                        self::steps(context, &shared.scenario.steps, path, &below, depth + 1)
                    }
                    None => self::steps(context, &step.steps, from, &below, depth + 1),
                },
                number,
            }
        })
        .collect()
}

/// Says whether the text changed since it was last executed, and how where both texts are kept.
pub(super) fn executed(context: &Context<'_>, input: &CaseInput<'_>) -> Option<ExecutedNote> {
    let now = input.digest.as_ref()?;
    let launches = context.project.launches.iter().enumerate().rev();
    let (number, then) = launches
        .filter(|(number, _)| context.superseded[*number].is_none())
        .find_map(|(number, launch)| Some((number, launch.cases.get(&input.case.id)?)))?;
    let changed = !then
        .trim_start_matches("sha256:")
        .eq(now.trim_start_matches("sha256:"));
    let texts = context
        .project
        .executed
        .get(then)
        .zip(input.text.as_ref())
        .filter(|_| changed);
    Some(ExecutedNote {
        launch: words::line(&context.project.launches[number].file.name),
        href: context.launch_href(number, "../"),
        changed,
        lines: texts.map_or_else(Vec::new, |(old, new)| diff(old, new)),
    })
}

/// Compares two texts line by line.
fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len() > DIFF || new.len() > DIFF {
        return Vec::new();
    }
    let line = |change: similar::Change<&str>| DiffLine {
        kind: match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Delete => "removed",
            ChangeTag::Insert => "added",
        },
        text: words::clean(change.value(), 2_000),
    };
    let diff = TextDiff::from_slices(&old, &new);
    diff.iter_all_changes().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_was_put_in_and_taken_out() {
        let kinds: Vec<_> = diff("a\nb\nc", "a\nx\nc\nd")
            .into_iter()
            .map(|l| (l.kind, l.text))
            .collect();
        let kinds: Vec<_> = kinds.iter().map(|(k, t)| (*k, t.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("same", "a"),
                ("removed", "b"),
                ("added", "x"),
                ("same", "c"),
                ("added", "d")
            ]
        );
    }
}
