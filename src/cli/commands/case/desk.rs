//! What changes of cases have in common: what they are made on, and how they are carried out.

use std::collections::{BTreeMap, BTreeSet};

use crate::author::case::{CaseChange, CaseError, SettingError, find_case};
use crate::base::text::{count, sanitize, sanitize_line, ticked};
use crate::cli::change::{BranchArg, Onto, carry_out};
use crate::cli::commands::approve::chosen::{Named, named};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg, store_error};
use crate::cli::ui::Ui;
use crate::diag::{Finding, Severity};
use crate::git::{ChangeSet, Content, Edit};
use crate::model::Case;
use crate::store::{Doc, Loaded, Project, Snapshot};
use crate::validate;

/// Whether and where a change is written.
#[derive(Debug, clap::Args)]
pub(super) struct WriteArgs {
    #[command(flatten)]
    pub(super) branch: BranchArg,
    /// Show what would change, as a difference, and write nothing
    #[arg(short = 'n', long)]
    pub(super) dry_run: bool,
}

/// The workspace that a change is made on: the working tree, or HEAD's commit where a branch is to start
/// there.
pub(super) struct Desk {
    pub(super) place: Place,
    pub(super) at: AtArg,
    pub(super) snapshot: Snapshot,
    pub(super) loaded: Loaded,
}

impl Desk {
    pub(super) fn open(ctx: &Context, branch: &BranchArg) -> Result<Self, CommandError> {
        let place = Place::find(ctx)?;
        if branch.branch.is_none() && place.repo.as_ref().is_some_and(|repo| repo.is_bare()) {
            let error = CommandError::usage("a bare repository has no working tree");
            return Err(error.hint("`--branch NAME` makes the change on a new branch"));
        }
        let at = AtArg {
            at: branch.branch.as_ref().map(|_| "HEAD".to_owned()),
        };
        let snapshot = place.documentation(&at)?;
        let loaded = place::load(&snapshot)?;
        Ok(Self {
            place,
            at,
            snapshot,
            loaded,
        })
    }

    /// Returns the project that was named, else the only one that has the case, and the case.
    pub(super) fn case(
        &self,
        ctx: &Context,
        word: &str,
        named: &ProjectArg,
    ) -> Result<(&Project, &Doc<Case>), CommandError> {
        case_of(&self.loaded, &case_word(ctx, &self.place, word)?, named)
    }
}

/// Returns what a word names a case by: the word, or the path of a file relative to the workspace.
pub(super) fn case_word(ctx: &Context, place: &Place, word: &str) -> Result<String, CommandError> {
    Ok(match named(ctx, place, word)? {
        Named::Id(word) | Named::Path(word) => word,
    })
}

/// Returns the project that was named, else the only one that has the case, and the case.
pub(super) fn case_of<'w>(
    loaded: &'w Loaded,
    id: &str,
    named: &ProjectArg,
) -> Result<(&'w Project, &'w Doc<Case>), CommandError> {
    let workspace = &loaded.workspace;
    if named.project.is_none() {
        let known = workspace.projects.iter();
        let mut having = known.filter_map(|project| Some((project, find_case(project, id).ok()?)));
        if let (Some(only), None) = (having.next(), having.next()) {
            return Ok(only);
        }
    }
    let project = place::project(workspace, named)?;
    let found = find_case(project, id).map_err(|error| unread(loaded, project, error))?;
    Ok((project, found))
}

/// A case that is not found may be one of a file that does not read.
fn unread(loaded: &Loaded, project: &Project, error: CaseError) -> CommandError {
    let folder = format!("{}/cases/", project.path);
    let wrong = loaded.findings.iter();
    let wrong = wrong.filter(|wrong| {
        let known = project.cases.iter().any(|doc| doc.path == wrong.path);
        wrong.path.starts_with(&folder) && !known
    });
    let paths: BTreeSet<&str> = wrong.map(|wrong| wrong.path.as_str()).collect();
    let paths: Vec<&str> = paths.into_iter().take(3).collect();
    let error = case_error(error);
    match paths.as_slice() {
        [] => error,
        paths => error.hint(format!(
            "{} {} not read; `tallybook validate` says why",
            ticked(paths, "and"),
            if paths.len() == 1 { "does" } else { "do" }
        )),
    }
}

pub(super) fn case_error(error: CaseError) -> CommandError {
    let hint = match &error {
        CaseError::Unknown { .. } | CaseError::NoOther { .. } => {
            Some("`tallybook case list` shows all cases")
        }
        CaseError::Several { .. } => Some("give each case an id of its own"),
        CaseError::NoTitle => Some("give it one: `--title TITLE`"),
        CaseError::NoKey(_) => Some("set `key:` in its `project.yaml`, as `SHOP`"),
        CaseError::Conflict { .. } => Some("resolve it first; nothing was written"),
        CaseError::Uneditable { .. } => Some(
            "write each of its keys on a line of its own, without anchors and braces around all, or edit it by hand",
        ),
        CaseError::Taken { .. } => Some("choose another name"),
        CaseError::Setting(SettingError::Field { name, suggestion }) => {
            let own = "a field of the project's own is declared under `fields:` in `project.yaml`";
            elsewhere(name).or(suggestion.is_none().then_some(own))
        }
        CaseError::Title { .. }
        | CaseError::Name { .. }
        | CaseError::Itself(_)
        | CaseError::Setting(_) => None,
    };
    let error = CommandError {
        kind: ErrorKind::Usage,
        ..CommandError::from(error)
    };
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Says which command does what can't be set.
fn elsewhere(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "section" | "path" | "file" | "folder" => Some("`tallybook case move` moves cases"),
        "link" | "links" | "issue" | "issues" | "requirement" | "requirements" | "relation"
        | "relations" => Some("`tallybook case link` links cases"),
        "id" => Some("an id stays for ever: `aliases+=ID` adds another one"),
        "approved" | "approval" => Some("`tallybook approve` approves cases"),
        _ => None,
    }
}

/// How many lines of what was done are shown.
const LINES: usize = 50;

/// Carries a change of cases out, or shows it. Refuses what would leave a file wrong that was right, and
/// to write over what changed meanwhile.
pub(super) fn finish(
    ui: &mut Ui,
    ctx: &Context,
    desk: &Desk,
    args: &WriteArgs,
    change: &CaseChange,
) -> Result<Exit, CommandError> {
    let changes = &change.changes;
    if changes.edits.is_empty() {
        for line in change.said.iter().take(LINES) {
            ui.status(line);
        }
        ui.status("nothing changes");
        return Ok(Exit::Fine);
    }
    judge(ui, ctx, desk, changes)?;
    let many = count(change.cases.len() as u64, "case");
    let is_new = |edit: &Edit| desk.loaded.sources.get(&edit.path).is_none();
    let verb = match changes.edits.iter().all(is_new) {
        true => "added",
        false => "changed",
    };
    let (summary, lines) = match change.said.as_slice() {
        [only] => (only.clone(), &[][..]),
        all => (format!("{verb} {many}"), all),
    };
    for line in lines.iter().take(LINES) {
        ui.status(line);
    }
    if lines.len() > LINES {
        ui.status(format!("… and {} more", lines.len() - LINES));
    }
    if args.dry_run {
        ui.out_raw(difference(desk, changes)?);
        let files = count(changes.edits.len() as u64, "file");
        ui.status(format!("{summary}: {files}, and nothing was written"));
        return Ok(Exit::Fine);
    }
    let onto = Onto {
        place: &desk.place,
        branch: &args.branch,
        read: &desk.loaded.sources,
    };
    carry_out(ui, ctx, onto, changes, &summary)?;
    Ok(Exit::Fine)
}

/// Refuses a change that leaves errors which were not there, and says new warnings.
fn judge(ui: &mut Ui, ctx: &Context, desk: &Desk, changes: &ChangeSet) -> Result<(), CommandError> {
    let before = validate::check(&desk.snapshot, ctx.now).map_err(store_error)?;
    let after = desk.snapshot.changed(changes).map_err(store_error)?;
    let after = validate::check(&after, ctx.now).map_err(store_error)?;
    let new = new_findings(&before.findings, &after.findings);
    let errors: Vec<&&Finding> = { new.iter() }
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    let Some(first) = errors.first() else {
        for finding in new.iter().take(LINES) {
            let path = &finding.path;
            ui.warn(format!("`{path}`: {}", finding.message));
            finding.help.iter().for_each(|help| ui.hint(help));
        }
        return Ok(());
    };
    let more = match errors.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    let mut error = CommandError::usage(format!(
        "nothing was written: it would leave `{}` wrong: {}{more}",
        first.path, first.message
    ));
    if let Some(help) = &first.help {
        error = error.hint(sanitize_line(help));
    }
    Err(error.hint(format!("`tallybook explain {}` says more", first.code.id)))
}

/// Returns the findings that were not there before. One that was said of another file is not new: files move.
fn new_findings<'f>(before: &'f [Finding], after: &'f [Finding]) -> Vec<&'f Finding> {
    let at = |finding: &'f Finding| (&*finding.path, finding.code.id, &*finding.message);
    let elsewhere = |finding: &'f Finding| (finding.code.id, &*finding.message);
    let left = without(before.iter(), after.iter(), at);
    let new = without(after.iter(), before.iter(), at);
    without(new.into_iter(), left.into_iter(), elsewhere)
}

/// Returns the findings of one side that have no counterpart on the other: each has one at most.
fn without<'f, K: Ord>(
    findings: impl Iterator<Item = &'f Finding>,
    others: impl Iterator<Item = &'f Finding>,
    key: impl Fn(&'f Finding) -> K,
) -> Vec<&'f Finding> {
    let mut known: BTreeMap<K, usize> = BTreeMap::new();
    for other in others {
        *known.entry(key(other)).or_default() += 1;
    }
    let mut is_known = |finding: &'f Finding| match known.get_mut(&key(finding)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    };
    findings.filter(|finding| !is_known(finding)).collect()
}

/// Returns what differs, as `diff -u` shows it, safe to show.
pub(super) fn difference(desk: &Desk, changes: &ChangeSet) -> Result<String, CommandError> {
    let mut out = String::new();
    for edit in &changes.edits {
        let before = desk.snapshot.docs.read(&edit.path).map_err(store_error)?;
        let before = before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let after = match &edit.content {
            Some(Content::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        };
        out.push_str(&unified(&edit.path, before.as_deref(), after.as_deref()));
    }
    Ok(out)
}

/// Returns how one file differs; none of a side where the file is not there.
pub(in crate::cli::commands) fn unified(
    path: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> String {
    let name = |side: &str, text: Option<&str>| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = (name("a", before), name("b", after));
    let diff = similar::TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default());
    let text = diff.unified_diff().header(&old, &new).to_string();
    let lines = text.split_inclusive('\n').map(|line| {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        // A carriage return at the end of a line is shown as git shows it.
        let (line, carriage) = match line.strip_suffix('\r') {
            Some(line) => (line, "^M"),
            None => (line, ""),
        };
        format!("{}{carriage}{end}", sanitize(line))
    });
    lines.collect()
}
