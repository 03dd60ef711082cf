//! The page that says whether a launch can be relied on. It claims nothing of its own: what was
//! recorded, what it adds up to, and how to check it.

use std::collections::{BTreeMap, HashMap};

use super::summary::{launch_link, receipt};
use super::{Account, frame, person, said, tabs};
use crate::base::text::shell_word;
use crate::model::{AnnotationKind, Intake, JobSummary, RequiredSignatures};
use crate::site::build::failures::LaunchContext;
use crate::site::input::LaunchInput;
use crate::site::pages::Writer;
use crate::site::texts::{bytes, counted, say, thousands};
use crate::site::view::launch::{AccountRow, Check, EvidencePage, JobRow, TextRow};
use crate::site::view::{Fact, Link, Verdict};
use crate::site::{markdown, words};

/// Inputs with a row of their own; those that lost something come first.
const INPUTS: usize = 200;
/// Executed texts with a row of their own; those that changed come first.
const TEXTS: usize = 200;
/// Notes of one input that are shown.
const NOTES: usize = 5;

/// Which launch names whose receipt.
#[derive(Debug, Default)]
pub(crate) struct Chain<'a> {
    by_receipt: HashMap<&'a str, usize>,
    /// The launches that name each.
    continued: Vec<Vec<usize>>,
}

impl<'a> Chain<'a> {
    pub(crate) fn new(launches: &[LaunchInput<'a>]) -> Self {
        let numbered = launches.iter().enumerate();
        let by_receipt: HashMap<&str, usize> = numbered.map(|(n, l)| (l.receipt, n)).collect();
        let mut continued = vec![Vec::new(); launches.len()];
        for (number, launch) in launches.iter().enumerate() {
            for named in &launch.file.closed.previous {
                if let Some(old) = by_receipt.get(bare(named)) {
                    continued[*old].push(number);
                }
            }
        }
        Self {
            by_receipt,
            continued,
        }
    }
}

/// A digest without the name of its kind.
fn bare(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

/// The start of a digest, enough to tell digests apart by eye.
fn short(digest: &str) -> String {
    let digest = bare(digest);
    match digest.char_indices().nth(12) {
        Some((end, _)) => format!("{}…", words::line(&digest[..end])),
        None => words::line(digest),
    }
}

pub(super) fn page(
    context: &LaunchContext<'_>,
    accounts: &[Account],
    full: bool,
    path: &str,
    writer: &Writer<'_>,
) -> EvidencePage {
    let project = context.project;
    let launch = &project.project.launches[context.number];
    let file = launch.file;
    let links = |numbers: &[usize]| -> Vec<Link> {
        let numbers = numbers.iter();
        numbers.map(|n| launch_link(project, *n)).collect()
    };
    let sum = sum(accounts);
    let (rows, accounts_cut) = rows(accounts, full);
    let (texts, texts_text, texts_cut) = texts(context);
    EvidencePage {
        frame: frame(context, path, "evidence", writer),
        tabs: tabs(context, "evidence"),
        name: words::line(&file.name),
        verdict: verdict(launch, accounts, &sum, full),
        receipt: receipt(launch.receipt),
        checks: checks(launch),
        facts: facts(launch),
        reason: words::line(file.closed.reason.as_deref().unwrap_or_default()),
        signed: signed(project.project.file.signatures),
        previous: previous(context),
        continued: links(&project.chain.continued[context.number]),
        sum: (accounts.iter().map(|a| a.intake.len()).sum::<usize>() > 1)
            .then(|| row(&sum, String::new())),
        accounts: rows,
        accounts_cut,
        jobs: file.jobs.iter().map(job_row).collect(),
        accepted: said::accepted(launch.said),
        gone: said::gone(launch.said),
        kept: kept(context),
        texts,
        texts_text,
        texts_cut,
        pack: full,
    }
}

/// The answer: what is on record against the launch, the worst first.
fn verdict(launch: &LaunchInput<'_>, accounts: &[Account], sum: &Intake, full: bool) -> Verdict {
    let of = |kind| launch.said.iter().filter(move |a| a.kind == kind);
    let acknowledged = of(AnnotationKind::Acknowledged).count() as u64;
    let redacted = of(AnnotationKind::Redacted).map(|a| a.files.len() as u64);
    let redacted: u64 = redacted.sum();
    let accepted = |job: &&JobSummary| job.accepted_loss.is_some();
    let accepted = launch.file.jobs.iter().filter(accepted).count() as u64;
    let lossy = accounts.iter().flat_map(|a| &a.intake);
    let lossy = lossy.filter(|i| i.has_loss()).count() as u64;
    let inputs = accounts.iter().map(|a| a.intake.len() as u64).sum::<u64>();

    let (tone, lead, text) = match () {
        () if acknowledged > 0 => (
            "accounted",
            "evidence.with-care",
            say!(
                "evidence.acknowledged",
                violations = counted(acknowledged, "violation")
            ),
        ),
        () if accepted > 0 => (
            "accounted",
            "evidence.incomplete-and-said",
            say!("evidence.accepted", jobs = counted(accepted, "job")),
        ),
        () if lossy > 0 => (
            "blocked",
            "evidence.incomplete",
            say!("evidence.lost", inputs = counted(lossy, "input")),
        ),
        () if redacted > 0 => (
            "accounted",
            "evidence.complete-when-closed",
            say!("evidence.redacted", files = counted(redacted, "file")),
        ),
        () if !full => (
            "empty",
            "evidence.closed-with-a-receipt",
            say!("evidence.the-account-of-what-was-read"),
        ),
        () if inputs == 0 => (
            "empty",
            "evidence.no-account",
            say!("evidence.nothing-says-what-the-results-were"),
        ),
        () if sum.attachments_missing > 0 => (
            "accounted",
            "evidence.all-but-attachments",
            say!(
                "evidence.attachments-were-not-there",
                n = sum.attachments_missing
            ),
        ),
        () => (
            "ready",
            "evidence.nothing-was-lost",
            say!(
                "evidence.became",
                n = sum.read + sum.merged,
                elements = counted(sum.elements, "element"),
                inputs = counted(inputs, "input"),
                rows = counted(rows_of(accounts), "row")
            ),
        ),
    };
    Verdict {
        tone,
        lead: say!(lead),
        text,
        detail: String::new(),
    }
}

fn rows_of(accounts: &[Account]) -> u64 {
    accounts.iter().map(|a| a.rows.len() as u64).sum()
}

fn checks(launch: &LaunchInput<'_>) -> Vec<Check> {
    let check = |command: String, says: String| Check {
        command: words::line(&command),
        says: words::line(&says),
    };
    vec![
        check(
            format!("cd {}", shell_word(launch.path)),
            say!("evidence.the-launchs-folder"),
        ),
        check(
            "sha256sum launch.yaml SHA256SUMS".to_owned(),
            say!(
                "evidence.check-sums",
                digest = bare(&launch.file.closed.sums)
            ),
        ),
        check(
            "sha256sum --check --quiet SHA256SUMS".to_owned(),
            say!("evidence.check-files"),
        ),
        check(
            format!("tallybook verify --receipt {}", launch.receipt),
            say!("evidence.check-verify"),
        ),
    ]
}

fn facts(launch: &LaunchInput<'_>) -> Vec<Fact> {
    let file = launch.file;
    let fact = |label: &str, value: String| Fact {
        label: label.to_owned(),
        value,
        ..Fact::default()
    };
    let line = |text: &Option<String>| words::line(text.as_deref().unwrap_or_default());
    let mut out = vec![
        Fact {
            when: Some(words::when(file.closed.at)),
            ..fact(&say!("fact.closed"), String::new())
        },
        fact(
            &say!("fact.closed-by-as-it-says"),
            person(file.closed.by.as_deref()),
        ),
        fact(&say!("fact.meaning"), line(&file.closed.meaning)),
        Fact {
            when: Some(words::when(file.opened.at)),
            ..fact(&say!("fact.opened"), String::new())
        },
        fact(&say!("fact.opened-by"), person(file.opened.by.as_deref())),
    ];
    if let Some(backfilled) = file.opened.backfilled {
        // It stands where its results belong, and was brought here later.
        out.push(Fact {
            when: Some(words::when(backfilled.at)),
            ..fact(&say!("fact.backfilled"), String::new())
        });
    }
    if let Some(commit) = &file.closed.documentation {
        out.push(Fact {
            mono: true,
            copy: Some(words::line(commit)),
            ..fact(
                &say!("fact.documentation-at"),
                words::short_commit(&words::line(commit)),
            )
        });
    }
    if let Some(gate) = &file.gate {
        let failed = match gate.failed.is_empty() {
            true => String::new(),
            false => format!(": {}", gate.failed.join(", ")),
        };
        out.push(fact(
            &say!("fact.gate-at-closing"),
            words::line(&format!("{}{failed}", gate.verdict)),
        ));
    }
    if !file.expect.is_empty() {
        out.push(fact(
            &say!("fact.expected-jobs"),
            words::line(&file.expect.join(", ")),
        ));
    }
    if !file.closed.version.is_empty() {
        out.push(fact(
            &say!("fact.closed-with"),
            format!("tallybook {}", words::line(&file.closed.version)),
        ));
    }
    out.retain(|fact| !fact.value.is_empty() || fact.when.is_some());
    out
}

fn signed(required: RequiredSignatures) -> String {
    let asks = match required {
        RequiredSignatures::None => "evidence.signed-none",
        RequiredSignatures::Closings => "evidence.signed-closings",
        RequiredSignatures::All => "evidence.signed-all",
    };
    say!(asks)
}

fn previous(context: &LaunchContext<'_>) -> Vec<Link> {
    let project = context.project;
    let launch = &project.project.launches[context.number];
    let named = launch.file.closed.previous.iter();
    let link = |named: &String| match project.chain.by_receipt.get(bare(named)) {
        Some(number) => launch_link(project, *number),
        None => Link {
            text: say!("evidence.not-in-this-site", receipt = short(named)),
            ..Link::default()
        },
    };
    named.map(link).collect()
}

/// All accounts together.
fn sum(accounts: &[Account]) -> Intake {
    let mut sum = Intake::default();
    for intake in accounts.iter().flat_map(|a| &a.intake) {
        sum.files = sum.files.saturating_add(intake.files);
        sum.bytes = sum.bytes.saturating_add(intake.bytes);
        sum.elements = sum.elements.saturating_add(intake.elements);
        sum.read = sum.read.saturating_add(intake.read);
        sum.merged = sum.merged.saturating_add(intake.merged);
        sum.dropped = sum.dropped.saturating_add(intake.dropped);
    }
    sum
}

fn rows(accounts: &[Account], full: bool) -> (Vec<AccountRow>, String) {
    let mut all: Vec<(usize, &Intake)> = accounts
        .iter()
        .enumerate()
        .flat_map(|(n, account)| account.intake.iter().map(move |intake| (n, intake)))
        .collect();
    let most = all.len();
    if most > INPUTS {
        all.sort_by_key(|(_, intake)| (!intake.has_loss(), intake.notes.is_empty()));
        all.truncate(INPUTS);
        all.sort_by_key(|(n, _)| *n);
    }
    let cut = match (full, most) {
        (false, _) => {
            say!("evidence.older-accounts")
        }
        (true, 0) => say!("evidence.no-shard-says-what-it-was"),
        (true, n) if n > INPUTS => say!(
            "evidence.accounts-cut",
            shown = INPUTS,
            inputs = counted(n as u64, "input")
        ),
        _ => String::new(),
    };
    let rows = all.into_iter().map(|(n, intake)| {
        let account = &accounts[n];
        let name = match account.job.name.is_empty() {
            true => words::line(&account.shard),
            false => words::line(&account.job.name),
        };
        let attempt = account.job.attempt.filter(|n| *n > 1);
        let name = match attempt {
            None => name,
            Some(n) => say!("jobs.attempt", name = name, number = n.to_string()),
        };
        row(intake, name)
    });
    (rows.collect(), cut)
}

fn row(intake: &Intake, job: String) -> AccountRow {
    let mut notes: Vec<String> = Vec::new();
    let mut note = |n: u64, key: &str| {
        if n > 0 {
            notes.push(say!(key, n = n));
        }
    };
    note(intake.retries, "evidence.note-retries");
    note(intake.added, "evidence.note-added");
    note(intake.attachments_missing, "evidence.note-missing");
    note(intake.replaced, "evidence.note-replaced");
    if let Some(declared) = intake.declared.filter(|n| *n != intake.elements) {
        notes.push(say!(
            "evidence.declares",
            elements = counted(declared, "element")
        ));
    }
    notes.extend(intake.notes.iter().take(NOTES).map(|n| words::line(n)));
    if intake.notes.len() > NOTES {
        notes.push(say!("evidence.more-notes", n = intake.notes.len() - NOTES));
    }
    let digest = bare(&intake.digest);
    AccountRow {
        input: words::line(&intake.input),
        job,
        format: words::line(&intake.format),
        files: thousands(intake.files),
        size: bytes(intake.bytes),
        short: short(digest),
        digest: words::line(digest),
        elements: thousands(intake.elements),
        read: thousands(intake.read),
        merged: thousands(intake.merged),
        dropped: thousands(intake.dropped),
        lost: intake.has_loss(),
        problem: words::line(intake.problem.as_deref().unwrap_or_default()),
        notes,
    }
}

fn job_row(job: &JobSummary) -> JobRow {
    JobRow {
        name: words::line(match job.name.is_empty() {
            true => &job.shard,
            false => &job.name,
        }),
        href: job.url.clone().filter(|url| markdown::is_safe_url(url)),
        shard: words::line(&job.shard),
        attempt: job.attempt.map_or(String::new(), |n| n.to_string()),
        rows: thousands(job.rows),
        accepted_loss: words::line(job.accepted_loss.as_deref().unwrap_or_default()),
    }
}

/// What the project's settings say today of what an append keeps.
fn kept(context: &LaunchContext<'_>) -> String {
    let keep = context.project.project.file.keep;
    let key = match (keep.steps_of_passed, keep.attachments_of_passed) {
        (true, true) => "evidence.kept-all",
        (true, false) => "evidence.kept-steps",
        (false, true) => "evidence.kept-attachments",
        (false, false) => "evidence.kept-none",
    };
    say!(key, size = bytes(keep.attachment_size))
}

/// The executed texts by case id: the digest of each, and how today's text stands to it.
pub(crate) fn todays<'a>(
    context: &LaunchContext<'a>,
) -> BTreeMap<&'a str, (&'a String, &'static str)> {
    let project = context.project.project;
    let now: HashMap<&str, Option<&String>> = project
        .cases
        .iter()
        .map(|c| (c.case.id.as_str(), c.digest.as_ref()))
        .collect();
    let texts = project.launches[context.number].cases.iter();
    let stands = texts.map(|(id, digest)| {
        let today = match now.get(id.as_str()) {
            None => "no longer there",
            Some(Some(now)) if *now == digest => "the same",
            Some(_) => "changed since",
        };
        (id.as_str(), (digest, today))
    });
    stands.collect()
}

/// Says how today's text of a case stands to the executed one.
fn said_today(today: &str) -> String {
    say!(&format!("today.{}", today.replace(' ', "-")))
}

fn texts(context: &LaunchContext<'_>) -> (Vec<TextRow>, String, String) {
    let project = context.project;
    let mut all: Vec<(&str, &String, &'static str)> = todays(context)
        .into_iter()
        .map(|(id, (digest, today))| (id, digest, today))
        .collect();
    let n = all.len();
    let changed = all.iter().filter(|(_, _, today)| *today != "the same");
    let changed = changed.count() as u64;
    all.sort_by_key(|(_, _, today)| *today == "the same");
    all.truncate(TEXTS);
    let cut = match n > TEXTS {
        true => say!(
            "evidence.texts-cut",
            shown = TEXTS,
            texts = counted(n as u64, "executed text")
        ),
        false => String::new(),
    };
    let rows = all.into_iter().map(|(id, digest, today)| TextRow {
        case: Link {
            text: words::line(id),
            href: project.case_href(id, "../../"),
            kind: String::new(),
        },
        title: project
            .case(id)
            .map_or(String::new(), |case| words::line(&case.title)),
        short: short(digest),
        digest: words::line(digest),
        changed: today != "the same",
        today: said_today(today),
    });
    let texts = counted(n as u64, "executed case text");
    let said = match changed {
        0 => say!("evidence.texts-none-changed", texts = texts),
        n => say!("evidence.texts-changed", texts = texts, n = n),
    };
    (rows.collect(), said, cut)
}
