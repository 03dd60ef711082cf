//! Results and documentation of any size, as runners and people leave them: the same count gives
//! the same bytes.

use std::fmt::{self, Write as _};

use serde_json::{Value, json};

/// Files by path.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// What a reader must find: tests by the status of their last attempt, and the attempts before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) broken: u64,
    pub(crate) skipped: u64,
    pub(crate) retries: u64,
}

/// SplitMix64, public domain, by Sebastiano Vigna.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let at = self.below(words.len() as u64);
        words[usize::try_from(at).expect("an index fits")]
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const NOUNS: [&str; 16] = [
    "basket",
    "checkout",
    "invoice",
    "coupon",
    "refund",
    "session",
    "address",
    "voucher",
    "catalogue",
    "delivery",
    "stock",
    "wishlist",
    "payment",
    "review",
    "account",
    "search",
];
const VERBS: [&str; 8] = [
    "creates", "rejects", "updates", "deletes", "returns", "shows", "stores", "merges",
];
const KINDS: [&str; 8] = [
    "valid",
    "empty",
    "expired",
    "duplicate",
    "nested",
    "missing",
    "archived",
    "huge",
];
const START_MS: u64 = 1_795_000_000_000;

/// The part of a test that does not change from attempt to attempt.
struct Test {
    number: u64,
    module: String,
    class: String,
    name: String,
    parameter: Option<&'static str>,
}

impl Test {
    fn new(number: u64, random: &mut Random) -> Self {
        let noun = NOUNS[usize::try_from(number / 500 % 16).expect("an index fits")];
        let (verb, kind) = (random.pick(&VERBS), random.pick(&KINDS));
        Self {
            number,
            module: format!("tests.{noun}.test_{noun}_{}", number / 50),
            class: format!("Test{}", number / 10),
            name: format!("test_{verb}_{kind}_{noun}_{number}"),
            parameter: random.percent(40).then(|| random.pick(&KINDS)),
        }
    }

    fn full_name(&self) -> String {
        format!("{}.{}#{}", self.module, self.class, self.name)
    }
}

/// How one attempt ended: 3 in 100 failed, 2 broken, 3 skipped.
fn draw(random: &mut Random) -> &'static str {
    match random.below(100) {
        0..3 => "failed",
        3..5 => "broken",
        5..8 => "skipped",
        _ => "passed",
    }
}

fn message(test: &Test, status: &str) -> String {
    match status {
        "failed" => format!(
            "AssertionError: expected status 200 but was {}",
            400 + test.number % 150
        ),
        "broken" => format!(
            "ConnectionRefusedError: connect to db-{}:5432 refused",
            test.number % 9
        ),
        _ => "not supported on this platform".to_owned(),
    }
}

fn trace(test: &Test, message: &str, random: &mut Random) -> String {
    let mut out = "Traceback (most recent call last):\n".to_owned();
    for _ in 0..8 + random.below(16) {
        let (noun, line) = (random.pick(&NOUNS), random.below(900));
        writeln!(
            out,
            "  File \"/srv/app/{noun}.py\", line {line}, in {}",
            test.name
        )
        .expect("writing to a text does not fail");
    }
    out + message
}

/// Makes an Allure directory with `count` results, retries included: steps, labels, parameters,
/// fixtures of containers, and attachments of what failed.
pub(crate) fn allure(count: usize) -> (Files, Truth) {
    let mut random = Random(1);
    let (mut files, mut truth) = (Files::new(), Truth::default());
    let (mut results, mut number, mut clock) = (0, 0, START_MS);
    let mut members = Vec::new();
    while results < count {
        let test = Test::new(number, &mut random);
        number += 1;
        loop {
            let status = draw(&mut random);
            results += 1;
            let (uuid, result) = attempt(&test, status, clock, &mut random, &mut files);
            files.push((
                format!("{uuid}-result.json"),
                result.to_string().into_bytes(),
            ));
            members.push(uuid);
            clock += 1 + random.below(400);
            let again = results < count && matches!(status, "failed" | "broken");
            if again && random.percent(40) {
                truth.retries += 1;
                continue;
            }
            truth.count(status);
            break;
        }
        if members.len() >= 25 || results >= count {
            files.push(container(&std::mem::take(&mut members), clock, &mut random));
        }
    }
    (files, truth)
}

fn uuid(random: &mut Random) -> String {
    let (a, b) = (random.next(), random.next());
    let [low, mid, high] = [a >> 32, a >> 16 & 0xffff, a & 0xfff];
    format!(
        "{low:08x}-{mid:04x}-4{high:03x}-a{:03x}-{:012x}",
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

fn attempt(
    test: &Test,
    status: &str,
    start: u64,
    random: &mut Random,
    files: &mut Files,
) -> (String, Value) {
    let uuid = uuid(random);
    let duration = 5 + random.below(900);
    let mut details = json!({});
    let mut attachments = Vec::new();
    if status != "passed" {
        let message = message(test, status);
        details = json!({"message": message});
        if status != "skipped" {
            details["trace"] = trace(test, &message, random).into();
            attachments.push(attach("log", "text/plain", "txt", random, files));
            if random.percent(50) {
                attachments.push(attach("screenshot", "image/png", "png", random, files));
            }
        }
    }
    let labels: Vec<Value> = [
        ("parentSuite", test.module.as_str()),
        ("suite", test.class.as_str()),
        ("severity", random.pick(&["critical", "normal", "minor"])),
        ("owner", random.pick(&["anna", "boris", "chen"])),
        ("tag", random.pick(&["smoke", "regression", "api"])),
        ("framework", "pytest"),
        ("language", "python"),
    ]
    .iter()
    .map(|(name, value)| json!({"name": name, "value": value}))
    .collect();
    let parameters: Vec<Value> = test
        .parameter
        .iter()
        .map(|value| json!({"name": "kind", "value": value}))
        .collect();
    let result = json!({
        "uuid": uuid, "historyId": format!("{:032x}", test.number), "name": test.name,
        "testCaseId": format!("{:032x}", test.number), "fullName": test.full_name(),
        "status": status, "statusDetails": details, "stage": "finished",
        "start": start, "stop": start + duration, "labels": labels, "parameters": parameters,
        "steps": steps(random, start, duration, 0), "attachments": attachments,
        "links": [{"type": "issue", "name": format!("SHOP-{}", test.number % 900), "url": ""}],
    });
    (uuid, result)
}

fn steps(random: &mut Random, start: u64, duration: u64, depth: u32) -> Vec<Value> {
    let count = random.below(5);
    let step = |random: &mut Random, at: u64| {
        let part = duration / (count + 1);
        let inner = if depth < 2 && random.percent(25) {
            steps(random, at, part, depth + 1)
        } else {
            Vec::new()
        };
        let name = format!(
            "{} {} {}",
            random.pick(&VERBS),
            random.pick(&KINDS),
            random.pick(&NOUNS)
        );
        json!({"name": name, "status": "passed", "stage": "finished", "start": at,
               "stop": at + part, "steps": inner, "parameters": [], "attachments": []})
    };
    (0..count)
        .map(|i| step(random, start + i * (duration / (count + 1))))
        .collect()
}

/// Adds a file of 1 to 24 KiB that no compression shrinks much.
fn attach(name: &str, kind: &str, ending: &str, random: &mut Random, files: &mut Files) -> Value {
    let source = format!("{}-attachment.{ending}", uuid(random));
    let words = 128 + random.below(3000);
    let bytes = match ending {
        "txt" => (0..words)
            .fold(String::new(), |text, _| text + random.pick(&NOUNS) + "\n")
            .into_bytes(),
        _ => (0..words)
            .flat_map(|_| random.next().to_le_bytes())
            .collect(),
    };
    files.push((source.clone(), bytes));
    json!({"name": name, "type": kind, "source": source})
}

fn container(children: &[String], stop: u64, random: &mut Random) -> (String, Vec<u8>) {
    let uuid = uuid(random);
    let value = json!({
        "uuid": uuid, "children": children, "start": stop, "stop": stop,
        "befores": [{"name": "database", "status": "passed", "start": stop, "stop": stop}],
        "afters": [],
    });
    (
        format!("{uuid}-container.json"),
        value.to_string().into_bytes(),
    )
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            broken,
            skipped,
            retries,
        } = self;
        let total = passed + failed + broken + skipped;
        write!(
            f,
            "{total} results: {passed} passed, {failed} failed, {broken} broken, {skipped} skipped; \
             {retries} retries"
        )
    }
}

impl Truth {
    fn count(&mut self, status: &str) {
        match status {
            "passed" => self.passed += 1,
            "failed" => self.failed += 1,
            "broken" => self.broken += 1,
            _ => self.skipped += 1,
        }
    }
}

/// Makes one JUnit file with `count` test cases in suites of 500.
pub(crate) fn junit(count: usize) -> (Vec<u8>, Truth) {
    let mut random = Random(2);
    let mut truth = Truth::default();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    let tests: Vec<Test> = (0..count as u64)
        .map(|number| Test::new(number, &mut random))
        .collect();
    for suite in tests.chunks(500) {
        writeln!(
            out,
            "<testsuite name=\"{}\" tests=\"{}\">",
            suite[0].module,
            suite.len()
        )
        .expect("writing to a text does not fail");
        for test in suite {
            let status = draw(&mut random);
            truth.count(status);
            test_case(&mut out, test, status, &mut random);
        }
        out.push_str("</testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    (out.into_bytes(), truth)
}

fn test_case(out: &mut String, test: &Test, status: &str, random: &mut Random) {
    let seconds = random.below(4000) as f64 / 1000.0;
    let (module, class, name) = (&test.module, &test.class, &test.name);
    let body = match status {
        "passed" => String::new(),
        "skipped" => format!("<skipped message=\"{}\"/>", message(test, status)),
        _ => {
            let element = if status == "failed" {
                "failure"
            } else {
                "error"
            };
            let message = message(test, status);
            let trace = trace(test, &message, random).replace('"', "&quot;");
            format!("<{element} message=\"{message}\">{trace}</{element}>")
        }
    };
    writeln!(
        out,
        "<testcase classname=\"{module}.{class}\" name=\"{name}\" time=\"{seconds:.3}\">{body}</testcase>"
    )
    .expect("writing to a text does not fail");
}

/// Makes a workspace with `count` cases in sections of 100.
pub(crate) fn workspace(count: usize) -> Files {
    let mut random = Random(3);
    let mut out: Files = vec![
        (
            "tallybook.yaml".to_owned(),
            b"format: 1\ntitle: Bench\n".to_vec(),
        ),
        (
            "projects/bench/project.yaml".to_owned(),
            b"key: BENCH\nname: Bench\n".to_vec(),
        ),
        (
            "projects/bench/members/anna.yaml".to_owned(),
            b"name: Anna\nemails: [anna@example.com]\nrole: owner\n".to_vec(),
        ),
    ];
    out.extend((0..count as u64).map(|number| case(number, &mut random)));
    out
}

fn case(number: u64, random: &mut Random) -> (String, Vec<u8>) {
    let (noun, verb, kind) = (
        random.pick(&NOUNS),
        random.pick(&VERBS),
        random.pick(&KINDS),
    );
    let text = format!(
        "---\nid: BENCH-A{number:05}\ntitle: The {noun} {verb} a {kind} entry, {number}\n\
         execution: manual\nstatus: active\nseverity: normal\nowner: anna\ntags: [{noun}, {kind}]\n\
         links:\n  - {{type: requirement, name: REQ-{}}}\n---\n\n\
         Shows that the {noun} {verb} what is {kind}.\n\n## Preconditions\n\nA {kind} entry.\n\n\
         ## Steps\n\n1. Open the {noun}.\n   - **Expected:** the entry is shown.\n\
         1. Change the entry.\n   - **Data:** `{kind} {number}`\n   - **Expected:** the page says so.\n\
         1. Open it again.\n   - **Expected:** the change is kept.\n\n## Postconditions\n\nNothing is left.\n",
        number % 400,
    );
    let path = format!(
        "projects/bench/cases/section-{}/case-{number}.md",
        number / 100
    );
    (path, text.into_bytes())
}
