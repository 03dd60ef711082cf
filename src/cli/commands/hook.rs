//! `tallybook hook`: what git runs at the server.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::base::path::join;
use crate::base::{files, text};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::merging;
use crate::cli::place::Place;
use crate::cli::ui::Ui;
use crate::git::{ObjectId, Repo, readable};
use crate::integrity::{self, Push, RefChange};

/// Make git ask Tallybook: when it merges documentation, and before a server takes a push
///
/// `hook install` sets a repository up. In a clone, git then merges cases and plans by what they mean.
/// At a server, it asks `hook pre-receive` before any reference moves, and refuses pushes that touch
/// closed launches or that a role does not allow. Where you can't install hooks, as at GitHub and
/// GitLab, let CI run `tallybook verify --since BASE` instead.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook hook install
  tallybook -C /srv/git/shop.git hook install
  tallybook -C /srv/git/shop.git hook install --force --rules refs/heads/main")]
pub(crate) struct HookArgs {
    #[command(subcommand)]
    command: HookCommand,
}

#[derive(Debug, clap::Subcommand)]
enum HookCommand {
    Install(InstallArgs),
    PreReceive(PreReceiveArgs),
}

/// Register the merge driver in a clone, or install the pre-receive hook at a server
///
/// In a clone, sets `merge.tallybook.driver` in its own configuration, and adds the lines to
/// `.gitattributes` that select it, where they are missing. At a server (a bare repository, or with
/// `--server`), writes the hook, and makes git look at the objects that it receives
/// (`receive.fsckObjects`), unless that is configured. May be repeated.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook hook install
  tallybook -C /srv/git/shop.git hook install
  tallybook -C /srv/git/shop.git hook install --force")]
struct InstallArgs {
    /// Install the hook of a server into a repository with a working tree too
    #[arg(long)]
    server: bool,
    /// Keep a hook that is there: it is moved aside, and runs first
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    rules: RulesArg,
}

/// Judge a push; git runs it with the references on stdin
///
/// Reads lines `OLD NEW REF`. Ends with 1 and one line on stderr for each reason where the push is
/// to be refused.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook hook pre-receive < references
  tallybook hook pre-receive --rules refs/heads/main < references")]
struct PreReceiveArgs {
    #[command(flatten)]
    rules: RulesArg,
}

#[derive(Debug, clap::Args)]
struct RulesArg {
    /// The branch whose members and settings bind [default: that of HEAD]
    #[arg(long, value_name = "REF", value_parser = parse_branch)]
    rules: Option<String>,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &HookArgs) -> Result<Exit, CommandError> {
    match &args.command {
        HookCommand::Install(args) => install(ui, ctx, args),
        HookCommand::PreReceive(args) => Ok(pre_receive(ui, ctx, args)),
    }
}

/// The first word of the hook's second line, by which it is known again.
const MARK: &str = "# tallybook: pre-receive";
/// Where a hook goes that was there before.
const ASIDE: &str = "pre-receive.before-tallybook";

fn install(ui: &mut Ui, ctx: &Context, args: &InstallArgs) -> Result<Exit, CommandError> {
    let repo = Repo::discover(&ctx.cwd)?.ok_or_else(|| {
        CommandError::usage(format!("`{}` is in no git repository", ctx.cwd.display()))
            .hint("name the server's repository: `tallybook -C /srv/git/shop.git hook install`")
    })?;
    if !repo.is_bare() {
        if let Some(rules) = args.rules.rules.as_ref().filter(|_| !args.server) {
            return Err(CommandError::usage(
                "`--rules` is for the hook at a server, and this is a clone",
            )
            .hint(format!(
                "name the server's repository with `-C`, or install the hook here: `tallybook hook install --server --rules {}`",
                text::shell_word(rules)
            )));
        }
        install_driver(ui, ctx, &repo)?;
        if !args.server {
            ui.hint("where this repository is pushed to, say `tallybook hook install --server`");
            return Ok(Exit::Fine);
        }
    }
    let folder = repo.hooks_dir();
    let hook = folder.join("pre-receive");
    let aside = folder.join(ASIDE);
    let old = files::read_optional(&hook)?;
    let is_ours = |text: &[u8]| String::from_utf8_lossy(text).contains(MARK);
    if let Some(old) = old.filter(|old| !is_ours(old)) {
        set_aside(&old, &hook, &aside, args.force)?;
        ui.status(format!(
            "the hook that was there is now `{}` and runs first",
            aside.display()
        ));
    }
    let script = script(&program(), args.rules.rules.as_deref(), aside.exists());
    files::write_atomic(&hook, script.as_bytes())?;
    make_executable(&hook)?;
    ui.status(format!("installed {}", hook.display()));
    if repo.check_received_objects()? {
        ui.status("set receive.fsckObjects to true");
    }
    tell_rules(ui, &repo, args.rules.rules.as_deref())?;
    Ok(Exit::Fine)
}

/// Makes git merge documentation by what it means.
fn install_driver(ui: &mut Ui, ctx: &Context, repo: &Repo) -> Result<(), CommandError> {
    match merging::register(repo, ctx)? {
        true => ui.status("registered the merge driver in this repository's configuration"),
        false => ui.status("the merge driver is registered"),
    }
    let Ok(place) = Place::find(ctx) else {
        ui.hint(
            "`.gitattributes` of a workspace selects it: `tallybook doctor` there says whether",
        );
        return Ok(());
    };
    if merging::select(&place.root)? {
        let file = join(&place.prefix, ".gitattributes");
        ui.status(format!("added the lines that select it to {file}"));
        ui.hint("commit that file, so that all clones have it");
    }
    Ok(())
}

/// Says which branch decides, and where that is likely another one than is meant.
fn tell_rules(ui: &mut Ui, repo: &Repo, named: Option<&str>) -> Result<(), CommandError> {
    let head = repo.head()?.branch;
    let Some(rules) = named.or(head.as_deref()) else {
        ui.warn("HEAD is no branch here, so that only the members before each commit bind");
        ui.hint(rules_hint(repo, "refs/heads/main"));
        return Ok(());
    };
    ui.status(format!("members and settings are those of {rules}"));
    let branches = repo.branches()?;
    if branches.iter().any(|branch| branch == rules) {
        return Ok(());
    }
    let main = branches.iter().find(|branch| *branch == "refs/heads/main");
    match main.or(branches.first()) {
        Some(other) => {
            ui.warn(format!(
                "there is no {rules} here, so that no rules of it bind"
            ));
            ui.hint(rules_hint(repo, other));
        }
        None => {
            ui.warn(format!(
                "there is no {rules} here yet: its rules bind once it is pushed"
            ));
            ui.hint(format!(
                "if documentation goes to another branch, {}",
                rules_hint(repo, "refs/heads/BRANCH")
            ));
        }
    }
    Ok(())
}

/// The command that names the branch of rules, whole.
fn rules_hint(repo: &Repo, branch: &str) -> String {
    format!(
        "name the branch that decides: `tallybook -C {} hook install --rules {}`",
        text::shell_word(&repo.git_dir().display().to_string()),
        text::shell_word(branch)
    )
}

fn set_aside(old: &[u8], hook: &Path, aside: &Path, force: bool) -> Result<(), CommandError> {
    if !force {
        let message = format!("`{}` is there already, and is not ours", hook.display());
        return Err(CommandError::usage(message).hint(
            "`tallybook hook install --force` keeps it: it is moved aside, and runs before ours",
        ));
    }
    if aside.exists() && files::read(aside)? != old {
        let message = format!("`{}` is there already", aside.display());
        return Err(CommandError::usage(message).hint("look at both, and remove one"));
    }
    Ok(files::rename(hook, aside)?)
}

/// The program that the hook runs: this one.
fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("tallybook"))
}

fn script(program: &Path, rules: Option<&str>, has_other: bool) -> String {
    let program = text::shell_word(&program.display().to_string());
    let rules = rules.map_or(String::new(), |name| {
        format!(" --rules {}", text::shell_word(name))
    });
    let other = match has_other {
        true => format!(
            "if [ -x \"${{0%/*}}/{ASIDE}\" ]; then\n\tprintf '%s\\n' \"$pushed\" | \
             \"${{0%/*}}/{ASIDE}\" || exit\nfi\n"
        ),
        false => String::new(),
    };
    format!(
        "#!/bin/sh\n{MARK} 1\n# Written by `tallybook hook install`, which writes it anew. Refuses pushes \
         that touch closed\n# launches or that a member's role does not allow; a push is refused too where \
         this can't run.\npushed=$(cat)\n{other}program={program}\n[ -x \"$program\" ] || \
         program=tallybook\nprintf '%s\\n' \"$pushed\" | \"$program\" hook pre-receive{rules}\n"
    )
}

#[cfg(unix)]
fn make_executable(path: &Path) -> Result<(), CommandError> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .map_err(|source| files::FileError::new("make executable", path, source))?;
    Ok(())
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), CommandError> {
    Ok(())
}

/// Says why a push is refused. What keeps it from being judged refuses it too.
fn pre_receive(ui: &mut Ui, ctx: &Context, args: &PreReceiveArgs) -> Exit {
    let lines = match judge(ui, ctx, args) {
        Ok(lines) => lines,
        Err(error) => {
            let told: Vec<String> = error.lines().into_iter().map(|(_, text)| text).collect();
            vec![format!("the push can't be checked: {}", told.join(": "))]
        }
    };
    for line in &lines {
        ui.say("tallybook", line);
    }
    match lines.is_empty() {
        true => Exit::Fine,
        false => Exit::Findings,
    }
}

fn judge(ui: &mut Ui, ctx: &Context, args: &PreReceiveArgs) -> Result<Vec<String>, CommandError> {
    let changes = read_changes()?;
    let repo = repository(ctx)?;
    let push = Push {
        changes: &changes,
        rules: args.rules.rules.as_deref(),
    };
    let said = integrity::receive(&repo, &push)?;
    for notice in said.notices {
        let line = format!("notice: {}: {}", notice.name, notice.message);
        ui.say("tallybook", &line);
    }
    Ok(said
        .refusals
        .into_iter()
        .map(|refusal| format!("{}: {}", refusal.name, refusal.message))
        .collect())
}

/// Opens the repository that was pushed to, with the objects that git keeps apart until the push is
/// taken.
fn repository(ctx: &Context) -> Result<Repo, CommandError> {
    let mut repo = Repo::discover(&ctx.cwd)?.ok_or_else(|| {
        CommandError::usage(format!("`{}` is in no git repository", ctx.cwd.display()))
    })?;
    let own = repo.common_dir().join("objects");
    let mut folders: Vec<PathBuf> = Vec::new();
    for name in ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY"] {
        folders.extend(ctx.vars.get(name).map(PathBuf::from));
    }
    let others = ctx
        .vars
        .get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
        .unwrap_or_default();
    folders.extend(std::env::split_paths(others).filter(|path| !path.as_os_str().is_empty()));
    let mut seen = vec![real(&own)];
    for folder in folders {
        let folder = ctx.resolve(&folder);
        if !seen.contains(&real(&folder)) && folder.is_dir() {
            seen.push(real(&folder));
            repo = repo.with_objects(&folder)?;
        }
    }
    Ok(repo)
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn read_changes() -> Result<Vec<RefChange>, CommandError> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let text = readable(&bytes);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let changes: Option<Vec<RefChange>> = lines.map(parse_change).collect();
    changes.ok_or_else(|| CommandError::usage("stdin holds other lines than `OLD NEW REF`"))
}

fn parse_change(line: &str) -> Option<RefChange> {
    let mut words = line.splitn(3, ' ');
    let (old, new, name) = (words.next()?, words.next()?, words.next()?);
    let id = |hex: &str| {
        let id = ObjectId::parse(hex)?;
        Some((!hex.bytes().all(|b| b == b'0')).then_some(id))
    };
    Some(RefChange {
        name: name.to_owned(),
        old: id(old)?,
        new: id(new)?,
    })
}

fn parse_branch(name: &str) -> Result<String, String> {
    match name.starts_with("refs/") && name.len() > "refs/".len() {
        true => Ok(name.to_owned()),
        false => Err("expected a full name, as `refs/heads/main`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_git_are_read() {
        let (id, zero) = ("1".repeat(40), "0".repeat(40));
        let change = parse_change(&format!("{zero} {id} refs/heads/a b")).expect("reads");
        assert_eq!((change.name.as_str(), change.old), ("refs/heads/a b", None));
        assert_eq!(change.new.map(|id| id.to_string()), Some(id.clone()));
        assert_eq!(
            parse_change(&format!("{id} {zero} refs/x")).and_then(|c| c.new),
            None
        );
        for wrong in [
            "",
            "a b c",
            &format!("{id} {id}"),
            &format!("{id} x refs/y"),
        ] {
            assert_eq!(parse_change(wrong), None, "{wrong}");
        }
    }
}
