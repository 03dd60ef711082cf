//! `tallybook member`: who takes part in a project.

use std::path::Path;

use serde::Serialize;

use super::launch::OutputFormat;
use crate::author::{self, MemberChange, MemberError, MemberRequest};
use crate::base::{files, text};
use crate::cli::change::{BranchArg, Onto, carry_out, workspace};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::model::{Member, Role};
use crate::store::Project;

/// Add, list and remove the members of a project
///
/// A member is a file, `members/NAME.yaml`: a name, the email addresses that git knows them by, a
/// role, and public keys. Owners may change everything; writers documentation and mutes, and all
/// that a runner may; runners open, fill and close launches; readers read.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook member add \"Carol Danvers\" --email carol@example.com --branch add-carol
  tallybook member add carol --key ~/.ssh/id_ed25519.pub
  tallybook member list
  tallybook member remove carol")]
pub(crate) struct MemberArgs {
    #[command(subcommand)]
    command: MemberCommand,
}

#[derive(Debug, clap::Subcommand)]
enum MemberCommand {
    Add(AddArgs),
    List(ListArgs),
    Remove(RemoveArgs),
}

/// Add a member, or give one more addresses, keys, another role
///
/// Writes one file and commits nothing, unless `--branch` asks for a commit on a new branch, ready
/// to be pushed and reviewed: the working tree stays as it is then. Of a member who is there
/// already the file is edited; its comments and order stay.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook member add \"Carol Danvers\" --email carol@example.com --branch add-carol
  tallybook member add \"Nightly CI\" --email ci@example.com --role runner --key ci.pub
  tallybook member add carol --role owner")]
struct AddArgs {
    /// A name, or a member who is there
    #[arg(value_name = "NAME")]
    name: String,
    /// An address as git has it in `user.email`; may be repeated
    #[arg(short, long = "email", value_name = "EMAIL")]
    emails: Vec<String>,
    /// What they may do [default: writer]
    #[arg(short, long, value_parser = parse_role)]
    role: Option<Role>,
    /// A public key of OpenSSH, OpenPGP or X.509: a file, or the text itself; may be repeated
    #[arg(short, long = "key", value_name = "FILE|KEY")]
    keys: Vec<String>,
    /// The file's name, where it is not to follow from the name
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

/// List members
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook member list
  tallybook member list --project SHOP --format json")]
struct ListArgs {
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// Remove a member
///
/// What they did stays, and closed launches still verify: rights are judged by the members of that
/// time. The last owner can't be removed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook member remove carol
  tallybook member remove carol@example.com --branch remove-carol")]
struct RemoveArgs {
    /// The file's name, the name, or an address
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    branch: BranchArg,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &MemberArgs) -> Result<Exit, CommandError> {
    match &args.command {
        MemberCommand::Add(args) => add(ui, ctx, args),
        MemberCommand::List(args) => list(ui, ctx, args),
        MemberCommand::Remove(args) => remove(ui, ctx, args),
    }
}

fn add(ui: &mut Ui, ctx: &Context, args: &AddArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, &args.branch)?;
    let project = place::project(&workspace, &args.project)?;
    let keys: Result<Vec<String>, CommandError> =
        args.keys.iter().map(|key| read_key(ctx, key)).collect();
    let request = MemberRequest {
        name: &args.name,
        id: args.id.as_deref(),
        emails: &args.emails,
        role: args.role,
        keys: &keys?,
    };
    let done = author::add_member(project, &request).map_err(|e| member_error(e, args))?;
    if done.changes.edits.is_empty() {
        ui.status(format!("{} has all of that already", who(&done.member)));
        return Ok(Exit::Fine);
    }
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    tell(ui, ctx, onto, &done)?;
    Ok(Exit::Fine)
}

fn remove(ui: &mut Ui, ctx: &Context, args: &RemoveArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let (workspace, read) = workspace(&place, &args.branch)?;
    let project = place::project(&workspace, &args.project)?;
    let done = author::remove_member(project, &args.name).map_err(removal_error)?;
    let owned = owned(project, &done.member.id);
    let onto = Onto {
        place: &place,
        branch: &args.branch,
        read: &read,
    };
    tell(ui, ctx, onto, &done)?;
    if owned > 0 {
        let cases = text::count(owned, "case");
        ui.warn(format!("{cases} still name `{}` as owner", done.member.id));
    }
    Ok(Exit::Fine)
}

fn owned(project: &Project, member: &str) -> u64 {
    let cases = project.cases.iter();
    let owned = cases.filter(|case| case.value.owner.as_deref() == Some(member));
    owned.count() as u64
}

fn tell(
    ui: &mut Ui,
    ctx: &Context,
    onto: Onto<'_>,
    done: &MemberChange,
) -> Result<(), CommandError> {
    let removes = done.changes.edits.iter().all(|e| e.content.is_none());
    let verb = match (done.new, removes) {
        (_, true) => "removed",
        (true, _) => "added",
        (false, _) => "changed",
    };
    let did = format!("{verb} {}", who(&done.member));
    carry_out(ui, ctx, onto, &done.changes, &did)
}

fn who(member: &Member) -> String {
    let name = text::sanitize_line(&member.name);
    format!("{name} ({}, {})", member.id, member.role.as_str())
}

fn list(ui: &mut Ui, ctx: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let place = Place::find(ctx)?;
    let loaded = place::load(&place.documentation(&args.at)?)?;
    let projects = match &args.project.project {
        Some(_) => vec![place::project(&loaded.workspace, &args.project)?],
        None => loaded.workspace.projects.iter().collect(),
    };
    let rows: Vec<Row<'_>> = projects.iter().flat_map(|project| rows(project)).collect();
    match args.format {
        OutputFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&rows).expect("plain data") + "\n");
        }
        OutputFormat::Text if rows.is_empty() => {
            ui.status("there are no members: everybody may do everything");
            ui.hint("add one: `tallybook member add NAME --email EMAIL --role owner`");
        }
        OutputFormat::Text => ui.out(table(&rows)),
    }
    Ok(Exit::Fine)
}

#[derive(Serialize)]
struct Row<'w> {
    project: &'w str,
    id: &'w str,
    name: &'w str,
    role: &'static str,
    emails: &'w [String],
    keys: &'w [String],
}

fn rows(project: &Project) -> impl Iterator<Item = Row<'_>> {
    let mut members: Vec<&Member> = project.members.iter().map(|doc| &doc.value).collect();
    members.sort_by_key(|member| (member.role, &member.id));
    members.into_iter().map(|member| Row {
        project: project.key().unwrap_or(&project.folder),
        id: &member.id,
        name: &member.name,
        role: member.role.as_str(),
        emails: &member.emails,
        keys: &member.keys,
    })
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(["project", "member", "name", "role", "emails", "keys"]);
    for row in rows {
        table.add_row([
            row.project.to_owned(),
            row.id.to_owned(),
            text::truncate(&text::sanitize_line(row.name), 40),
            row.role.to_owned(),
            text::truncate(&text::sanitize_line(&row.emails.join(", ")), 60),
            row.keys.len().to_string(),
        ]);
    }
    table.trim_fmt()
}

fn parse_role(word: &str) -> Result<Role, String> {
    let found = Role::ALL.into_iter().find(|role| role.as_str() == word);
    found.ok_or_else(|| {
        let names = Role::ALL.map(Role::as_str);
        format!("expected {}", text::ticked(&names, "or"))
    })
}

/// Reads a key that was given as a file or as itself.
fn read_key(ctx: &Context, given: &str) -> Result<String, CommandError> {
    let looks_like_a_key =
        given.contains('\n') || given.contains("-----BEGIN") || given.contains(' ');
    let path = ctx.resolve(Path::new(given));
    if looks_like_a_key && !path.is_file() {
        return Ok(given.to_owned());
    }
    let bytes = files::read(&path).map_err(|error| {
        CommandError::from(error).hint("`--key` takes a file, or the text of a public key")
    })?;
    String::from_utf8(bytes).map_err(|_| {
        let message = format!("`{given}` is no text");
        CommandError::usage(message).hint("export the key with `gpg --armor --export EMAIL`")
    })
}

fn member_error(error: MemberError, args: &AddArgs) -> CommandError {
    let name = text::shell_word(&args.name);
    let hint = match &error {
        MemberError::NoEmail => Some(format!(
            "name one: `tallybook member add {name} --email EMAIL`; `tallybook member list` shows \
             who is there"
        )),
        MemberError::Taken { member, .. } => Some(format!(
            "`tallybook member add {member} …` gives that member more addresses or keys"
        )),
        MemberError::Exists { .. } => Some(format!(
            "choose another name for the file: `tallybook member add {name} --id ID …`"
        )),
        MemberError::Unreadable { .. } | MemberError::Uneditable { .. } => {
            Some("`tallybook validate` says what is wrong in it; edit it by hand".to_owned())
        }
        MemberError::FirstOwner { .. } => Some(
            "add whoever owns it first: `tallybook member add NAME --email EMAIL --role owner`"
                .to_owned(),
        ),
        _ => None,
    };
    with_hint(error, hint)
}

fn removal_error(error: MemberError) -> CommandError {
    let hint = match &error {
        MemberError::Unknown {
            members, wanted, ..
        } => {
            let near = text::closest(wanted, members.iter().map(String::as_str));
            Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`tallybook member list` shows who is there".to_owned(),
            })
        }
        MemberError::LastOwner { .. } => Some(
            "make somebody else an owner first: `tallybook member add NAME --role owner`"
                .to_owned(),
        ),
        _ => None,
    };
    with_hint(error, hint)
}

fn with_hint(error: MemberError, hint: Option<String>) -> CommandError {
    let error = CommandError {
        kind: ErrorKind::Usage,
        ..CommandError::from(error)
    };
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
