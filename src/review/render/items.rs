//! What CI services show: each change at a place of a file, as an annotation or a result of a scan.

use std::collections::HashMap;

use super::words::{self, Group};
use crate::base::path::join;
use crate::base::text::sanitize_line;
use crate::diag::render::{Item as Shown, Level, SarifRule};
use crate::diag::{LineIndex, Position, Sources};
use crate::integrity::{self, Violation};
use crate::review::{
    Brief, Change, Effect, Impact, Item, Kind, Place, Reach, Side, State, Subject,
};
use crate::store::WORKSPACE_FILE;

/// What counts as an error; altered launches and what roles don't allow always do.
#[derive(Clone, Debug, Default)]
pub struct Strict {
    pub effects: Vec<Effect>,
    /// Cases that nobody approved as they are.
    pub unreviewed: bool,
}

/// Codes beside those of kinds and of violations.
const UNREVIEWED: (&str, &str) = ("unreviewed", "a case is not approved as it is now");
const CLOSED: (&str, &str) = ("launch-closed", "a launch was closed");

/// Makes an item of each thing to tell, most important first. Paths are from the repository's root; `sources`
/// are the texts of the head.
pub fn items(brief: &Brief, prefix: &str, sources: &Sources, strict: &Strict) -> Vec<Shown> {
    // Backwards, so that the first of equal ones stays.
    let by_id = brief.review.items.iter().rev().map(|item| {
        let subject = &item.subject;
        ((subject.project.as_str(), subject.id.as_str()), item)
    });
    let mut maker = Maker {
        prefix,
        sources,
        strict,
        lines: HashMap::new(),
        items: by_id.collect(),
    };
    let mut out = Vec::new();
    for group in words::groups(brief) {
        match &group {
            Group::Violations(_, all) => out.extend(all.iter().map(|one| maker.violation(one))),
            Group::Changes(_, all) => {
                out.extend(all.iter().map(|(item, change)| maker.change(item, change)));
            }
            Group::Impact(_, all) => out.extend(all.iter().map(|one| maker.impact(one))),
            Group::Unapproved(all) => out.extend(all.iter().map(|one| maker.unapproved(one))),
            Group::Closings(all) => out.extend(all.iter().map(|one| {
                let (name, launch) = (words::called(&one.name, words::NAME), words::launch(one));
                let message = format!("launch {name} ({launch}) was closed: {}", one.verdict);
                maker.item(CLOSED, Level::Note, &one.path, message)
            })),
            // What differs in wording alone is nothing to annotate.
            Group::Editorial(_) => {}
        }
    }
    out
}

struct Maker<'a> {
    prefix: &'a str,
    sources: &'a Sources,
    strict: &'a Strict,
    lines: HashMap<String, LineIndex>,
    /// By project and id; where several things share one, the one that is told first.
    items: HashMap<(&'a str, &'a str), &'a Item>,
}

impl<'a> Maker<'a> {
    fn item(&self, (code, name): (&str, &str), level: Level, path: &str, message: String) -> Shown {
        // Each reader asks for a file below its root and for words.
        let path = match path.trim_start_matches('/') {
            "" => WORKSPACE_FILE,
            path => path,
        };
        let message = match sanitize_line(&message) {
            blank if blank.trim().is_empty() => name.to_owned(),
            message => message,
        };
        Shown {
            code: code.to_owned(),
            name: name.to_owned(),
            level,
            path: join(self.prefix, path),
            range: None,
            message,
            help: None,
        }
    }

    fn violation(&self, violation: &Violation) -> Shown {
        let code = violation.kind.as_str();
        let name = violation_says(violation.kind);
        let path = violation.path.as_str();
        let own = path.strip_prefix(self.prefix);
        let own = own.map(|rest| rest.trim_start_matches('/'));
        let launch = violation.launch.as_deref();
        let launch = launch.map(|id| format!("launch {}: ", sanitize_line(id)));
        let commit = violation
            .commit
            .map(|id| format!(" (commit {})", id.short()));
        let message = format!(
            "{}{}{}",
            launch.unwrap_or_default(),
            violation.message,
            commit.unwrap_or_default()
        );
        let mut item = self.item((code, name), Level::Error, own.unwrap_or_default(), message);
        if own.is_none() {
            item.path = path.trim_start_matches('/').to_owned();
        }
        item.help = Some(violation_help(violation.kind).to_owned());
        item
    }

    /// A place that is no longer there is shown at the file that is, else at the file as it was called.
    fn change(&mut self, item: &Item, change: &Change) -> Shown {
        let kind = (change.kind.as_str(), change.kind.says());
        let level = match change.effect {
            effect if self.strict.effects.contains(&effect) => Level::Error,
            Effect::Weakens | Effect::Rules => Level::Warning,
            Effect::Changes | Effect::Strengthens => Level::Note,
        };
        let (name, place) = (words::name(&item.subject), &change.place);
        let was = match (place.side, item.state) {
            (Side::Head, _) | (_, State::Removed) => String::new(),
            _ if place.path == item.path => format!(" (it stood in line {})", place.line),
            _ => format!(" (it stood in line {} of `{}`)", place.line, place.path),
        };
        let message = format!("{name}: {}{was}", change.sentence);
        let is_here = place.side == Side::Head && item.state != State::Removed;
        let path = match is_here && !place.path.is_empty() {
            true => &place.path,
            false => &item.path,
        };
        let mut shown = self.item(kind, level, path, message);
        shown.range = is_here.then(|| self.range(place)).flatten();
        shown
    }

    fn impact(&mut self, impact: &Impact) -> Shown {
        let cases = words::concerned(impact).map(|cases| format!(" ({cases})"));
        let message = format!("{}{}", impact.sentence, cases.unwrap_or_default());
        // A consequence without a place stands at the first case that it concerns.
        let changed = impact
            .cases
            .first()
            .and_then(|id| self.path(&impact.project, id));
        let changed = changed.map(str::to_owned);
        let path = impact.place.as_ref().map(|place| place.path.clone());
        let path = path.or(changed).unwrap_or_default();
        let reach = (reach_code(impact.reach), reach_says(impact.reach));
        let mut shown = self.item(reach, Level::Note, &path, message);
        let place = impact
            .place
            .as_ref()
            .filter(|place| place.side == Side::Head);
        shown.range = place.and_then(|place| self.range(place));
        shown
    }

    fn unapproved(&self, subject: &Subject) -> Shown {
        let level = match self.strict.unreviewed {
            true => Level::Error,
            false => Level::Note,
        };
        let path = self.path(&subject.project, &subject.id);
        let message = format!("{} is not approved as it is now", words::name(subject));
        let mut shown = self.item(UNREVIEWED, level, path.unwrap_or_default(), message);
        shown.help = Some(format!("`tallybook approve {}`", words::id(subject)));
        shown
    }

    fn path(&self, project: &str, id: &str) -> Option<&'a str> {
        let item = self.items.get(&(project, id))?;
        Some(&item.path)
    }

    /// Returns the whole line of a place; none of a file that is not documentation.
    fn range(&mut self, place: &Place) -> Option<(Position, Position)> {
        let text = self.sources.get(&place.path)?;
        if !self.lines.contains_key(&place.path) {
            let lines = LineIndex::new(text);
            self.lines.insert(place.path.clone(), lines);
        }
        let lines = &self.lines[&place.path];
        let start = lines.line_start(place.line)?;
        let line = text[start..].lines().next().unwrap_or_default();
        let end = lines.position(text, start + line.len());
        Some((lines.position(text, start), end))
    }
}

fn violation_says(kind: integrity::Kind) -> &'static str {
    match kind {
        integrity::Kind::NotAllowed => "a role does not allow this",
        kind if kind.is_completeness() => "evidence is lacking",
        _ => "a closed launch was altered",
    }
}

fn violation_help(kind: integrity::Kind) -> &'static str {
    match kind {
        integrity::Kind::NotAllowed => {
            "let somebody do it whose role allows it, or have an owner change the role first"
        }
        _ => {
            "`tallybook verify` says more; put back what was closed, or have an owner answer for it: \
             `tallybook launch acknowledge`"
        }
    }
}

fn reach_code(reach: Reach) -> &'static str {
    match reach {
        Reach::OpenLaunch => "open-launch",
        Reach::StaleResult => "stale-result",
        Reach::LastResult => "last-result",
        Reach::Plan => "plan",
        Reach::Dashboard => "dashboard",
        Reach::Requirement => "requirement",
        Reach::Product => "product",
    }
}

fn reach_says(reach: Reach) -> &'static str {
    match reach {
        Reach::OpenLaunch => "an open launch was planned with what changed",
        Reach::StaleResult => "a manual result is of a text that is no longer the case's",
        Reach::LastResult => "what changed did not pass last, or is flaky",
        Reach::Plan => "a plan selects what changed",
        Reach::Dashboard => "a dashboard counts what changed",
        Reach::Requirement => "a requirement is covered by what changed",
        Reach::Product => "files of the product changed with cases, or without them",
    }
}

/// Returns a rule for each code that an item may have.
pub fn rules() -> Vec<SarifRule> {
    let kinds = Kind::ALL.iter().map(|kind| (kind.as_str(), kind.says()));
    let reach = Reach::ALL.map(|reach| (reach_code(reach), reach_says(reach)));
    let rule = |(code, says): (&str, &str), help: &str| {
        let mut chars = says.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string());
        let says = format!("{}{}.", first.unwrap_or_default(), chars.as_str());
        SarifRule {
            id: code.to_owned(),
            name: code.to_owned(),
            description: format!("{says} {help}"),
            help: format!("# `{code}`\n\n{says} {help}\n"),
            summary: says,
        }
    };
    let of_changes = "`tallybook review` says what a change means for testing, what weakens it first. \
                      It is for whoever reviews the change to find it right: nothing has to be wrong.";
    let mut out: Vec<SarifRule> = kinds
        .chain(reach)
        .chain([UNREVIEWED, CLOSED])
        .map(|said| rule(said, of_changes))
        .collect();
    out.extend(integrity::Kind::ALL.iter().map(|kind| {
        let help = violation_help(*kind);
        rule(
            (kind.as_str(), violation_says(*kind)),
            &format!("What to do: {help}."),
        )
    }));
    out
}
