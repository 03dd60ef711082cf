//! `tallybook review`: what a change of the documentation means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::ready::{asks_history, ready};
use crate::analysis::subjects::Past;
use crate::base::Timestamp;
use crate::base::path::join;
use crate::cli::args::NowArgs;
use crate::cli::commands::launch::ci_source;
use crate::cli::commands::verify;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place};
use crate::cli::reader::Reader;
use crate::cli::side;
use crate::cli::ui::Ui;
use crate::diag::Sources;
use crate::diag::render::{self as ci, JunitSuite, SarifRun, View};
use crate::git::{CommitId, Repo};
use crate::model::Hosted;
use crate::query;
use crate::review::render::{self, Links, Look, Strict, Template};
use crate::review::{Brief, Effect, Input, review};
use crate::site;
use crate::store::{Loaded, Memo, Snapshot};

mod known;
mod staged;

/// Say what a change of the documentation means
///
/// Compares what two moments say, not how it is written: cases, steps and what they expect, plans and what
/// they select, defects, mutes, gates, requirements, members and settings. What weakens testing comes
/// first; what differs in wording alone is only counted. Closed launches that were altered come before all
/// else.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook review
  tallybook review main...
  tallybook review main...HEAD --fail-on weakened,tampered
  tallybook review --staged --fail-on weakened
  tallybook review v1.0..v2.0 --format json
  tallybook review main...HEAD --format markdown > comment.md
  tallybook review main...HEAD --format summary >> \"$GITHUB_STEP_SUMMARY\"
  tallybook review main...HEAD --format html > review.html")]
pub(crate) struct ReviewArgs {
    /// Two commits: `A..B` as they are, `A...B` from where B left A; without B up to the working tree
    /// [default: HEAD and the working tree]
    #[arg(value_name = "RANGE")]
    range: Option<String>,
    /// Compare with what is staged in place of the working tree: what the next commit says
    #[arg(long)]
    staged: bool,
    /// End with 1 where the change does this; may be repeated or separated by commas
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    #[command(flatten)]
    now: NowArgs,
    /// Whom to tell
    #[arg(
        long,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        value_name = "text|markdown|summary|github|sarif|gitlab|junit|html|json"
    )]
    format: Format,
    /// Both versions of a text beside each other; automatically on a terminal of 120 columns or more
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    side_by_side: When,
    /// Where a file's line is seen, with `{path}`, `{line}` and `{commit}` [default: at GitHub or GitLab,
    /// where the repository is there]
    #[arg(long, value_name = "URL")]
    link: Option<Template>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A terminal
    #[default]
    Text,
    /// A comment on a pull or merge request, with a hidden marker in its first line
    Markdown,
    /// The summary of a step of GitHub Actions
    Summary,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// A Code Quality report of GitLab
    Gitlab,
    /// JUnit XML: one test a file
    Junit,
    /// A browser: one page that needs no other file
    Html,
    /// Programs; stable
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Something weakens testing
    Weakened,
    /// Rules change: who may do what, and what counts how
    Rules,
    /// A case is new or means something else, and nobody approved it as it is
    Unreviewed,
    /// A commit did what its author's role does not allow
    Forbidden,
    /// A closed launch was altered
    Tampered,
}

/// What is compared with the beginning of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Commit(CommitId),
    Tree,
    Staged,
}

impl To {
    fn commit(self) -> Option<CommitId> {
        match self {
            Self::Commit(commit) => Some(commit),
            Self::Tree | Self::Staged => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum When {
    #[default]
    Auto,
    Always,
    Never,
}

/// Columns from which a terminal is wide enough for two versions of a text.
const WIDE: usize = 120;

/// The two ends of a range.
struct Ends {
    base: CommitId,
    head: To,
    /// Where the workspace was at the beginning, in the repository.
    was: String,
    /// When it was told: launches that were closed later, or are open, have nothing to do with it. None
    /// for now.
    told: Option<Timestamp>,
    /// Another index than the worktree's own: that of a commit that is being made.
    index: Option<PathBuf>,
    /// As a person would write them.
    name: String,
}

/// One end, read.
pub(super) struct Moment {
    at: AtArg,
    snapshot: Snapshot,
    pub(super) loaded: Arc<Loaded>,
}

impl Moment {
    /// Reads a commit; `memo` knows what was read of others.
    pub(super) fn read(place: &Place, at: AtArg, memo: &mut Memo) -> Result<Self, CommandError> {
        let snapshot = place.snapshot(&at)?;
        let loaded = memo.load(&snapshot).map_err(place::store_error)?;
        Ok(Self {
            at,
            snapshot,
            loaded: Arc::new(loaded),
        })
    }

    /// Returns another commit, whose documentation is known to be this one's.
    pub(super) fn beside(&self, place: &Place, at: AtArg) -> Result<Self, CommandError> {
        Ok(Self {
            snapshot: place.snapshot(&at)?,
            at,
            loaded: self.loaded.clone(),
        })
    }
}

/// Compares two commits as `review` does, apart from what `verify` says and from what is open here.
pub(super) fn of_commits(
    ui: &mut Ui,
    ctx: &Context,
    place: &Place,
    (base, before): (CommitId, &Moment),
    (head, after): (CommitId, &Moment),
) -> Result<Brief, CommandError> {
    let now = place::now(&after.snapshot, None, ctx);
    let past = past(ui, place, before, after, now)?;
    let input = Input {
        before: &before.loaded,
        after: &after.loaded,
        files: (&*before.snapshot.docs, &*after.snapshot.docs),
        now,
        past: &past,
    };
    let ends = Ends {
        base,
        head: To::Commit(head),
        was: place.prefix.clone(),
        told: Some(place.repo()?.commit_info(head)?.time),
        index: None,
        name: format!("{} to {}", base.short(), head.short()),
    };
    let found = review(&input)?;
    let range = known::Range::read(ctx, place, &ends, &after.loaded)?;
    let name = ends.name.clone();
    let brief = Brief::new(base.to_string(), Some(head.to_string()), name, found);
    let mut brief = known::complete(ui, (place, &ends), range, (before, after), (&input, brief))?;
    brief.asks_approvals = asks_approvals(&after.loaded);
    Ok(brief)
}

/// Who approves nothing at all is not told so each time.
fn asks_approvals(loaded: &Loaded) -> bool {
    let mut projects = loaded.workspace.projects.iter();
    projects.any(|project| !project.approvals.is_empty())
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &ReviewArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let ends = ends(ctx, &place, args)?;
    let (base, head) = (at(Some(ends.base)), at(ends.head.commit()));
    let old = place.moved(ends.was.clone()).snapshot(&base)?;
    let new = staged::later(&place, &ends, &head)?;
    let loaded = rayon::join(|| place::load(&old), || place::load(&new));
    let before = Moment {
        at: base,
        snapshot: old,
        loaded: Arc::new(loaded.0?),
    };
    let after = Moment {
        at: head,
        snapshot: new,
        loaded: Arc::new(loaded.1?),
    };
    let now = place::now(&after.snapshot, args.now.now, ctx);
    let past = past(ui, &place, &before, &after, now)?;
    let input = Input {
        before: &before.loaded,
        after: &after.loaded,
        files: (&*before.snapshot.docs, &*after.snapshot.docs),
        now,
        past: &past,
    };
    let read_range = || known::Range::read(ctx, &place, &ends, &after.loaded);
    let (found, range) = rayon::join(|| review(&input), read_range);
    let (found, range) = (found.map_err(CommandError::from)?, range?);
    let head = ends.head.commit().map(|commit| commit.to_string());
    // Of the working tree, as far as it is committed.
    let violations = verify::since(ui, ctx, (&place, &after.at), ends.base)?;
    let brief = Brief::new(ends.base.to_string(), head, ends.name.clone(), found);
    let brief = brief.with_evidence(violations);
    let beside = (&place, &ends);
    let mut brief = known::complete(ui, beside, range, (&before, &after), (&input, brief))?;
    brief.asks_approvals = asks_approvals(&after.loaded);
    match args.format {
        Format::Json => ui.out_raw(serde_json::to_string_pretty(&brief)? + "\n"),
        Format::Text => {
            ui.status(format!("from {}", brief.range));
            let look = look(ui, ctx, args.side_by_side);
            ui.out_raw(render::terminal(&brief, look));
        }
        Format::Html => {
            let settings = after.loaded.workspace.settings.as_ref();
            let title = settings.map_or("", |doc| doc.value.title.as_str());
            ui.out_raw(site::review_page(&brief, title)?);
        }
        Format::Markdown => ui.out_raw(render::comment(&brief, &links(ctx, &place, args, &brief))),
        Format::Summary => ui.out_raw(render::summary(&brief, &links(ctx, &place, args, &brief))),
        Format::Github | Format::Sarif | Format::Gitlab | Format::Junit => {
            ui.view(for_ci(args, &brief, &place.prefix, &after.loaded.sources));
        }
    }
    let fails = args.fail_on.iter().any(|what| match what {
        FailOn::Weakened => brief.review.count(Effect::Weakens) > 0,
        FailOn::Rules => brief.review.count(Effect::Rules) > 0,
        FailOn::Unreviewed => !brief.review.unreviewed.is_empty(),
        FailOn::Forbidden => !brief.forbidden.is_empty(),
        FailOn::Tampered => !brief.tampering.is_empty(),
    });
    Ok(if fails { Exit::Findings } else { Exit::Fine })
}

/// Reads `A..B`, `A...B`, `A..`, `A...` and `A`.
fn ends(ctx: &Context, place: &Place, args: &ReviewArgs) -> Result<Ends, CommandError> {
    let range = args.range.as_deref().unwrap_or("HEAD");
    let (base, head, forked) = match (range.split_once("..."), range.split_once("..")) {
        (Some((base, head)), _) => (base, head, true),
        (None, Some((base, head))) => (base, head, false),
        (None, None) => (range, "", false),
    };
    if base.is_empty() {
        return Err(CommandError::usage(format!("`{range}` has no beginning"))
            .hint("write `main..HEAD`, `main...` or `main`"));
    }
    let (base_commit, head_commit) = (
        place.commit(base)?,
        (!head.is_empty()).then(|| place.commit(head)).transpose()?,
    );
    let (to, shown) = match head_commit {
        Some(_) if args.staged => return Err(staged::two_ends(range, base)),
        Some(commit) => (To::Commit(commit), head),
        None if args.staged => (To::Staged, "what is staged"),
        None => (To::Tree, "the working tree"),
    };
    let index = staged::index(ctx, place).filter(|_| args.staged);
    if !forked {
        return Ok(Ends {
            base: base_commit,
            head: to,
            was: was(place, base_commit, to)?,
            told: None,
            index,
            name: format!("{base} to {shown}"),
        });
    }
    let repo = place.repo()?;
    let tip = match head_commit {
        Some(commit) => commit,
        None => place.commit("HEAD")?,
    };
    let Some(fork) = repo.merge_base(base_commit, tip)? else {
        let other = match head_commit {
            Some(_) => format!("`{shown}`"),
            None => shown.to_owned(),
        };
        let error = CommandError::usage(format!(
            "`{base}` and {other} have no commit in common here"
        ));
        return Err(match repo.is_shallow() {
            true => error.hint("this clone was cut short: `git fetch --unshallow` brings the rest"),
            false => error.hint(format!(
                "compare them as they are: `tallybook review {base}..{head}`"
            )),
        });
    };
    Ok(Ends {
        base: fork,
        head: to,
        was: was(place, fork, to)?,
        told: None,
        index,
        name: format!("where it left {base} ({}) to {shown}", fork.short()),
    })
}

/// Finds where the workspace was at the beginning of a range: it may have moved since.
fn was(place: &Place, base: CommitId, head: To) -> Result<String, CommandError> {
    let repo = place.repo()?;
    let has_now = |path: &str| match head {
        To::Commit(head) => Ok(repo.tree(head)?.entry(path)?.is_some()),
        To::Tree | To::Staged => Ok(place.workdir().join(path).exists()),
    };
    side::earlier_path(repo, &place.prefix, base, &has_now)
}

fn at(commit: Option<CommitId>) -> AtArg {
    AtArg {
        at: commit.map(|commit| commit.to_string()),
    }
}

/// Reads the history of projects whose plans ask for it. It is the same for both ends, so that what a plan
/// gains or loses comes of the change alone.
fn past(
    ui: &mut Ui,
    place: &Place,
    before: &Moment,
    after: &Moment,
    now: Timestamp,
) -> Result<BTreeMap<String, Past>, CommandError> {
    let context = query::Context { now, user: None };
    let mut out = BTreeMap::new();
    let asking = |loaded: &Loaded| -> BTreeSet<String> {
        let projects = loaded.workspace.projects.iter().filter(|project| {
            let mut plans = project
                .plans
                .iter()
                .filter_map(|doc| ready(project, &doc.value, &context).ok());
            plans.any(|plan| asks_history(&plan))
        });
        projects.map(|project| project.folder.clone()).collect()
    };
    for folder in &asking(&before.loaded) | &asking(&after.loaded) {
        let projects = &after.loaded.workspace.projects;
        let Some(project) = projects.iter().find(|project| project.folder == folder) else {
            continue;
        };
        let reader = Reader::new(place, &after.snapshot, project, &after.at, now)?;
        out.insert(folder, reader.history(ui, None, None)?.past);
    }
    Ok(out)
}

/// Returns where places are seen: as the template says, else at the host that CI or the remote names.
fn links<'a>(ctx: &Context, place: &'a Place, args: &ReviewArgs, brief: &'a Brief) -> Links<'a> {
    let links = Links::nowhere(brief, &place.prefix);
    if let Some(template) = &args.link {
        return links.by(template.clone());
    }
    let mut source = ci_source(&ctx.vars);
    if source.repository.is_none() {
        source.repository = place.repo.as_ref().and_then(Repo::remote_url);
    }
    links.at(Hosted::of(&source))
}

/// Returns how the answer is shown: nothing is wrapped where it goes to no terminal.
fn look(ui: &Ui, ctx: &Context, side_by_side: When) -> Look {
    let columns = ui.columns(ctx);
    Look {
        columns,
        color: ui.color(),
        side_by_side: match side_by_side {
            When::Auto => columns.filter(|columns| *columns >= WIDE),
            When::Always => Some(ctx.width),
            When::Never => None,
        },
    }
}

/// Returns what a CI service gets; what `--fail-on` names is an error there.
fn for_ci(args: &ReviewArgs, brief: &Brief, prefix: &str, sources: &Sources) -> View {
    let asked = |what| args.fail_on.contains(&what);
    let effects = [
        (FailOn::Weakened, Effect::Weakens),
        (FailOn::Rules, Effect::Rules),
    ];
    let effects = effects.into_iter().filter(|(what, _)| asked(*what));
    let strict = Strict {
        effects: effects.map(|(_, effect)| effect).collect(),
        unreviewed: asked(FailOn::Unreviewed),
    };
    let items = render::items(brief, prefix, sources, &strict);
    match args.format {
        Format::Gitlab => ci::gitlab(&items),
        Format::Sarif => ci::sarif(
            &items,
            &SarifRun {
                category: "review",
                version: env!("CARGO_PKG_VERSION"),
                rules: &render::rules(),
                sources,
                prefix,
            },
        ),
        Format::Junit => {
            let files = brief.review.editorial.iter();
            let files: Vec<String> = files.map(|path| join(prefix, path)).collect();
            let files = files.iter().map(String::as_str);
            JunitSuite::of_files("tallybook review", files, &items).render()
        }
        _ => ci::github(&items),
    }
}
