//! Questions to large launches: loading, history, functions of queries, comparison.

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use tallybook::analysis::compare::compare;
use tallybook::analysis::matching::Matcher;
use tallybook::analysis::subjects::Of;
use tallybook::analysis::tracks;
use tallybook::base::Timestamp;
use tallybook::git::{ChangeSet, CommitRequest, Repo};
use tallybook::ledger::{History, Launch, ResultSet, Scope};
use tallybook::model::{OrderedMap, Outcome, Status, TestIdentity};
use tallybook::query;
use tallybook::store::launches::{self, LaunchHead};
use tallybook::store::outcomes::{Outcomes, write_cases, write_tests};
use tallybook::store::{self, Cache, MemoryFiles, Project, Snapshot};

use crate::now;

const LAUNCHES: u64 = 20;
const RESULTS: u64 = 100_000;
const DAY: i64 = 86_400_000;

/// A project with closed launches of the same tests, of which some change from launch to launch.
struct Large {
    snapshot: Snapshot,
    project: Project,
    heads: Vec<LaunchHead>,
}

static LARGE: LazyLock<Large> = LazyLock::new(|| {
    let mut files = MemoryFiles::default();
    files.insert("tallybook.yaml", "format: 1\ntitle: Bench\n");
    files.insert("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
    let case = "---\nid: SHOP-A\ntitle: Sign in\n---\n";
    files.insert("projects/shop/cases/a.md", case);
    for launch in 0..LAUNCHES {
        insert(&mut files, launch);
    }
    let snapshot = Snapshot::memory(files);
    let mut loaded = store::load(&snapshot).expect("memory reads");
    let (heads, damages) = launches::heads(&*snapshot.launches, "shop").expect("memory reads");
    assert!(heads.len() as u64 == LAUNCHES && damages.is_empty());
    Large {
        project: loaded.workspace.projects.remove(0),
        snapshot,
        heads,
    }
});

fn opened(launch: u64) -> Timestamp {
    let days = i64::try_from(LAUNCHES - launch).expect("few launches");
    Timestamp::from_ms(now().ms() - days * DAY)
}

/// SplitMix64, public domain, by Sebastiano Vigna.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn insert(files: &mut MemoryFiles, launch: u64) {
    let digest = |test: u64| format!("{:016x}", mixed(test));
    let outcome = |test: u64| {
        let drawn = mixed(test << 8 | launch);
        let fails = test.is_multiple_of(200) || test.is_multiple_of(30) && drawn.is_multiple_of(3);
        Outcome {
            id: format!("{drawn:016x}"),
            test: digest(test),
            status: if fails {
                Status::Failed
            } else {
                Status::Passed
            },
            duration: Some(200 + test % 700 + drawn % 50),
            attempts: 1,
            ..Outcome::default()
        }
    };
    let outcomes = Outcomes {
        environments: vec![Default::default()],
        outcomes: (0..RESULTS).map(outcome).collect(),
    };
    let identity = |test: u64| TestIdentity {
        test: digest(test),
        full_name: Some(format!(
            "tests.basket.test_basket_{}.TestBasket.test_creates_{test}",
            test / 40
        )),
        name: format!("test_creates_{test}"),
        ..TestIdentity::default()
    };
    let mut tests: Vec<TestIdentity> = (0..RESULTS).map(identity).collect();
    tests.sort_by(|a, b| a.test.cmp(&b.test));
    let (id, at) = (format!("nightly-{launch:02}"), opened(launch));
    let head = format!(
        "format: 1\nid: {id}\nproject: SHOP\nname: Nightly {launch}\nopened: {{at: \"{at}\"}}\n\
         totals: {{total: {RESULTS}}}\nclosed: {{at: \"{at}\", sums: none, version: none}}\n"
    );
    let folder = launches::launch_folder("shop", at, &id);
    let mut insert = |name: &str, bytes| files.insert(format!("{folder}/{name}"), bytes);
    insert("outcomes.yaml", outcomes.write());
    insert("tests.yaml", write_tests(&tests));
    insert("cases.yaml", write_cases(&Default::default()));
    insert("launch.yaml", head.into_bytes());
}

fn load(head: &LaunchHead) -> Launch {
    let loaded = launches::load(&*LARGE.snapshot.launches, head.clone()).expect("memory reads");
    loaded.expect("it is whole").into()
}

fn last() -> &'static LaunchHead {
    LARGE.heads.last().expect("there are launches")
}

fn history(last: Option<Launch>) -> History {
    let scope = Scope {
        branch: None,
        last,
        now: now(),
    };
    let Large {
        snapshot,
        project,
        heads,
    } = &*LARGE;
    History::read(&*snapshot.launches, project, heads, scope).expect("memory reads")
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn load_launch_of_100000(bencher: Bencher) {
    LazyLock::force(&LARGE);
    bencher.bench_local(|| load(last()));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn briefs_of_20_launches(bencher: Bencher) {
    LazyLock::force(&LARGE);
    bencher.bench_local(|| {
        for head in &LARGE.heads {
            black_box(launches::briefs(&*LARGE.snapshot.launches, head))
                .expect("memory reads")
                .expect("whole");
        }
    });
}

/// What history needs of one launch, as the cache has it.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn briefs_of_100000_kept(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a folder is made");
    let repo = Repo::init(folder.path(), "main").expect("a repository is made");
    let request = CommitRequest {
        branch: "refs/heads/main".to_owned(),
        author: crate::identity(),
        committer: crate::identity(),
        time: now(),
        own: None,
        sign: false,
    };
    let build = &mut |_: Option<&_>| {
        let mut changes = ChangeSet::new("Close a launch\n");
        for name in ["launch.yaml", "outcomes.yaml", "tests.yaml", "cases.yaml"] {
            let path = format!("{}/{name}", last().path);
            let bytes = LARGE.snapshot.launches.read(&path).expect("memory reads");
            changes.write(path, bytes.expect("it is there"));
        }
        Ok(changes)
    };
    repo.commit(&request, build).expect("it is committed");
    let head = repo.head().expect("a repository reads").commit;
    let snapshot = Snapshot::at_commit(&repo, head.expect("there is a commit"), "");
    let snapshot = snapshot.expect("a commit reads");
    let snapshot = snapshot.with_cache(Cache::new(repo.common_dir()));
    let read = || {
        let read = launches::briefs(&*snapshot.launches, last());
        read.expect("a commit reads").expect("it is whole")
    };
    black_box(read());
    bencher.bench_local(read);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn history_of_20_launches(bencher: Bencher) {
    LazyLock::force(&LARGE);
    bencher
        .with_inputs(|| load(last()))
        .bench_local_values(|last| history(Some(last)));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn tracks_of_20_launches(bencher: Bencher) {
    let files = &*LARGE.snapshot.launches;
    let read: Vec<_> = LARGE
        .heads
        .iter()
        .map(|head| launches::briefs(files, head))
        .collect();
    let read: Vec<_> = read
        .into_iter()
        .map(|r| r.expect("reads").expect("whole"))
        .collect();
    let none = tracks::Known::default();
    let launches: Vec<_> = read
        .iter()
        .map(|briefs| tracks::Launch {
            briefs,
            identities: &none,
        })
        .collect();
    let matcher = Matcher::new([]);
    bencher.bench_local(|| tracks::Tracks::new(&launches, &OrderedMap::default(), &matcher));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn flip_rate_of_100000(bencher: Bencher) {
    let mut history = history(Some(load(last())));
    let launch = history.last.take().expect("the history ends with it");
    let place = history.moments.len() - 1;
    let context = query::Context {
        now: now(),
        user: None,
    };
    let query = query::parse("flipRate(20) > 50%").expect("a query");
    let bound = query.bind(Of::Results.schema(), &context).expect("it fits");
    let results = ResultSet::new(&launch, None, &LARGE.project);
    bencher.bench_local(|| {
        let subjects = results.subjects(Some((&history.past, place)));
        bound.select(&subjects).len()
    });
}

/// Two launches that are loaded, as far as a comparison is computed from them.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn compare_100000(bencher: Bencher) {
    let [before, now] = [0, 1].map(|back| load(&LARGE.heads[LARGE.heads.len() - 2 + back]));
    let matcher = Matcher::new(LARGE.project.cases.iter().map(|doc| &doc.value));
    bencher.bench_local(|| {
        let (briefs, known) = (
            (before.briefs(), now.briefs()),
            (before.identities(), now.identities()),
        );
        let before = tracks::Launch {
            briefs: &briefs.0,
            identities: &*known.0,
        };
        let now = tracks::Launch {
            briefs: &briefs.1,
            identities: &*known.1,
        };
        compare(&before, &now, &OrderedMap::default(), &matcher)
    });
}
