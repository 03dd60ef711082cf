//! `tallybook init`: a workspace.

mod product;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::author::{self, InitError, NewProject, NewWorkspace};
use crate::base::{files, path as paths, text};
use crate::cli::change::write;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::merging;
use crate::cli::place::parse_words;
use crate::cli::ui::Ui;
use crate::git::{Edit, Repo, is_branch_name};
use crate::store::{WORKSPACE_FILE, schema};

/// Make a workspace: settings, a project, a first case
///
/// Writes files and commits nothing. What is there already is never overwritten. In a repository the
/// merge driver is registered, as `tallybook hook install` does it in every clone.
///
/// In a product's repository, one whose commits hold more than a workspace, closed launches get a
/// branch to themselves, `tallybook`: the product's own branches stay as they are, protected or not,
/// and no closing starts a build. In a repository of its own they go to the current branch.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook init
  tallybook init tests --key SHOP --name \"Web shop\"
  tallybook init tests --launches-branch evidence")]
pub(crate) struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// What the first project is called [default: the folder's name]
    #[arg(short, long, value_parser = parse_words)]
    name: Option<String>,
    /// The first project's key, as `SHOP` [default: made from its name]
    #[arg(short, long)]
    key: Option<String>,
    /// The branch that closed launches get to themselves [default: `tallybook` in a product's repository]
    #[arg(long, value_name = "NAME")]
    launches_branch: Option<String>,
    /// Commit closed launches to the branch that is checked out
    #[arg(long, conflicts_with = "launches_branch")]
    launches_here: bool,
}

/// The branch that closed launches get to themselves in a product's repository.
const LAUNCHES_BRANCH: &str = "tallybook";

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &InitArgs) -> Result<Exit, CommandError> {
    let root = ctx.resolve(&args.folder);
    files::create_dir(&root)?;
    let root = root.canonicalize().unwrap_or(root);
    let repo = Repo::discover(&root)?;
    if repo.as_ref().is_some_and(Repo::is_bare) {
        return Err(
            CommandError::usage("a bare repository has no files to make a workspace of")
                .hint("clone it, and run `tallybook init` in the clone"),
        );
    }
    let name = args.name.clone().unwrap_or_else(|| folder_name(&root));
    let key = args
        .key
        .clone()
        .unwrap_or_else(|| author::suggest_key(&name));
    let owner = owner(ctx, repo.as_ref());
    let project = NewProject {
        folder: &text::slug(&name, 40),
        key: &key,
        name: &name,
        owner: owner
            .as_ref()
            .map(|(name, email)| (name.as_str(), email.as_str())),
        seed: ctx.seed(),
    };
    let attributes = files::read_optional(&root.join(".gitattributes"))?;
    let attributes = attributes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let branch = launches_branch(args, repo.as_ref(), &root)?;
    let workspace = NewWorkspace {
        title: &name,
        project,
        launches_branch: branch.as_deref(),
        gitattributes: attributes.as_deref(),
    };
    let changes = author::init(&workspace, &existing(&root)?).map_err(init_error)?;
    write(&root, &changes)?;
    let is_schema = |edit: &&Edit| edit.path.starts_with(schema::FOLDER);
    let wrote = |path: &str| {
        let path = args.folder.join(path);
        let path = path.strip_prefix(".").unwrap_or(&path);
        format!("wrote {}", path.display())
    };
    for edit in changes.edits.iter().filter(|edit| !is_schema(edit)) {
        ui.status(wrote(&edit.path));
    }
    let schemas = changes.edits.iter().filter(is_schema).count() as u64;
    if schemas > 0 {
        let schemas = text::count(schemas, "schema");
        ui.status(format!("{} ({schemas} for editors)", wrote(schema::FOLDER)));
    }
    if let Some(branch) = &branch {
        ui.status(format!(
            "closed launches go to a branch of their own, `{branch}`, which the first closing makes"
        ));
    }
    if let Some(repo) = &repo {
        register(ui, ctx, repo);
    }
    report(ui, repo.as_ref(), &args.folder, owner.is_none());
    Ok(Exit::Fine)
}

/// Returns the branch that closed launches are to have to themselves.
fn launches_branch(
    args: &InitArgs,
    repo: Option<&Repo>,
    root: &Path,
) -> Result<Option<String>, CommandError> {
    let is_product = match repo {
        Some(repo) => product::is_one(repo, root)?,
        None => false,
    };
    let name = match &args.launches_branch {
        Some(name) => name.as_str(),
        None if is_product && !args.launches_here => LAUNCHES_BRANCH,
        None => return Ok(None),
    };
    if !is_branch_name(name) {
        return Err(
            CommandError::usage(format!("no branch can be called `{name}`"))
                .hint(format!("name one as `{LAUNCHES_BRANCH}`")),
        );
    }
    if let Some(repo) = repo {
        product::check_branch(repo, name)?;
    }
    Ok(Some(name.to_owned()))
}

/// Tells git of the merge driver. The workspace is made either way.
fn register(ui: &mut Ui, ctx: &Context, repo: &Repo) {
    match merging::register(repo, ctx) {
        Ok(true) => ui.status("registered the merge driver in this repository's configuration"),
        Ok(false) => {}
        Err(_) => ui.warn("the merge driver could not be registered: git will merge lines"),
    }
}

fn report(ui: &mut Ui, repo: Option<&Repo>, folder: &Path, without_owner: bool) {
    if folder != Path::new(".") {
        let folder = text::shell_word(&folder.display().to_string());
        ui.hint(format!("go on in its folder: `cd {folder}`"));
    }
    if repo.is_none() {
        ui.hint("make it a repository: `git init`");
    }
    if without_owner {
        ui.warn("git does not know who you are, so the project has no member yet");
        ui.hint(
            "say who you are, `git config user.name NAME` and `git config user.email EMAIL`, and be \
             its owner: `tallybook member add NAME --email EMAIL --role owner`",
        );
    }
    ui.hint("check it with `tallybook validate`, then commit it: `git add . && git commit -m \"A workspace\"`");
}

fn init_error(error: InitError) -> CommandError {
    let hint = match &error {
        InitError::Exists { path } if path == WORKSPACE_FILE => Some(
            "this is a workspace already: `tallybook project new NAME` makes another project in it",
        ),
        _ => None,
    };
    let error = CommandError::from(error);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn folder_name(root: &Path) -> String {
    let name = root.file_name().and_then(|name| name.to_str());
    name.unwrap_or("Project").to_owned()
}

pub(super) fn owner(ctx: &Context, repo: Option<&Repo>) -> Option<(String, String)> {
    let (name, email) = ctx.author();
    let configured = repo.map_or_else(Repo::global_identity, Repo::identity);
    let name = name
        .map(str::to_owned)
        .or(configured.as_ref().map(|c| c.name.clone()))?;
    let email = email.map(str::to_owned).or(configured.map(|c| c.email))?;
    Some((name, email))
}

/// The paths that a new workspace could collide with.
pub(super) fn existing(root: &Path) -> Result<BTreeSet<String>, CommandError> {
    let mut out = BTreeSet::new();
    if root.join("tallybook.yaml").symlink_metadata().is_ok() {
        out.insert("tallybook.yaml".to_owned());
    }
    let folders = ["projects", schema::FOLDER].map(|folder| paths::to_native(root, folder));
    for entry in folders
        .into_iter()
        .flat_map(walkdir::WalkDir::new)
        .filter_map(Result::ok)
    {
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        out.extend(paths::from_native(relative));
    }
    Ok(out)
}
