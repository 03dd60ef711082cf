//! What a tester does: a case's steps with shared steps in place and parameters filled in.

use super::executed::SharedByPath;
use super::parameters::substituted;
use crate::base::path as paths;
use crate::model::{Case, ScenarioStep};
use crate::store::Doc;

/// How deep shared steps may include others; beyond it, and in a cycle, a link stays a link.
const DEPTH_MAX: usize = 16;

/// A case as somebody executes it; all texts are Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub description: String,
    pub preconditions: String,
    /// Each step before its own steps.
    pub steps: Vec<ScriptStep>,
    /// What the section of steps says outside its list.
    pub remarks: String,
    pub postconditions: String,
    /// Further sections by their headings, as a charter's `Mission`.
    pub other: Vec<(String, String)>,
}

impl Script {
    /// Returns what is read before the first step, by the headings that it stands below: one that is empty is
    /// the case's own.
    pub fn before(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = [
            ("", self.description.as_str()),
            ("Preconditions", &self.preconditions),
        ];
        let own = own.into_iter().filter(|(_, text)| !text.is_empty());
        own.chain(self.beside())
    }

    /// Returns what is neither description, preconditions, steps nor postconditions, as [`before`](Self::before).
    pub fn beside(&self) -> impl Iterator<Item = (&str, &str)> {
        let other = self.other.iter();
        let other = other.map(|(heading, text)| (heading.as_str(), text.as_str()));
        let all = std::iter::once(("", self.remarks.as_str())).chain(other);
        all.filter(|(_, text)| !text.is_empty())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptStep {
    /// The place among all: `2`, `2.1`.
    pub number: String,
    /// How many steps it is part of.
    pub depth: usize,
    pub action: String,
    pub expected: Option<String>,
    pub data: Option<String>,
    /// The title of the shared steps that it comes from.
    pub shared: Option<String>,
}

/// Returns what a tester does for a case and one row of its parameters.
pub fn script(case: &Doc<Case>, shared: &SharedByPath<'_>, set: &[(String, String)]) -> Script {
    let scenario = &case.value.scenario;
    let fill = |text: &str| substituted(text.trim(), set);
    let mut walk = Walk {
        shared,
        set,
        steps: Vec::new(),
    };
    let mut count = 0;
    walk.add(&scenario.steps, &mut count, &Below::top(&case.path));
    Script {
        description: fill(&scenario.description),
        preconditions: fill(&scenario.preconditions),
        steps: walk.steps,
        remarks: fill(&scenario.remarks),
        postconditions: fill(&scenario.postconditions),
        other: { scenario.other.iter() }
            .map(|(heading, text)| (heading.clone(), fill(text)))
            .collect(),
    }
}

struct Walk<'a> {
    shared: &'a SharedByPath<'a>,
    set: &'a [(String, String)],
    steps: Vec<ScriptStep>,
}

/// Where steps stand.
#[derive(Clone, Debug)]
struct Below<'a> {
    /// The file that links are relative to.
    path: &'a str,
    /// What numbers begin with.
    prefix: String,
    depth: usize,
    /// The title of the shared steps around.
    title: Option<&'a str>,
    /// The shared steps that were entered to get here.
    within: Vec<&'a str>,
}

impl<'a> Below<'a> {
    fn top(path: &'a str) -> Self {
        Self {
            path,
            prefix: String::new(),
            depth: 0,
            title: None,
            within: Vec::new(),
        }
    }
}

impl<'a> Walk<'a> {
    fn add(&mut self, steps: &'a [ScenarioStep], count: &mut usize, below: &Below<'a>) {
        for step in steps {
            if let Some(inner) = self.enter(step, below) {
                let (steps, below) = inner;
                self.add(steps, count, &below);
                continue;
            }
            *count += 1;
            let number = format!("{}{count}", below.prefix);
            let fill = |text: &str| substituted(text.trim(), self.set);
            self.steps.push(ScriptStep {
                depth: below.depth,
                action: fill(&step.action),
                expected: step.expected.as_deref().map(fill),
                data: step.data.as_deref().map(fill),
                shared: below.title.map(str::to_owned),
                number: number.clone(),
            });
            let inner = Below {
                prefix: format!("{number}."),
                depth: below.depth + 1,
                ..below.clone()
            };
            self.add(&step.steps, &mut 0, &inner);
        }
    }

    /// The shared steps that stand in a step's place, and where they stand.
    fn enter(
        &self,
        step: &ScenarioStep,
        below: &Below<'a>,
    ) -> Option<(&'a [ScenarioStep], Below<'a>)> {
        let path = paths::resolve(below.path, step.shared.as_deref()?)?;
        let (key, doc) = self.shared.get_key_value(path.as_str())?;
        if below.within.len() >= DEPTH_MAX || below.within.contains(key) {
            return None;
        }
        let mut within = below.within.clone();
        within.push(key);
        let inner = Below {
            path: &doc.path,
            title: Some(&doc.value.title),
            within,
            ..below.clone()
        };
        Some((&doc.value.scenario.steps, inner))
    }
}

impl Script {
    /// Returns the steps that are answered, in the order in which they are: a step that has steps of its own
    /// after these, and only where it says what is expected; else these answer for it.
    pub fn questions(&self) -> Vec<usize> {
        let depths: Vec<usize> = self.steps.iter().map(|step| step.depth).collect();
        questions(&depths, |at| self.steps[at].expected.is_some())
    }
}

/// Returns the places that are asked for, of steps with these depths.
pub fn questions(depths: &[usize], says_expected: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut out = Vec::new();
    // Steps whose own steps are not through yet.
    let mut around: Vec<usize> = Vec::new();
    for (at, depth) in depths.iter().enumerate() {
        while around.last().is_some_and(|outer| depths[*outer] >= *depth) {
            out.extend(around.pop().filter(|outer| says_expected(*outer)));
        }
        let has_steps = depths.get(at + 1).is_some_and(|next| next > depth);
        match has_steps {
            true => around.push(at),
            false => out.push(at),
        }
    }
    while let Some(outer) = around.pop() {
        out.extend(Some(outer).filter(|outer| says_expected(*outer)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{parse_case, parse_steps};

    fn steps(body: &str) -> Script {
        let shared = "---\ntitle: Sign in as {who}\n---\n\n## Steps\n\n1. Open the page.\n\
                      1. Give the name {who}.\n   - **Expected:** nothing is shown in clear.\n\
                      1. [again](sign-in.md)\n";
        let (shared, _) = parse_steps("projects/a/steps/sign-in.md", shared.into());
        let shared = shared.expect("it reads");
        let text =
            format!("---\nid: A-1\ntitle: X\nparameters: {{who: [eve]}}\n---\n\nWhy.\n\n{body}");
        let (case, _) = parse_case("projects/a/cases/x.md", text.into());
        let set = [("who".to_owned(), "eve".to_owned())];
        let by_path = [(shared.path.as_str(), &shared)].into_iter().collect();
        script(&case.expect("it reads"), &by_path, &set)
    }

    #[test]
    fn shared_steps_stand_in_place_and_values_are_filled_in() {
        let script = steps(
            "## Steps\n\n1. [Sign in](../steps/sign-in.md)\n1. Look.\n   1. Closer at {who}.\n   1. Again.\n\
             \x20  - **Expected:** it is there.\n",
        );
        let shown: Vec<String> = script
            .steps
            .iter()
            .map(|step| format!("{} {}", step.number, step.action))
            .collect();
        assert_eq!(
            shown,
            [
                "1 Open the page.",
                "2 Give the name eve.",
                "3 [again](sign-in.md)",
                "4 Look.",
                "4.1 Closer at eve.",
                "4.2 Again."
            ]
        );
        assert_eq!(script.description, "Why.");
        assert_eq!(script.steps[0].shared.as_deref(), Some("Sign in as {who}"));
        assert_eq!(script.steps[4].shared, None);
        assert_eq!(script.questions(), [0, 1, 2, 4, 5, 3]);
    }

    #[test]
    fn steps_with_steps_are_asked_last_or_not() {
        let none = |_: usize| false;
        assert_eq!(questions(&[0, 1, 2, 0], none), [2, 3]);
        assert_eq!(questions(&[0, 1, 2, 0], |_| true), [2, 1, 0, 3]);
        assert_eq!(questions(&[], none), [] as [usize; 0]);
        assert_eq!(questions(&[0, 0], none), [0, 1]);
    }
}
