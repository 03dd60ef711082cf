//! `tallybook export in-toto`: attestations of a closed launch.

use std::path::{Path, PathBuf};

use crate::base::{files, text};
use crate::cli::commands::verify;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::place::{self, AtArg, FoundLaunch, Place, ProjectArg};
use crate::cli::ui::Ui;
use crate::exchange::{self, Evidence, EvidenceError, KeyError, Predicate, SigningKey};
use crate::store::launches::LaunchHead;

/// Attest a closed launch as in-toto statements
///
/// Writes one statement a line: with the predicate `test-result`, which policy engines know, and with
/// our own, which has receipt, totals, environment, source, jobs and closing. Both are about the
/// commit that was tested, where it is known, and about the launch's `launch.yaml`, whose SHA-256 is
/// the receipt.
///
/// With `--key` each statement stands in a DSSE envelope that the key signs; without, it is bare. The
/// same launch and key give the same bytes. A launch that is not what was closed, by its files or by the
/// history of the branch, is not attested: see `tallybook verify`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  tallybook export in-toto 2026-11-22-1843-nightly-4f7k
  tallybook export in-toto \"$id\" --predicate test-result --key signing.pem --out result.json
  tallybook export in-toto \"$id\" --key signing.pem --out nightly.intoto.jsonl")]
pub(crate) struct InTotoArgs {
    /// The launch's id, the beginning of it, or its receipt
    #[arg(value_name = "LAUNCH")]
    launch: String,
    #[command(flatten)]
    project: ProjectArg,
    #[command(flatten)]
    at: AtArg,
    /// What to say of it
    #[arg(long, value_enum, default_value_t = Said::Both)]
    predicate: Said,
    /// Sign with this private key: PEM, Ed25519 or ECDSA over P-256, not encrypted
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Write into this file instead of printing
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Said {
    /// Which tests passed, which failed, which wavered
    TestResult,
    /// All that the launch decided
    Tallybook,
    /// Both, one a line
    Both,
}

impl Said {
    fn predicates(self) -> &'static [Predicate] {
        match self {
            Self::TestResult => &[Predicate::TestResult],
            Self::Tallybook => &[Predicate::Launch],
            Self::Both => &Predicate::ALL,
        }
    }
}

pub(crate) fn run(ui: &mut Ui, ctx: &Context, args: &InTotoArgs) -> Result<Exit, CommandError> {
    let key = args.key.as_deref().map(|path| read_key(ctx, path));
    let key = key.transpose()?;
    let place = Place::find(ctx)?;
    let snapshot = place.snapshot(&args.at)?;
    let loaded = place::load(&snapshot)?;
    let found = place::launch(
        &place,
        &loaded.workspace,
        &snapshot,
        &args.launch,
        &args.project,
        &args.at,
    )?;
    let head = match found.found {
        FoundLaunch::Closed(head) => *head,
        FoundLaunch::Open(id) => {
            return Err(CommandError::usage(format!(
                "launch `{id}` is open: what it says may change"
            ))
            .hint(format!("close it first: `tallybook launch close {id}`")));
        }
    };
    if !is_as_closed(ui, ctx, (&place, &args.at), &head)? {
        return Ok(Exit::Findings);
    }
    let evidence = Evidence::read(snapshot.launches.as_ref(), head).map_err(refused)?;
    let mut text = String::new();
    for predicate in args.predicate.predicates() {
        let statement = exchange::statement(&evidence, *predicate);
        let line = match &key {
            Some(key) => exchange::envelope(key, &statement),
            None => statement,
        };
        text.push_str(&line);
        text.push('\n');
    }
    match &args.out {
        Some(out) => {
            files::write_atomic(&ctx.resolve(out), text.as_bytes())?;
            let statements = text::count(args.predicate.predicates().len() as u64, "statement");
            ui.status(format!("wrote {statements} to `{}`", out.display()));
        }
        None => ui.out_raw(text),
    }
    Ok(Exit::Fine)
}

/// Whether `verify` finds nothing wrong with the launch; says what it finds.
fn is_as_closed(
    ui: &mut Ui,
    ctx: &Context,
    (place, at): (&Place, &AtArg),
    head: &LaunchHead,
) -> Result<bool, CommandError> {
    let id = &head.file.id;
    let Some(report) = verify::one(ui, ctx, (place, at), head)? else {
        ui.warn(format!(
            "this is no git repository, so that nothing tells whether launch `{id}` was altered since"
        ));
        return Ok(true);
    };
    if !report.ok {
        ui.say(
            "error",
            &format!("launch `{id}` is not attested: it is not what was closed, or not by whom it might be"),
        );
        ui.hint("`tallybook verify` says what is not as it was closed");
    }
    Ok(report.ok)
}

fn read_key(ctx: &Context, path: &Path) -> Result<SigningKey, CommandError> {
    let bytes = files::read(&ctx.resolve(path))?;
    let key = SigningKey::from_pem(&String::from_utf8_lossy(&bytes));
    key.map_err(|error| {
        let shown = path.display();
        let message = format!("`{shown}` can't sign: {error}");
        CommandError::usage(message).hint(match error {
            KeyError::Encrypted => {
                "`openssl pkey -in FILE -out PLAIN` decrypts a key of OpenSSL; keep it where only this \
                 command reads it"
            }
            KeyError::Absent | KeyError::OpenSsh | KeyError::Unsupported => {
                "`openssl genpkey -algorithm ed25519 -out FILE` makes one"
            }
        })
    })
}

/// Altered evidence is not attested.
fn refused(error: EvidenceError) -> CommandError {
    let is_altered = !matches!(error, EvidenceError::Store(_));
    let error = CommandError::from(error);
    match is_altered {
        true => error.hint("`tallybook verify` says what is not as it was closed"),
        false => error,
    }
}
