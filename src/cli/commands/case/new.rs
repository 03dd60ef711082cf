//! `tallybook case new`

use std::io::Read as _;
use std::path::Path;

use super::desk::{Desk, WriteArgs, case_error, finish};
use super::editor::{self, Draft};
use crate::author::case::{NewCase, Setting, find_case, new_case, steps_body};
use crate::base::files;
use crate::base::text::line;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::pick;
use crate::cli::place::{self, ProjectArg};
use crate::cli::ui::Ui;
use crate::git::{ChangeSet, Content};
use crate::model::{Case, Execution, Link, Relation};
use crate::store::{MAX_FILE, Project, parse_case};

/// Make a test case
///
/// Its id is the project's key and six characters drawn at random, so that branches need no counter; its
/// file is named after the title. Steps come from a file, from the standard input, or from your editor.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook case new --title \"Sign in with an expired password\" --section auth
  tallybook case new --title \"Pay by card\" --section checkout/pay --owner alice --tag smoke --steps steps.md
  printf 'Open the cart.\\nRemove the last item.\\n' | tallybook case new --title \"Empty a cart\" --steps -
  tallybook case new --title \"Search\" --execution automated --selector 'tests.search#*'
  tallybook case new --title \"Print a label\" --edit --branch print-a-label")]
pub(super) struct NewArgs {
    /// What it is called
    #[arg(long, allow_hyphen_values = true)]
    title: String,
    /// The folders below `cases` that it stands in, as `auth/sign-in`
    #[arg(
        short,
        long,
        value_name = "SECTION",
        default_value = "",
        hide_default_value = true
    )]
    section: String,
    /// The file's name [default: made of the title]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Who executes it [default: automated where a selector is given, else manual]
    #[arg(long, value_name = "manual|automated")]
    execution: Option<String>,
    /// Its state in the workflow [default: the first]
    #[arg(long, value_name = "STATE")]
    status: Option<String>,
    /// Its layer, as `e2e`
    #[arg(long, value_name = "LAYER")]
    layer: Option<String>,
    /// How much a failure matters, `blocker` to `trivial`
    #[arg(long, value_name = "SEVERITY")]
    severity: Option<String>,
    /// The member who answers for it [default: you, where you are one]
    #[arg(long, value_name = "MEMBER")]
    owner: Option<String>,
    /// A tag; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// A custom field, as `component=login`; may be repeated
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = place::parse_variable)]
    fields: Vec<(String, String)>,
    /// A parameter and its values, as `browser=[chrome, firefox]`; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUES", value_parser = place::parse_variable)]
    parameters: Vec<(String, String)>,
    /// How parameters make rows: `each`, `all`, `pairwise` or `rows`
    #[arg(long, value_name = "HOW")]
    combine: Option<String>,
    /// An issue that it belongs to; may be repeated
    #[arg(long = "issue", value_name = "ISSUE")]
    issues: Vec<String>,
    /// A requirement that it covers; may be repeated
    #[arg(long = "requirement", value_name = "ID")]
    requirements: Vec<String>,
    /// Another case that it automates; may be repeated
    #[arg(long = "automates", value_name = "CASE")]
    automates: Vec<String>,
    /// The full name of a test that executes it, `*` for any characters; may be repeated
    #[arg(long = "selector", value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// A file with its steps, `-` for the standard input: lines, a list, or a text with sections
    #[arg(long, value_name = "FILE")]
    steps: Option<String>,
    /// Open it in your editor before it is written
    #[arg(short, long)]
    edit: bool,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    write: WriteArgs,
}

pub(super) fn run(ui: &mut Ui, ctx: &Context, args: &NewArgs) -> Result<Exit, CommandError> {
    // A title may begin with a dash, so that a flag behind it would be one.
    let flag = args.title.strip_prefix("--").unwrap_or_default();
    if flag.starts_with(|c: char| c.is_ascii_lowercase()) && !flag.contains(char::is_whitespace) {
        let message = format!(
            "`--title` needs a title, and `{}` looks like a flag",
            line(&args.title, 100)
        );
        return Err(CommandError::usage(message).hint("put the title behind it, in quotes"));
    }
    let steps = args.steps.as_deref().map(|file| read_steps(ctx, file));
    let steps = steps.transpose()?;
    let desk = Desk::open(ctx, &args.write.branch)?;
    let project = place::project(&desk.loaded.workspace, &args.project)?;
    place::key(project)?;
    let mut case = Case {
        title: args.title.clone(),
        execution: match args.selectors.is_empty() {
            true => Execution::Manual,
            false => Execution::Automated,
        },
        ..Case::default()
    };
    let owner = match &args.owner {
        Some(owner) => Some(pick::owner(ctx, &desk.place, project, Some(owner))?),
        None => pick::owner(ctx, &desk.place, project, None).ok(),
    };
    case.owner = owner.filter(|_| args.owner.is_some() || !project.members.is_empty());
    let settings = project.settings.as_ref();
    let first = settings.and_then(|doc| doc.value.workflow.first());
    case.status = first.map_or("draft", String::as_str).to_owned();
    fill(ui, project, &mut case, args)?;
    let body = match &steps {
        Some(steps) => steps_body(steps),
        None if args.edit => editor::TEMPLATE.to_owned(),
        None => String::new(),
    };
    let new = NewCase {
        case,
        section: &args.section,
        name: args.name.as_deref(),
        body: &body,
        seed: ctx.seed(),
    };
    let mut change = new_case(project, &new).map_err(case_error)?;
    let draft = match args.edit {
        true => Some(edit(ctx, &desk, &mut change.changes, &change.cases[0])?),
        false => None,
    };
    let exit = match (finish(ui, ctx, &desk, &args.write, &change), draft) {
        (Err(error), Some(draft)) => return Err(draft.keep(error)),
        (Ok(exit), Some(draft)) if args.write.dry_run => {
            draft.kept().into_iter().for_each(|hint| ui.hint(hint));
            exit
        }
        (done, _) => done?,
    };
    if body.is_empty() && !args.write.dry_run {
        ui.hint("it has no steps yet: write them below its fields, or give them by `--steps FILE`");
    }
    Ok(exit)
}

/// Puts what was typed into a case, held against what the project has.
fn fill(
    ui: &mut Ui,
    project: &Project,
    case: &mut Case,
    args: &NewArgs,
) -> Result<(), CommandError> {
    let one =
        |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name}={value}"));
    let mut typed: Vec<String> = [
        one("execution", &args.execution),
        one("status", &args.status),
        one("layer", &args.layer),
        one("severity", &args.severity),
        one("combine", &args.combine),
    ]
    .into_iter()
    .flatten()
    .collect();
    typed.extend(args.tags.iter().map(|tag| format!("tags+={tag}")));
    typed.extend(
        args.selectors
            .iter()
            .map(|name| format!("selectors+={name}")),
    );
    let fields = args.fields.iter();
    typed.extend(fields.map(|(name, value)| format!("fields.{name}+={value}")));
    let parameters = args.parameters.iter();
    typed.extend(parameters.map(|(name, values)| format!("parameters.{name}={values}")));
    for typed in typed {
        let setting = Setting::parse(project, &typed);
        let setting = setting.map_err(|error| case_error(error.into()))?;
        if setting.is_empty_parameter() {
            let message = format!("`{}` gives the parameter no value", line(&typed, 100));
            let error = CommandError::usage(message);
            return Err(error.hint("give it some, as `browser=[chrome, firefox]`"));
        }
        if let Some(tag) = setting.tag_with_comma() {
            let tag = line(tag, 100);
            ui.warn(format!("`{tag}` is one tag with a comma"));
            ui.hint("each tag has a `--tag` of its own");
        }
        setting.apply(case);
    }
    let link = |kind: &str, name: &String| Link {
        kind: Some(kind.to_owned()),
        name: Some(name.trim().to_owned()),
        url: None,
    };
    case.links
        .extend(args.issues.iter().map(|name| link("issue", name)));
    let requirements = args.requirements.iter();
    case.links
        .extend(requirements.map(|name| link("requirement", name)));
    for other in &args.automates {
        let doc = find_case(project, other).map_err(case_error)?;
        case.relations.push(Relation {
            kind: "automates".to_owned(),
            case: doc.value.id.clone(),
        });
    }
    Ok(())
}

/// Reads steps from a file or from the standard input.
fn read_steps(ctx: &Context, file: &str) -> Result<String, CommandError> {
    let bytes = match file {
        "-" => {
            let mut bytes = Vec::new();
            let mut input = std::io::stdin().lock().take(MAX_FILE + 1);
            input.read_to_end(&mut bytes)?;
            bytes
        }
        file => files::read(&ctx.resolve(Path::new(file)))?,
    };
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("the steps have more than {MAX_FILE} bytes");
        return Err(CommandError::usage(message));
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| CommandError::usage("the steps are not UTF-8"))?;
    match text.contains('\0') {
        true => Err(CommandError::usage("there is a NUL byte in the steps")),
        false => Ok(text),
    }
}

/// Lets a person write the file before it is made.
fn edit(
    ctx: &Context,
    desk: &Desk,
    changes: &mut ChangeSet,
    id: &str,
) -> Result<Draft, CommandError> {
    let made = changes.edits.first_mut();
    let made = made.and_then(|edit| Some((edit.path.as_str(), edit.content.as_mut()?)));
    let Some((path, Content::Bytes(bytes))) = made else {
        return Err(CommandError::internal("a new case is a file"));
    };
    let given = String::from_utf8_lossy(bytes).into_owned();
    let draft = editor::edit(ctx, &desk.place, path, &given)?;
    if draft.text == given {
        let error = CommandError::usage("the text is as it was given; nothing was written");
        return Err(error.hint("write its steps, save, and close the editor"));
    }
    let (read, _) = parse_case(path, draft.text.as_str().into());
    let wrong = match read {
        Some(read) if read.value.id == id => {
            *bytes = draft.text.clone().into_bytes();
            return Ok(draft);
        }
        Some(_) => format!("the id was changed: it is `{id}`; nothing was written"),
        None => "what was written does not read as a case; nothing was written".to_owned(),
    };
    Err(draft.keep(CommandError::usage(wrong)))
}
