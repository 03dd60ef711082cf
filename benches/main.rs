//! Benchmarks of loading, reading results, closing and rendering.
//!
//! `cargo bench` runs them. `cargo bench -- generate allure|junit|workspace COUNT PLACE` makes data
//! for timing whole commands, and prints what a reader must find in it; `cargo bench -- baseline
//! FOLDER OUT` times what no append of an Allure folder can do without.

mod baseline;
mod data;
mod questions;

use std::path::Path;
use std::sync::LazyLock;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use tallybook::analysis::categories::Categories;
use tallybook::analysis::matching::Matcher;
use tallybook::analysis::redaction::Redaction;
use tallybook::analysis::resolve::Resolver;
use tallybook::analysis::{self, Input, Row};
use tallybook::base::{Timestamp, files, path};
use tallybook::git::{ChangeSet, CommitRequest, Identity, Repo};
use tallybook::ingest::{self, AttachmentRequest, Bundle, MemoryBundle, Options, Sink, SinkError};
use tallybook::ledger::{
    self, AppendRequest, CloseRequest, Guard, LaunchesBranch, OpenRequest, OpenState,
};
use tallybook::model::{
    Attachment, Environment, Execution, Job, Keep, OpenLaunch, OrderedMap, Source, Status,
    TestResult,
};
use tallybook::site::{self, Memory};
use tallybook::store::attachments::AttachmentStore;
use tallybook::store::{self, MemoryFiles, Project, Snapshot};
use tallybook::validate;
use tempfile::TempDir;

fn now() -> Timestamp {
    Timestamp::from_ms(1_795_372_980_000)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["generate", kind, count, place, ..] => generate(kind, count, Path::new(place)),
        ["baseline", folder, out, ..] => time_baseline(Path::new(folder), Path::new(out)),
        _ => divan::main(),
    }
}

#[expect(clippy::print_stdout, reason = "the times are this command's answer")]
fn time_baseline(folder: &Path, out: &Path) {
    let start = std::time::Instant::now();
    let results = baseline::run(folder, out);
    println!("{results} results in {} ms", start.elapsed().as_millis());
}

/// Writes data to a folder, JUnit XML to a file.
#[expect(clippy::print_stdout, reason = "the truth is this command's answer")]
fn generate(kind: &str, count: &str, place: &Path) {
    let count: usize = count.parse().expect("COUNT is a number");
    let write_all = |all: data::Files| {
        for (name, bytes) in all {
            files::write(&path::to_native(place, &name), &bytes).expect("PLACE can be written");
        }
    };
    match kind {
        "allure" => {
            let (all, truth) = data::allure(count);
            write_all(all);
            println!("{truth}");
        }
        "junit" => {
            let (bytes, truth) = data::junit(count);
            files::write(place, &bytes).expect("PLACE can be written");
            println!("{truth}");
        }
        "workspace" => write_all(data::workspace(count)),
        other => panic!("`{other}` is not `allure`, `junit` or `workspace`"),
    }
}

static ALLURE: LazyLock<MemoryBundle> =
    LazyLock::new(|| MemoryBundle::new("allure-results", data::allure(1_000).0));
static JUNIT: LazyLock<MemoryBundle> = LazyLock::new(|| {
    MemoryBundle::new(
        "junit.xml",
        [("junit.xml".to_owned(), data::junit(10_000).0)],
    )
});

fn workspace(cases: usize) -> Snapshot {
    let files = data::workspace(cases).into_iter();
    Snapshot::memory(files.collect::<MemoryFiles>())
}

#[divan::bench]
fn load_5000_cases(bencher: Bencher) {
    let snapshot = workspace(5_000);
    bencher
        .counter(ItemsCount::new(5_000_u32))
        .bench(|| store::load(&snapshot).expect("memory reads"));
}

#[divan::bench]
fn validate_5000_cases(bencher: Bencher) {
    let snapshot = workspace(5_000);
    bencher
        .counter(ItemsCount::new(5_000_u32))
        .bench(|| validate::check(&snapshot, now()).expect("memory reads"));
}

/// Keeps rows, or forgets them.
#[derive(Default)]
struct Rows(std::sync::Mutex<Vec<TestResult>>, bool);

impl Sink for Rows {
    fn attachment(&self, request: AttachmentRequest<'_>) -> Attachment {
        Attachment {
            name: request.name.to_owned(),
            ..Attachment::default()
        }
    }

    fn keeps_details(&self, status: Status, _: Execution) -> bool {
        status != Status::Passed
    }

    fn row(&self, _: usize, row: ingest::Row) {
        black_box(&row);
        if self.1 {
            let mut all = self.0.lock().expect("no thread panics");
            all.push(row.result);
        }
    }

    fn flush(&self, _: usize) -> Result<(), SinkError> {
        Ok(())
    }
}

fn read(bundle: &dyn Bundle) {
    let report = ingest::ingest(bundle, &Options::default(), &Rows::default());
    black_box(report.expect("forgetting rows does not fail"));
}

#[divan::bench]
fn ingest_1000_allure(bencher: Bencher) {
    LazyLock::force(&ALLURE);
    bencher
        .counter(ItemsCount::new(1_000_u32))
        .bench(|| read(&*ALLURE));
}

#[divan::bench]
fn ingest_10000_junit(bencher: Bencher) {
    LazyLock::force(&JUNIT);
    bencher
        .counter(ItemsCount::new(10_000_u32))
        .bench(|| read(&*JUNIT));
}

#[divan::bench]
fn decide_10000(bencher: Bencher) {
    let sink = Rows(Default::default(), true);
    ingest::ingest(&*JUNIT, &Options::default(), &sink).expect("keeping rows does not fail");
    let (job, environment) = (Job::default(), Environment::default());
    let results = sink.0.into_inner().expect("no thread panics").into_iter();
    let rows: Vec<Row> = results
        .enumerate()
        .map(|(i, result)| {
            let id = format!("{i:016x}");
            Row::new(TestResult { id, ..result }, &job, 0, &environment)
        })
        .collect();
    let (matcher, resolver) = (Matcher::new([]), Resolver::new([], [], now()));
    let declared = OrderedMap::default();
    bencher.counter(ItemsCount::new(10_000_u32)).bench(|| {
        analysis::decide(&Input {
            rows: &rows,
            environments: std::slice::from_ref(&environment),
            declared: &declared,
            matcher: &matcher,
            resolver: &resolver,
            categories: &Categories::default(),
            launch: ("", ""),
        })
    });
}

/// A repository with a workspace and one open launch.
struct Prepared {
    folder: TempDir,
    repo: Repo,
    state: OpenState,
    project: Project,
    launch: OpenLaunch,
}

impl Prepared {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder is made");
        let repo = Repo::init(folder.path(), "main").expect("a repository is made");
        let request = CommitRequest {
            branch: BRANCH.to_owned(),
            author: identity(),
            committer: identity(),
            time: now(),
            own: None,
            sign: false,
        };
        let build = &mut |_: Option<&_>| {
            let mut changes = ChangeSet::new("Set up the workspace\n");
            for (path, bytes) in data::workspace(100) {
                changes.write(path, bytes);
            }
            Ok(changes)
        };
        repo.commit(&request, build).expect("it is committed");
        let mut loaded = store::load(&snapshot(&repo)).expect("a commit reads");
        let project = loaded.workspace.projects.remove(0);
        let state = OpenState::new(repo.common_dir(), "", "BENCH");
        let launch = ledger::open(
            &state,
            open_request(),
            &Guard::new(Redaction::default(), &[]),
        )
        .expect("it opens")
        .launch;
        Self {
            folder,
            repo,
            state,
            project,
            launch,
        }
    }

    fn appended(self) -> Self {
        let request = AppendRequest {
            launch: &self.launch,
            job: Job {
                name: "bench".to_owned(),
                ..Job::default()
            },
            environment: Environment::default(),
            declared: Vec::new(),
            keep: Keep::default(),
            shared: false,
            same_run: false,
            guard: &Guard::new(Redaction::default(), &[]),
        };
        ledger::append(&self.state, &request, &[&*ALLURE]).expect("it appends");
        self
    }

    fn closed(self) -> Self {
        let request = CloseRequest {
            launch: self.launch.id.clone(),
            workspace: String::new(),
            branch: LaunchesBranch {
                name: BRANCH.to_owned(),
                own: false,
                documentation: Vec::new(),
            },
            identity: identity(),
            now: now(),
            reason: None,
            meaning: None,
            accept_loss: Vec::new(),
            expect: Vec::new(),
            allow_unfinished: None,
            documentation: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            attachments: AttachmentStore::Git,
            signing: ledger::Signing::default(),
        };
        ledger::close(&self.repo, &self.state, &self.project, &request).expect("it closes");
        self
    }
}

const BRANCH: &str = "refs/heads/main";

fn identity() -> Identity {
    Identity {
        name: "Bench".to_owned(),
        email: "bench@example.com".to_owned(),
    }
}

fn open_request() -> OpenRequest {
    OpenRequest {
        project: "BENCH".to_owned(),
        name: Some("Bench".to_owned()),
        key: None,
        tags: Vec::new(),
        links: Vec::new(),
        source: Source::default(),
        environment: Environment::default(),
        expect: Vec::new(),
        plan: None,
        baseline: None,
        supersedes: None,
        now: now(),
        backfill: None,
        by: None,
        random: 1,
        cut: false,
    }
}

fn snapshot(repo: &Repo) -> Snapshot {
    let head = repo.head().expect("a repository reads").commit;
    Snapshot::at_commit(repo, head.expect("there is a commit"), "").expect("a commit reads")
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn append_1000_allure(bencher: Bencher) {
    LazyLock::force(&ALLURE);
    bencher
        .counter(ItemsCount::new(1_000_u32))
        .with_inputs(Prepared::new)
        .bench_local_values(Prepared::appended);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn close_1000(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(1_000_u32))
        .with_inputs(|| Prepared::new().appended())
        .bench_local_values(Prepared::closed);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn render_1000(bencher: Bencher) {
    let prepared = Prepared::new().appended().closed();
    let snapshot = snapshot(&prepared.repo);
    bencher.counter(ItemsCount::new(1_000_u32)).bench_local(|| {
        let mut site = Memory::default();
        site::render_to(&snapshot, now(), site::Options::default(), &mut site).expect("it renders");
        site
    });
    drop(prepared.folder);
}
