//! What is known beside two snapshots: launches that were closed or are open, how cases came out, who
//! made the change, and which files of the product changed with it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Ends, Moment, To};
use crate::base::Timestamp;
use crate::base::path::{file_name, join};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::place::{self, Place};
use crate::cli::ui::Ui;
use crate::git::{CommitId, Identity};
use crate::ledger::{self, History, Scope};
use crate::review::{
    self, Brief, Closing, Input, Known, OpenLaunch, Ran, RanLaunch, Reached, closings,
};
use crate::store::launches::{self, LaunchHead};
use crate::store::{Loaded, Project};

/// How many of the latest closed launches say how cases came out.
const WINDOW: usize = 50;

/// What git says of the range.
pub(super) struct Range {
    /// Commits that the later end has and the earlier one lacks.
    commits: BTreeSet<CommitId>,
    authors: Vec<Identity>,
    product: Vec<String>,
}

impl Range {
    pub(super) fn read(
        ctx: &Context,
        place: &Place,
        ends: &Ends,
        after: &Loaded,
    ) -> Result<Self, CommandError> {
        let commits = commits(place, ends)?;
        Ok(Self {
            authors: authors(ctx, place, ends, &commits)?,
            product: product(place, ends, after)?,
            commits,
        })
    }
}

/// Completes a brief by what is known beside the two snapshots.
pub(super) fn complete(
    ui: &mut Ui,
    (place, ends): (&Place, &Ends),
    range: Range,
    moments: (&Moment, &Moment),
    (input, brief): (&Input<'_>, Brief),
) -> Result<Brief, CommandError> {
    let closed = closed(place, moments, &range.commits)?;
    let mut brief = brief.with_closings(closed);
    let reached = Reached::new(input, &brief.review);
    let histories = histories(ui, (place, ends.told), moments, (input, &reached))?;
    let executed = Executed::new(moments.1);
    let asked: Vec<_> = histories.iter().map(|past| executed.of(past)).collect();
    let ran = histories.iter().zip(&asked).map(|(past, executed)| {
        let ran = Ran {
            tracks: &past.history.past.tracks,
            launches: past.launches(),
            executed,
        };
        (past.folder.clone(), ran)
    });
    let known = Known {
        ran: ran.collect(),
        open: open(place, ends, moments, (input, &reached))?,
        product: range.product,
    };
    let impact = review::impact(input, &reached, &known);
    drop(known);
    let reviewers = review::reviewers(input, (&brief.review, &reached), &range.authors);
    drop(reached);
    (brief.impact, brief.reviewers) = (impact, reviewers);
    for damage in executed.damages.take() {
        ui.warn(format!("{damage}; what its results say is not told"));
    }
    Ok(brief)
}

/// Returns the commits of the range: those that the later end has and the earlier one lacks.
fn commits(place: &Place, ends: &Ends) -> Result<BTreeSet<CommitId>, CommandError> {
    let repo = place.repo()?;
    let tip = match ends.head {
        To::Commit(commit) => Some(commit),
        To::Tree | To::Staged => repo.head()?.commit,
    };
    let Some(tip) = tip.filter(|tip| *tip != ends.base) else {
        return Ok(BTreeSet::new());
    };
    let history = repo.history_since(tip, &[ends.base])?;
    Ok(history.steps.iter().map(|step| step.id).collect())
}

/// Returns the project of the base that one of the head is: by its key, else by its folder.
fn earlier<'a>(before: &'a Loaded, after: &Project) -> Option<&'a Project> {
    let old = &before.workspace.projects;
    let by_key = old
        .iter()
        .find(|one| one.key().is_some() && one.key() == after.key());
    by_key.or_else(|| old.iter().find(|one| one.folder == after.folder))
}

/// Returns the launches that were closed in the range. Beside the documentation those are what the head
/// has and the base lacks; on a branch of their own those whose documentation is of the range.
fn closed(
    place: &Place,
    (before, after): (&Moment, &Moment),
    commits: &BTreeSet<CommitId>,
) -> Result<Vec<Closing>, CommandError> {
    let mut heads: Vec<LaunchHead> = Vec::new();
    for project in &after.loaded.workspace.projects {
        if after.snapshot.apart.is_some() {
            let of_range = |head: &LaunchHead| {
                let commit = head.file.closed.documentation.as_deref();
                commit
                    .and_then(CommitId::parse)
                    .is_some_and(|commit| commits.contains(&commit))
            };
            if !commits.is_empty() {
                let all = launches::heads(after.snapshot.launches.as_ref(), &project.folder)?.0;
                heads.extend(all.into_iter().filter(of_range));
            }
            continue;
        }
        let files = after.snapshot.launches.as_ref();
        let old = match earlier(&before.loaded, project) {
            Some(old) => launches::paths(before.snapshot.launches.as_ref(), &old.folder)?,
            None => Vec::new(),
        };
        let old: BTreeSet<&str> = old.iter().map(|path| file_name(path)).collect();
        let mut new = launches::paths(files, &project.folder)?;
        new.retain(|path| !old.contains(file_name(path)));
        if new.is_empty() {
            continue;
        }
        // What a closing left that was killed is not closed.
        let (all, _) = place::closed(place, &after.snapshot, project, &after.at)?;
        heads.extend(all.into_iter().filter(|head| new.contains(&head.path)));
    }
    Ok(closings(&heads))
}

/// The history of a project, by the documentation of the base.
struct Remembered<'a> {
    /// Of the base's project.
    folder: String,
    project: &'a Project,
    heads: Vec<LaunchHead>,
    history: History,
}

impl Remembered<'_> {
    fn launches(&self) -> Vec<RanLaunch> {
        let moments = self.history.moments.iter().map(|moment| RanLaunch {
            name: match moment.name.as_str() {
                "" => moment.id.clone(),
                name => name.to_owned(),
            },
            opened: moment.opened,
        });
        moments.collect()
    }
}

/// Reads the history of the projects in which something is touched that may have one.
fn histories<'a>(
    ui: &mut Ui,
    (place, told): (&Place, Option<Timestamp>),
    (before, after): (&'a Moment, &Moment),
    (input, reached): (&Input<'_>, &Reached<'_>),
) -> Result<Vec<Remembered<'a>>, CommandError> {
    let mut out = Vec::new();
    for project in &after.loaded.workspace.projects {
        let Some(old) = earlier(&before.loaded, project) else {
            continue;
        };
        if !reached.asks_history(&old.folder) {
            continue;
        }
        let (mut heads, _) = place::closed(place, &after.snapshot, project, &after.at)?;
        heads.retain(|head| told.is_none_or(|told| head.file.closed.at <= told));
        let superseded = ledger::superseded(&heads);
        let counts = |head: &&LaunchHead| !superseded.contains(head.file.id.as_str());
        let Some(latest) = heads.iter().rev().find(counts) else {
            continue;
        };
        let branch = latest.file.source.branch.clone();
        let of_branch = |head: &&LaunchHead| counts(head) && head.file.source.branch == branch;
        let mut heads: Vec<LaunchHead> = heads.iter().filter(of_branch).cloned().collect();
        heads.drain(..heads.len().saturating_sub(WINDOW));
        let scope = Scope {
            branch,
            now: input.now,
            last: None,
        };
        let progress = ui.progress("reading the history");
        let history = History::read(after.snapshot.launches.as_ref(), old, &heads, scope)?;
        drop(progress);
        for damage in &history.damages {
            ui.warn(format!(
                "`{}`: {}; what its results say is not told",
                damage.path, damage.message
            ));
        }
        out.push(Remembered {
            folder: old.folder.clone(),
            project: old,
            heads,
            history,
        });
    }
    Ok(out)
}

/// The texts by which cases were executed, read of the launches that are asked about.
struct Executed<'a> {
    after: &'a Moment,
    /// By the launch's folder.
    read: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
    damages: RefCell<Vec<String>>,
}

impl<'a> Executed<'a> {
    fn new(after: &'a Moment) -> Self {
        Self {
            after,
            read: RefCell::default(),
            damages: RefCell::default(),
        }
    }

    /// Returns what answers for one history.
    fn of<'s>(&'s self, past: &'s Remembered<'_>) -> impl Fn(usize, &str) -> Option<String> + 's {
        move |launch, case| {
            let id = &past.history.moments.get(launch)?.id;
            let head = past.heads.iter().find(|head| head.file.id == *id)?;
            let mut read = self.read.borrow_mut();
            let cases = read
                .entry(head.path.clone())
                .or_insert_with(|| self.cases(head));
            let doc = past.project.case(case);
            let aliases = doc.into_iter().flat_map(|doc| &doc.value.aliases);
            let mut ids = std::iter::once(case).chain(aliases.map(String::as_str));
            ids.find_map(|id| cases.get(id)).cloned()
        }
    }

    fn cases(&self, head: &LaunchHead) -> BTreeMap<String, String> {
        let told = match launches::executed(self.after.snapshot.launches.as_ref(), head) {
            Ok(Ok(cases)) => return cases,
            Ok(Err(damage)) => format!("`{}`: {}", damage.path, damage.message),
            Err(error) => error.to_string(),
        };
        self.damages.borrow_mut().push(told);
        BTreeMap::new()
    }
}

/// Returns the launches that are open here, where the change may concern them: of what is current alone.
fn open(
    place: &Place,
    ends: &Ends,
    (before, after): (&Moment, &Moment),
    (input, reached): (&Input<'_>, &Reached<'_>),
) -> Result<Vec<OpenLaunch>, CommandError> {
    let repo = place.repo()?;
    let is_current = match ends.head {
        To::Tree | To::Staged => true,
        To::Commit(commit) => repo.head()?.commit == Some(commit),
    };
    if ends.told.is_some() || !is_current || !reached.asks_open() {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for project in &after.loaded.workspace.projects {
        let old = earlier(&before.loaded, project);
        let Some(old) = old.filter(|_| place::key(project).is_ok()) else {
            continue;
        };
        let state = place.open_state(project)?;
        let ids = state.ids()?;
        if ids.is_empty() {
            continue;
        }
        let heads = place::closed(place, &after.snapshot, project, &after.at)?.0;
        let is_closed = |id: &String| heads.iter().any(|head| head.file.id == *id);
        for id in ids.iter().filter(|id| !is_closed(id)) {
            let Some(preview) = ledger::preview(&state, old, id, input.now)? else {
                continue;
            };
            let cases = preview.decision.outcomes.into_iter();
            out.push(OpenLaunch {
                project: project.folder.clone(),
                id: preview.launch.id,
                name: preview.launch.name,
                plan: preview.launch.plan,
                cases: cases.filter_map(|outcome| outcome.case).collect(),
            });
        }
    }
    Ok(out)
}

/// Returns the files that changed in the range and are not documentation, where some case could name
/// one; sorted.
fn product(place: &Place, ends: &Ends, after: &Loaded) -> Result<Vec<String>, CommandError> {
    let cases = after.workspace.projects.iter().flat_map(|one| &one.cases);
    let mut cases = cases.map(|doc| &doc.value);
    if !cases.any(|case| !case.automation.selectors.is_empty() || !case.links.is_empty()) {
        return Ok(Vec::new());
    }
    let repo = place.repo()?;
    let mut paths = match ends.head {
        To::Commit(head) => repo.changed_paths(ends.base, head)?,
        To::Staged => repo.staged_paths(ends.base, ends.index.as_deref())?,
        To::Tree => repo.worktree_paths(ends.base)?,
    };
    let own = ["projects/", "tallybook.yaml", ".gitattributes"];
    let own = [&place.prefix, &ends.was].map(|prefix| own.map(|own| join(prefix, own)));
    let own = own.as_flattened();
    paths.retain(|path| {
        let is_own = |own: &String| match own.ends_with('/') {
            true => path.starts_with(own.as_str()),
            false => path == own,
        };
        !own.iter().any(is_own)
    });
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Returns who made the commits of the range, and who is about to make the next.
fn authors(
    ctx: &Context,
    place: &Place,
    ends: &Ends,
    commits: &BTreeSet<CommitId>,
) -> Result<Vec<Identity>, CommandError> {
    let repo = place.repo()?;
    let mut out = Vec::new();
    for commit in commits {
        let info = repo.commit_info(*commit)?;
        out.extend(info.message.lines().filter_map(co_author));
        out.push(info.author);
    }
    if !matches!(ends.head, To::Commit(_)) {
        out.extend(place.identity(ctx).ok());
    }
    out.sort_by(|a, b| (&a.name, &a.email).cmp(&(&b.name, &b.email)));
    out.dedup();
    Ok(out)
}

fn co_author(line: &str) -> Option<Identity> {
    let (key, who) = line.split_once(':')?;
    let (name, email) = who.trim().rsplit_once('<')?;
    let email = email.trim_end().strip_suffix('>')?;
    key.eq_ignore_ascii_case("co-authored-by")
        .then(|| Identity {
            name: name.trim().to_owned(),
            email: email.trim().to_owned(),
        })
}
