//! What the workbench does: the same use cases as `execute` and `launch`, one call at a time.
//!
//! A draft is read anew for each call and compared by its digest, so that two tabs, two servers and a terminal
//! never overwrite each other's answers: the later one is told, and gets what is there now.

mod case;
mod opening;
mod writing;

use std::ffi::OsString;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::base::path as paths;
use crate::base::text::sanitize_line;
use crate::cli::args::Cli;
use crate::cli::commands::launch::{Desk, open_work};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::Place;
use crate::cli::ui::Ui;
use crate::git::{Pushed, RefUpdate, Repo, answer_without_terminal};
use crate::ledger::manual::{self, work};
use crate::serve::{Call, Refused, Worker};

/// Returns what does the calls of the workbench for whoever works here.
pub(super) fn worker(ctx: Context, who: Option<String>) -> Worker {
    let ssh = ["GIT_SSH_COMMAND", "GIT_SSH"];
    let has_ssh = ssh.iter().any(|name| ctx.vars.get(name).is_some());
    answer_without_terminal(PATIENCE, has_ssh);
    let mut bench = Bench {
        ctx,
        who,
        desk: None,
    };
    Box::new(move |call| bench.call(&call))
}

/// How long git may take for one call, a push of a launch among them.
const PATIENCE: Duration = Duration::from_secs(180);

struct Bench {
    ctx: Context,
    who: Option<String>,
    /// The launch that was worked on last, so that an answer does not read all cases again.
    desk: Option<Desk>,
}

type Done = Result<Value, Refused>;

/// Which launch.
#[derive(Clone, Debug, Deserialize)]
struct At {
    project: String,
    launch: String,
}

#[derive(Debug, Deserialize)]
struct Assign {
    #[serde(flatten)]
    at: At,
    tasks: Vec<String>,
    /// None takes them from whoever has them.
    to: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Close {
    #[serde(flatten)]
    at: At,
    reason: Option<String>,
    meaning: Option<String>,
    unfinished: Option<String>,
    #[serde(default)]
    push: bool,
}

#[derive(Debug, Deserialize)]
struct Explain {
    #[serde(flatten)]
    at: At,
    result: String,
    /// The defect that explains it; none for a new one.
    defect: Option<String>,
    title: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Commit {
    message: String,
    /// What the files were when they were shown, so that nothing is committed that nobody looked at.
    tree: String,
    branch: Option<String>,
    #[serde(default)]
    push: bool,
}

impl Bench {
    fn call(&mut self, call: &Call) -> Done {
        self.ctx = self.ctx.at_present();
        let of = &call.of;
        match call.action.as_str() {
            "queue" => self.queue(),
            "open" => self.open(&read(of)?),
            "edit" => self.edit(read(of)?),
            "restart" => self.restart(&read(of)?),
            "record" => self.record(&read(of)?),
            "assign" => self.assign(&read(of)?),
            "sync" => {
                let at: At = read(of)?;
                self.command(&["launch", "sync", &at.launch, "--project", &at.project])
            }
            "triage" => {
                let at: At = read(of)?;
                let words = [
                    "triage",
                    &at.launch,
                    "--project",
                    &at.project,
                    "--format",
                    "json",
                ];
                self.command(&words)
            }
            "plans" => self.plans(),
            "plan" => self.plan(&read(of)?),
            "start" => self.start(&read(of)?),
            "close" => self.close(&read(of)?),
            "defect" => self.defect(&read(of)?),
            "changed" => {
                let paths = own_changes(&Place::find(&self.ctx)?)?;
                Ok(json!({"paths": paths}))
            }
            "pending" => self.pending(),
            "cases" => self.cases(),
            "text" => self.text(&read(of)?),
            "check" => self.check(&read(of)?),
            "save" => self.save(&read(of)?),
            "new" => self.new_case(&read(of)?),
            "move" => self.move_case(&read(of)?),
            "commit" => self.commit(&read(of)?),
            other => Err(refused(format!("there is no action `{other}`"))),
        }
    }

    /// Everything that is open: what is planned in each launch, for whom, and how it stands.
    fn queue(&mut self) -> Done {
        self.desk = None;
        let found = open_work(&self.ctx, self.who.as_deref())?;
        serde_json::to_value(found).map_err(|error| refused(error.to_string()))
    }

    fn desk(&mut self, at: &At) -> Result<&Desk, Refused> {
        let is_it = |desk: &Desk| desk.id == at.launch && desk.is_open();
        if !self.desk.as_ref().is_some_and(is_it) {
            self.desk = Some(Desk::here(&self.ctx, &at.project, &at.launch)?);
        }
        self.desk.as_ref().ok_or_else(Refused::default)
    }

    fn assign(&mut self, assign: &Assign) -> Done {
        let ctx = self.ctx.clone();
        self.desk = None;
        let desk = self.desk(&assign.at)?;
        let preview = desk.preview(&ctx)?;
        let all = work(&preview);
        let to = match &assign.to {
            Some(name) => Some(desk.who(&ctx, Some(name))?),
            None => None,
        };
        let chosen = all
            .iter()
            .filter(|one| assign.tasks.contains(&one.planned.id));
        let chosen: Vec<_> = chosen
            .map(|one| (one.planned, one.environment, to.clone()))
            .collect();
        if chosen.is_empty() {
            return Err(refused(
                "nothing of that is planned in this launch any more",
            ));
        }
        let n = chosen.len();
        let planning = desk.manual(&preview.launch, &ctx)?;
        manual::assign(&planning, chosen).map_err(CommandError::from)?;
        Ok(json!({"assigned": n, "to": to}))
    }

    fn close(&mut self, close: &Close) -> Done {
        self.desk = None;
        let option = |name: &str, value: &Option<String>| {
            let value = value
                .as_deref()
                .map(str::trim)
                .filter(|value| !value.is_empty());
            value.map(|value| format!("--{name}={value}"))
        };
        let mut words = vec![
            "launch".to_owned(),
            "close".to_owned(),
            close.at.launch.clone(),
        ];
        words.push(format!("--project={}", close.at.project));
        words.extend(option("reason", &close.reason));
        words.extend(option("meaning", &close.meaning));
        words.extend(option("allow-unfinished", &close.unfinished));
        words.extend(close.push.then(|| "--push".to_owned()));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.command(&words)
    }

    /// Links a failure to a defect, or makes one of it: files of the working tree, to be committed.
    fn defect(&mut self, explain: &Explain) -> Done {
        let from = format!("--from={}/{}", explain.at.launch, explain.result);
        let project = format!("--project={}", explain.at.project);
        let title = explain
            .title
            .as_deref()
            .map(str::trim)
            .filter(|title| !title.is_empty());
        let title = title.map(|title| format!("--title={title}"));
        let mut words = match &explain.defect {
            Some(id) => vec!["defect", "link", &from, &project, "--", id],
            None => vec!["defect", "new", &from, &project],
        };
        if explain.defect.is_none() {
            words.extend(title.as_deref());
        }
        self.command(&words)
    }

    /// What of the documentation is not committed, and what it means.
    fn pending(&mut self) -> Done {
        let place = Place::find(&self.ctx)?;
        let paths = own_changes(&place)?;
        if paths.is_empty() {
            return Ok(json!({"paths": paths}));
        }
        let repo = place.repo()?;
        // Before they are described: what changes meanwhile is another tree.
        let gathered = repo.gather(&paths).map_err(CommandError::from)?;
        let review = self.command(&["review"])?;
        let branch = repo.head().map_err(CommandError::from)?.branch;
        let tree = gathered.tree.to_string();
        let remote = repo.default_remote(branch.as_deref());
        Ok(
            json!({"paths": paths, "tree": tree, "review": review, "branch": branch, "remote": remote}),
        )
    }

    /// Commits what was looked at, by the git program.
    fn commit(&mut self, commit: &Commit) -> Done {
        let place = Place::find(&self.ctx)?;
        let paths = own_changes(&place)?;
        let repo = place.repo()?;
        let gathered = repo.gather(&paths).map_err(CommandError::from)?;
        if paths.is_empty() || gathered.tree.to_string() != commit.tree {
            return Err(refused(
                "the files changed since they were shown; look again, then commit",
            ));
        }
        let message = commit.message.trim();
        if message.is_empty() || message.contains('\0') {
            return Err(refused("say in a few words what changes"));
        }
        let branch = commit
            .branch
            .as_deref()
            .map(str::trim)
            .filter(|branch| !branch.is_empty());
        place.identity(&self.ctx)?;
        let id = repo
            .commit_gathered(&gathered, message, branch)
            .map_err(CommandError::from)?;
        self.desk = None;
        let mut done = json!({"commit": id, "branch": branch});
        if commit.push {
            // The commit is made, whatever comes of the push.
            match pushed(repo) {
                Ok(remote) => done["remote"] = json!(remote),
                Err(why) => done["unpushed"] = json!(why.message),
            }
        }
        Ok(done)
    }

    /// Runs a command as a terminal would, and returns what it said.
    fn command(&mut self, words: &[&str]) -> Done {
        self.desk = None;
        let typed = ["tallybook"].iter().chain(words).map(OsString::from);
        let cli = Cli::read(typed.collect()).map_err(|_| refused("that can't be asked for"))?;
        let (mut ui, kept) = Ui::kept();
        let exit = cli.command.run(&mut ui, &self.ctx)?;
        ui.flush();
        let told = kept.told.text();
        let told: Vec<&str> = told.lines().collect();
        Ok(json!({
            "ok": exit == Exit::Fine,
            "answer": kept.answer.text(),
            "told": told,
        }))
    }
}

/// Files of the documentation that are not committed, from the repository's root.
fn own_changes(place: &Place) -> Result<Vec<String>, CommandError> {
    let mut paths = place.repo()?.uncommitted(&place.prefix)?;
    let projects = paths::join(&place.prefix, "projects/");
    let settings = paths::join(&place.prefix, "tallybook.yaml");
    paths.retain(|path| {
        let below = path
            .strip_prefix(&projects)
            .and_then(|rest| rest.split_once('/'));
        *path == settings || below.is_some_and(|(_, rest)| !rest.starts_with("launches/"))
    });
    Ok(paths)
}

/// Pushes the branch that is checked out, if the remote's has nothing that is not in it; returns the remote.
fn pushed(repo: &Repo) -> Result<String, Refused> {
    let head = repo.head().map_err(CommandError::from)?;
    let (Some(branch), Some(to)) = (head.branch, head.commit) else {
        return Err(refused("no branch is checked out"));
    };
    let remote = repo.default_remote(Some(&branch));
    let remote = remote.ok_or_else(|| refused("there is no remote"))?;
    let there = repo.remote_refs(&remote, &[&branch]);
    let expected = there.map_err(CommandError::from)?.get(&branch).copied();
    if let Some(there) = expected {
        let is_known = repo.has_object(there.into());
        if !is_known || !repo.is_ancestor(there, to).map_err(CommandError::from)? {
            let short = branch.trim_start_matches("refs/heads/");
            return Err(refused(format!(
                "`{remote}` has commits on `{short}` that are not here; take them over with `git pull --rebase`, then push"
            )));
        }
    }
    let update = RefUpdate {
        name: branch,
        to: Some(to),
        expected,
    };
    let mut told = repo
        .push(&remote, &[update], false)
        .map_err(CommandError::from)?;
    match told.pop() {
        Some(Pushed::Done | Pushed::UpToDate) => Ok(remote),
        Some(Pushed::Rejected(why) | Pushed::Busy(why)) => Err(refused(format!(
            "`{remote}` refused it: {}",
            sanitize_line(&why)
        ))),
        _ => Err(refused(format!(
            "`{remote}` changed in the same moment; push once more"
        ))),
    }
}

fn read<T: DeserializeOwned>(of: &Value) -> Result<T, Refused> {
    serde_json::from_value(of.clone())
        .map_err(|error| refused(format!("the page sent something odd: {error}")))
}

fn refused(message: impl Into<String>) -> Refused {
    Refused {
        message: message.into(),
        ..Refused::default()
    }
}

impl From<CommandError> for Refused {
    fn from(error: CommandError) -> Self {
        let lines = error.lines();
        let of = |wanted: bool| {
            let lines = lines
                .iter()
                .filter(move |(name, _)| (*name == "hint") == wanted);
            lines
                .map(|(_, line)| sanitize_line(line))
                .collect::<Vec<_>>()
        };
        Self {
            is_outdated: false,
            message: of(false).join(": "),
            hints: of(true),
            now: None,
        }
    }
}
