//! `tallybook verify`: evidence, is it unaltered.

use std::collections::BTreeMap;

use crate::base::path::join;
use crate::base::{Digest, text};
use crate::cli::commands::launch::CheckFormat;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{AtArg, Place};
use crate::cli::side::{self, Evidence};
use crate::cli::ui::Ui;
use crate::diag::render::{self, Item, Level};
use crate::git::CommitId;
use crate::integrity::{
    self, Acknowledgement, AskedLaunch, ChainTip, Coverage, Kind, Removed, Report, Rights,
    Signatures, VerifyOptions, Violation,
};
use crate::store::attachments::{AttachmentStore, ContentFolder};
use crate::store::launches::LaunchHead;

/// Verify that closed launches are what was closed
///
/// Checks the sums and receipts of every closed launch, the chain of receipts, the texts of cases
/// as executed, and the history on every path through merges: a launch that was changed and put
/// back is named too. Where the branch is checked out, the files are read as well. Where closed
/// launches have a branch to themselves, that is what is verified.
///
/// What commits did is held against the roles of members, by the members before each commit: by
/// signature where the project requires one, else by author.
///
/// Needs no network. Ends with 1 where anything differs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook verify
  tallybook verify --at v1.4
  tallybook verify --receipt 42a7b6e19fbe44190ac9fb77e6a231f65b17b1b61e84a37c387b1592445d528c
  tallybook verify --since origin/main
  tallybook verify --format json
  tallybook verify --since origin/main --format github")]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    at: AtArg,
    /// A receipt that was kept elsewhere: which launches does it prove?
    #[arg(long, value_name = "SHA256", value_parser = parse_receipt)]
    receipt: Option<Digest>,
    /// Take what this commit has as verified: only what was done since is looked at. What CI asks of
    /// a pull request
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// A commit whose members bind besides those before each commit, unless the commit follows from
    /// it [default: that of --since]
    #[arg(long, value_name = "REV")]
    rules: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &VerifyArgs) -> Result<Exit, CommandError> {
    let place = Place::find_evidence(ctx)?;
    let evidence = place.evidence(&args.at)?;
    match &evidence.unavailable {
        Some(unavailable) if unavailable.is_cut => {
            return Err(side::refuse_unavailable(unavailable));
        }
        unavailable => side::tell_unavailable(ui, unavailable.as_ref()),
    }
    let resolve = |rev: &Option<String>| match rev {
        Some(rev) => place.commit(rev).map(Some),
        None => Ok(None),
    };
    let (since, rules) = (resolve(&args.since)?, resolve(&args.rules)?);
    let mut options = options(ctx, (&place, &args.at), &evidence, since)?;
    options.receipt = args.receipt;
    options.rules = rules.or(options.rules);
    let progress = ui.progress("verifying");
    let report = integrity::verify(place.repo.as_ref(), &options)?;
    drop(progress);
    match args.format {
        CheckFormat::Json => {
            ui.out_raw(serde_json::to_string_pretty(&report).expect("plain data") + "\n");
        }
        CheckFormat::Text => print(ui, &report),
        CheckFormat::Github => {
            let items: Vec<Item> = report.violations.iter().map(item).collect();
            ui.view(render::github(&items));
            for notice in &report.notices {
                ui.say("notice", notice);
            }
        }
    }
    Ok(if report.ok {
        Exit::Fine
    } else {
        Exit::Findings
    })
}

fn item(violation: &Violation) -> Item {
    Item {
        code: "verify".to_owned(),
        name: violation.kind.as_str().to_owned(),
        level: Level::Error,
        path: violation.path.clone(),
        range: None,
        message: violation.message.clone(),
        help: None,
    }
}

/// Returns what is to be verified: all of the evidence, or what was done to it since a commit.
fn options(
    ctx: &Context,
    (place, at): (&Place, &AtArg),
    evidence: &Evidence,
    since: Option<CommitId>,
) -> Result<VerifyOptions, CommandError> {
    let sides = sides(place, evidence, since)?;
    Ok(VerifyOptions {
        workspace: place.prefix.clone(),
        at: evidence.at.map(|commit| commit.to_string()),
        complete: evidence.complete,
        known: since.into_iter().collect(),
        rules: sides.rules,
        documentation: sides.documentation,
        attachments: stored(ctx, place, at)?,
        receipt: None,
    })
}

/// Returns what was done to closed launches, and to their rules, since a commit; says what could not be
/// seen.
pub(super) fn since(
    ui: &mut Ui,
    ctx: &Context,
    (place, at): (&Place, &AtArg),
    since: CommitId,
) -> Result<Vec<Violation>, CommandError> {
    let evidence = place.evidence(at)?;
    side::tell_unavailable(ui, evidence.unavailable.as_ref());
    if evidence.at.is_none() {
        return Ok(Vec::new());
    }
    let options = options(ctx, (place, at), &evidence, Some(since))?;
    let progress = ui.progress("verifying");
    let report = integrity::verify(place.repo.as_ref(), &options)?;
    drop(progress);
    for notice in &report.notices {
        ui.say("notice", notice);
    }
    Ok(report.violations)
}

/// Verifies one closed launch, as the whole is verified; says what is worth knowing. `None` where there is no
/// repository.
pub(super) fn one(
    ui: &mut Ui,
    ctx: &Context,
    (place, at): (&Place, &AtArg),
    head: &LaunchHead,
) -> Result<Option<Report>, CommandError> {
    if place.repo.is_none() {
        return Ok(None);
    }
    let evidence = place.evidence(at)?;
    let options = options(ctx, (place, at), &evidence, None)?;
    let asked = AskedLaunch {
        folder: &join(&place.prefix, &head.path),
        receipt: head.receipt,
    };
    let report = integrity::verify_launch(place.repo.as_ref(), &options, &asked)?;
    for notice in &report.notices {
        ui.say("notice", notice);
    }
    for known in &report.acknowledged {
        ui.say("notice", &acknowledged(known));
    }
    for violation in report.violations.iter().take(ALIKE) {
        ui.say("error", &violation.line());
    }
    Ok(Some(report))
}

/// Whose members bind what was done since, and what else is held against roles.
struct Sides {
    rules: Option<CommitId>,
    documentation: Option<CommitId>,
}

/// A branch of launches alone has no members: those of the documentation bind what was done there since
/// one of its commits. Since a commit of the documentation, what was done to that is looked at; launches
/// were closed under the rules of their time.
fn sides(
    place: &Place,
    evidence: &Evidence,
    since: Option<CommitId>,
) -> Result<Sides, CommandError> {
    let apart = evidence.at.zip(evidence.documentation);
    let Some((launches, documentation)) = apart else {
        return Ok(Sides {
            rules: since,
            documentation: None,
        });
    };
    let of_launches = match since {
        Some(since) => place.repo()?.is_ancestor(since, launches)?,
        None => false,
    };
    Ok(Sides {
        rules: of_launches.then_some(documentation),
        documentation: (!of_launches).then_some(documentation),
    })
}

/// Returns the folder that keeps attachments outside of git, where the workspace has one. Where the
/// documentation is not here, git alone is asked.
fn stored(ctx: &Context, place: &Place, at: &AtArg) -> Result<Option<ContentFolder>, CommandError> {
    let Ok(documentation) = place.documentation(at) else {
        return Ok(None);
    };
    Ok(match place.attachments_at(ctx, &documentation)? {
        AttachmentStore::Directory(folder) => Some(folder),
        AttachmentStore::Git | AttachmentStore::Lfs(_) => None,
    })
}

fn print(ui: &mut Ui, report: &Report) {
    for alike in report
        .violations
        .chunk_by(|a, b| (&a.launch, a.kind) == (&b.launch, b.kind))
    {
        let shown = if alike.len() > ALIKE + 1 {
            ALIKE
        } else {
            alike.len()
        };
        for violation in &alike[..shown] {
            ui.out(violation.line());
        }
        if let Some(next) = alike.get(shown) {
            let more = text::thousands((alike.len() - shown) as u64);
            ui.out(format!("{}: and {more} more{}", next.kind, of_launch(next)));
        }
    }
    for notice in &report.notices {
        ui.say("notice", notice);
    }
    for known in &report.acknowledged {
        ui.say("notice", &acknowledged(known));
    }
    print_removed(ui, &report.removed);
    let launches = match report.known {
        0 => text::count(report.launches as u64, "closed launch"),
        known => format!(
            "{} (beside {} verified before)",
            text::count(report.launches as u64, "new closed launch"),
            text::thousands(known as u64)
        ),
    };
    if report.launches == 0 && report.known == 0 && report.ok {
        ui.out("there are no closed launches to verify");
    } else if report.ok {
        ui.out(format!("evidence intact: {launches} verified"));
        if report.coverage.is_none() {
            list(ui, &report.receipts);
        }
    } else if report.violations.iter().all(is_of_rules) {
        let violations = text::count(report.violations.len() as u64, "violation");
        ui.out(format!(
            "evidence intact, rules broken: {violations}; {launches} verified"
        ));
    } else {
        let violations = text::count(report.violations.len() as u64, "violation");
        ui.out(format!("evidence altered: {violations} in {launches}"));
    }
    print_rights(ui, &report.rights);
    if let Some(line) = signatures(&report.signatures) {
        ui.out(line);
    }
    let proves = |coverage: &&Coverage| !coverage.covered.is_empty();
    if let Some(coverage) = report.coverage.as_ref().filter(proves) {
        print_coverage(ui, coverage);
    }
}

/// `closings: 12 signed (alice 10, bob 2), 3 unsigned`; nothing where nobody signs.
fn signatures(signatures: &Signatures) -> Option<String> {
    let mut members: BTreeMap<&str, u64> = BTreeMap::new();
    for member in signatures
        .closings
        .iter()
        .filter_map(|closing| closing.member.as_deref())
    {
        *members.entry(member).or_default() += 1;
    }
    let members: Vec<String> = members
        .iter()
        .map(|(name, n)| format!("{name} {}", text::thousands(*n)))
        .collect();
    let signed = match members.is_empty() {
        true => String::new(),
        false => format!("signed by members ({})", members.join(", ")),
    };
    let all = [
        (signatures.signed, signed.as_str()),
        (signatures.unknown, "signed by no member's key"),
        (signatures.bad, "with a bad signature"),
        (
            signatures.unchecked,
            "with a signature that can't be checked here",
        ),
    ];
    let mut said: Vec<String> = all
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", text::thousands(*n as u64)))
        .collect();
    if said.is_empty() {
        return None;
    }
    if signatures.unsigned > 0 {
        said.push(format!(
            "{} unsigned",
            text::thousands(signatures.unsigned as u64)
        ));
    }
    Some(format!("closings: {}", said.join(", ")))
}

/// `acknowledged by Ada <…> on 2026-11-22: …: removed-launch …`
fn acknowledged(known: &Acknowledgement) -> String {
    format!(
        "acknowledged{} on {}: {}: {}",
        by(known.by.as_deref()),
        known.at.date(),
        known.reason,
        known.violation.line()
    )
}

fn by(who: Option<&str>) -> String {
    who.map_or_else(String::new, |who| format!(" by {who}"))
}

/// Says what was removed with a record: a few records, then how many more.
fn print_removed(ui: &mut Ui, removed: &[Removed]) {
    for record in removed.iter().take(ALIKE) {
        ui.say(
            "notice",
            &format!(
                "{} of launch `{}` {}{} on {}: {}",
                text::count(record.files as u64, "file"),
                record.launch,
                record.kind.as_str(),
                by(record.by.as_deref()),
                record.at.date(),
                record.reason
            ),
        );
    }
    if let Some(more) = removed.get(ALIKE..).filter(|more| !more.is_empty()) {
        let files: usize = more.iter().map(|record| record.files).sum();
        ui.say(
            "notice",
            &format!(
                "and {} removed by {} more",
                text::count(files as u64, "file"),
                text::count(more.len() as u64, "record")
            ),
        );
    }
}

/// Says what rights were judged by: an author is what a commit says, a signature is proved.
fn print_rights(ui: &mut Ui, rights: &Rights) {
    let mut parts = Vec::new();
    if rights.by_signature > 0 {
        let commits = text::count(rights.by_signature as u64, "commit");
        parts.push(format!("{commits} by signature"));
    }
    if rights.by_author > 0 {
        let commits = text::count(rights.by_author as u64, "commit");
        parts.push(format!("{commits} by author, which git does not prove"));
    }
    if !parts.is_empty() {
        ui.out(format!("rights: {}", parts.join("; ")));
    }
}

/// How many violations of one kind in one launch are shown; `--format json` has all.
const ALIKE: usize = 5;

/// Whether what was closed is as it was, and somebody did what they may not.
fn is_of_rules(violation: &Violation) -> bool {
    matches!(
        violation.kind,
        Kind::NotAllowed | Kind::UnsignedClosing | Kind::BadSignature
    )
}

fn of_launch(violation: &Violation) -> String {
    let launch = violation.launch.as_deref();
    launch.map_or_else(String::new, |id| format!(" of launch `{id}`"))
}

fn list(ui: &mut Ui, tips: &[ChainTip]) {
    for tip in tips {
        ui.out(format!("  {}/{}  {}", tip.project, tip.launch, tip.receipt));
    }
}

fn print_coverage(ui: &mut Ui, coverage: &Coverage) {
    let covered = text::count(coverage.covered.len() as u64, "launch");
    ui.out(format!("the receipt proves {covered}"));
    list(ui, &coverage.covered);
    if !coverage.uncovered.is_empty() {
        let uncovered = text::count(coverage.uncovered.len() as u64, "launch");
        ui.out(format!("it says nothing of {uncovered}"));
        list(ui, &coverage.uncovered);
    }
}

/// Reads a receipt as `close` prints it, or as a trailer has it.
fn parse_receipt(text: &str) -> Result<Digest, String> {
    let hex = text.trim().to_ascii_lowercase();
    Digest::parse(hex.trim_start_matches("sha256:"))
        .ok_or_else(|| "a receipt has 64 hex digits".to_owned())
}
