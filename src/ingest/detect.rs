//! Which format a file has: what it begins with says so, and of Allure's files their names.

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::file::Format;
use super::unread::{self, Unread};
use super::{formats, json, lines};
use crate::base::path;

/// What is read, in short.
pub(super) const EXPECTED: &str =
    "Allure results, JUnit XML or another format that `docs/formats.md` names";

/// The part that a file plays in a directory of Allure results, told by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AllureRole {
    Result,
    Container,
    Globals,
    Check,
    Environment,
    Executor,
    Launch,
    /// `categories.json`: what a report sorts failures by.
    Categories,
    /// `history/` and `history.jsonl`: what reports of earlier runs had.
    History,
    /// Named as attachments are by default.
    Attachment,
}

/// Returns the part that a name gives a file, if any.
pub(super) fn allure_role(name: &str) -> Option<AllureRole> {
    use AllureRole::*;
    let base = path::file_name(name);
    // What macOS puts beside each file in an archive, under the file's name.
    if base.starts_with("._") {
        return None;
    }
    if path::file_name(path::parent(name)) == "history" {
        return base.ends_with(".json").then_some(History);
    }
    Some(match base {
        "environment.properties" | "environment.xml" => Environment,
        "executor.json" => Executor,
        "launch.json" => Launch,
        "categories.json" => Categories,
        "history.jsonl" => History,
        _ if base.ends_with("-result.json") => Result,
        _ if base.ends_with("-container.json") => Container,
        _ if base.ends_with("-globals.json") => Globals,
        _ if base.ends_with("-check.json") => Check,
        _ if is_attachment_name(base) => Attachment,
        _ => return None,
    })
}

/// Returns the name that a result of Allure would have had, of which only the file is there that it was
/// written in first: a crash's leftover, as `x-result.json.tmp`.
pub(super) fn unfinished(name: &str) -> Option<String> {
    let (before, rest) = name.rsplit_once("-result.json")?;
    let is_leftover = rest.starts_with(['.', '~']) && !rest.contains('/');
    is_leftover.then(|| format!("{before}-result.json"))
}

/// Whether `-attachment` ends the name or stands before its extension.
fn is_attachment_name(base: &str) -> bool {
    base.rsplit_once("-attachment")
        .is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with('.'))
}

/// What the beginning of a file says of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    JUnit,
    /// Another format that is read; whether nothing else looks like it.
    Known(&'static Format, bool),
    Empty,
    /// Results in a format that is not read.
    Unread(Unread),
    /// What can't be looked into: packed, or a stand-in for a file; with an article.
    Closed(&'static str),
    /// A known format of something else; its name with an article.
    Other(&'static str),
    /// XML with this root.
    Xml(String),
    /// Meant to be XML by its name, and isn't.
    NotXml,
    Unknown,
}

impl Kind {
    /// Whether it is an archive that can be opened.
    pub(super) fn is_archive(&self) -> bool {
        matches!(self, Self::Closed(GZIP | ZIP | ZSTD | TAR))
    }

    /// Says why a file of this kind gives no results; `None` for what is read.
    pub(super) fn problem(&self) -> Option<String> {
        Some(match self {
            Self::JUnit | Self::Known(..) => return None,
            Self::Empty => "the file is empty".to_owned(),
            Self::Unread(unread) => unread.problem(),
            Self::Closed(LFS) => format!("is {LFS}: fetch it, by `git lfs pull`"),
            Self::Closed(what @ (XZ | BZIP2 | SEVEN | RAR)) => {
                format!("looks like {what}, which is not read: unpack it")
            }
            Self::Closed(what) => format!("looks like {what}, which is not opened here: unpack it"),
            Self::Other(OWN_CASES) => format!(
                "looks like {OWN_CASES}, which holds no results: those are what `tallybook export jsonl LAUNCH` writes"
            ),
            Self::Other(SHEET) => format!(
                "looks like {SHEET}, which holds what people filled in: `tallybook launch sheet LAUNCH --read FILE`"
            ),
            Self::Other(format) => format!("looks like {format}, which this version does not read"),
            Self::Xml(root) => format!(
                "the root element is `{root}`, expected `testsuites` or `testsuite` of JUnit XML, or the root \
                 of another format that is read"
            ),
            Self::NotXml => "the file is not XML, expected JUnit XML".to_owned(),
            Self::Unknown => format!("the format was not recognised, expected {EXPECTED}"),
        })
    }
}

/// What a file of macOS begins with that holds another file's attributes, under `._` and its name.
const APPLE_DOUBLE: [u8; 4] = [0, 5, 0x16, 7];
const GZIP: &str = "a gzip file";
const ZIP: &str = "a zip archive";
const ZSTD: &str = "a zstd file";
const TAR: &str = "a tar archive";
const XZ: &str = "an xz file";
const BZIP2: &str = "a bzip2 file";
const SEVEN: &str = "a 7z archive";
const RAR: &str = "a RAR archive";
const LFS: &str = "a Git LFS pointer without its content";
const SHEET: &str = "a sheet of a launch";
const OWN_CASES: &str = "Tallybook's export of cases";

/// Tells the format from a file's name and its first 64 KiB.
pub(super) fn sniff(name: &str, head: &[u8]) -> Kind {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Kind::Empty;
    }
    if let Some(format) = by_magic(head) {
        return Kind::Closed(format);
    }
    if head.starts_with(&APPLE_DOUBLE) {
        return Kind::Unknown;
    }
    let text = decode(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return by_root(text).unwrap_or(Kind::NotXml);
    }
    if text.starts_with(['{', '['])
        && let Some(kind) = by_keys(name, text)
    {
        return kind;
    }
    let behind = past_comments(text);
    if behind.len() < text.len()
        && behind.starts_with(['{', '['])
        && let Some(Kind::Known(..) | Kind::Unread(_)) = by_keys(name, behind)
    {
        return Kind::Unread(unread::COMMENTED);
    }
    if let Some(kind) = by_event(text).or_else(|| by_line(text)) {
        return kind;
    }
    if holds_suite(text) {
        return by_root(text).unwrap_or(Kind::NotXml);
    }
    if is_sheet(text) {
        return Kind::Other(SHEET);
    }
    let is_json = text.starts_with(['{', '[']);
    match path::extension(name).eq_ignore_ascii_case("xml") && !is_json {
        true => Kind::NotXml,
        false => Kind::Unknown,
    }
}

/// Whether a file whose name says nothing of results begins as one does, and not just holds one, as a log
/// or a page may.
pub(super) fn begins_so(head: &[u8]) -> bool {
    let binary = head.iter().take(512).any(|byte| *byte == 0);
    if binary && !is_utf16(head) {
        return false;
    }
    let text = decode(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.chars().next() {
        Some('<') => holds_suite(text) || !matches!(by_root(text), Some(Kind::JUnit)),
        Some('{' | '[') => true,
        _ => by_line(text).is_some(),
    }
}

fn is_utf16(head: &[u8]) -> bool {
    let bom = matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    bom || matches!(
        head,
        [b'<' | b'{' | b'[', 0, ..] | [0, b'<' | b'{' | b'[', ..]
    )
}

/// Decodes for a look only: by byte-order mark, by zero bytes, else as UTF-8.
fn decode(head: &[u8]) -> std::borrow::Cow<'_, str> {
    let encoding = match head {
        _ if Encoding::for_bom(head).is_some() => encoding_rs::UTF_8,
        [b'<' | b'{' | b'[', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<' | b'{' | b'[', ..] => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_8,
    };
    encoding.decode(head).0
}

/// Says what a packed file is that nobody looked into; its name may say nothing of it.
pub(super) fn packed(head: &[u8]) -> Option<Kind> {
    by_magic(head).filter(|what| *what != LFS).map(Kind::Closed)
}

fn by_magic(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(GZIP),
        [b'P', b'K', 3, 4, ..] => Some(ZIP),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(ZSTD),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(XZ),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => Some(BZIP2),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(SEVEN),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some(RAR),
        _ if head.get(257..262) == Some(b"ustar") => Some(TAR),
        _ if head.starts_with(b"version https://git-lfs") => Some(LFS),
        _ => None,
    }
}

/// Tells by the root; a whole text without one, of declarations and comments only, is JUnit XML
/// without results.
fn by_root(text: &str) -> Option<Kind> {
    let text = &text[text.find('<')?..];
    let mut bare = true;
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    reader.config_mut().check_end_names = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(root) | Event::Empty(root)) => return Some(root_kind(&root, text)),
            Ok(Event::Eof) if bare => return Some(Kind::JUnit),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Ok(Event::Text(text)) => bare &= text.trim().is_empty(),
            Ok(_) => bare = false,
        }
    }
}

fn root_kind(root: &BytesStart<'_>, text: &str) -> Kind {
    let name = root.local_name();
    let name: &str = name.as_ref();
    let format = match name {
        _ if is_suite(name) => return Kind::JUnit,
        "TestRun" => &formats::trx::FORMAT,
        "assemblies" => &formats::xunit::FORMAT,
        "assembly" if root.attributes_raw().contains("run-date") => &formats::xunit::FORMAT,
        "test-run" => &formats::nunit::FORMAT,
        "test-results" => &formats::nunit2::FORMAT,
        "robot" => &formats::robot::FORMAT,
        "test-suite" => &formats::allure1::FORMAT,
        // As of a merge that was left with its conflicts.
        other if !other.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
            return Kind::NotXml;
        }
        other => {
            let other = || Kind::Xml(crate::base::text::truncate(other, 60));
            return unread::of_root(name, text).map_or_else(other, Kind::Unread);
        }
    };
    Kind::Known(format, true)
}

/// Whether a root is JUnit's, in any letter case, as some writers have it.
fn is_suite(name: &str) -> bool {
    name.eq_ignore_ascii_case("testsuites") || name.eq_ignore_ascii_case("testsuite")
}

/// Whether a tag of JUnit starts somewhere in a text, as after a log's lines.
fn holds_suite(text: &str) -> bool {
    let mut tags = text.split('<').skip(1);
    tags.any(|tag| {
        let name = tag.as_bytes().get(.."testsuite".len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"testsuite"))
    })
}

fn by_keys(name: &str, text: &str) -> Option<Kind> {
    if let Some(kind) = by_event(text) {
        return Some(kind);
    }
    let value = json::salvage(text.as_bytes()).value;
    if let Value::Array(items) = &value {
        let is_feature = items.first()?.as_object();
        let is_feature = is_feature.is_some_and(|feature| {
            let keyword = json::text(feature.get("keyword").unwrap_or(&Value::Null));
            let named = keyword.eq_ignore_ascii_case("feature") && feature.contains_key("name");
            // Where scenarios come first, the rest may stand beyond what is looked at.
            let scenario = json::list(feature.get("elements").unwrap_or(&Value::Null)).first();
            let has = |key| scenario.is_some_and(|scenario| scenario.get(key).is_some());
            let scenarios = has("keyword") || has("steps") && has("name");
            named || scenarios || feature.contains_key("uri") && feature.contains_key("elements")
        });
        if is_feature {
            return Some(Kind::Known(&formats::cucumber_json::FORMAT, true));
        }
        let unread = match items.first().and_then(of_object) {
            Some(_) => Some(unread::LISTED),
            None => unread::of_value(name, &value),
        };
        return unread.map(Kind::Unread);
    }
    if let Some(format) = of_object(&value) {
        return Some(Kind::Known(format, true));
    }
    if ["payload", "payloadType", "signatures"]
        .iter()
        .all(|key| value.get(key).is_some())
    {
        return Some(Kind::Other("a DSSE envelope"));
    }
    if formats::tallybook::is_case(&value) {
        return Some(Kind::Other(OWN_CASES));
    }
    unread::of_value(name, &value).map(Kind::Unread)
}

/// Tells formats that are one JSON object.
fn of_object(value: &Value) -> Option<&'static Format> {
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    let ctrf = value.get("results");
    let ctrf = ctrf.is_some_and(|r| r.get("tool").is_some() && r.get("tests").is_some());
    let playwright = &value["config"];
    let playwright = playwright.get("rootDir").is_some() || playwright.get("projects").is_some();
    Some(if value["reportFormat"] == "CTRF" || ctrf {
        &formats::ctrf::FORMAT
    } else if has(&["suites", "config"]) || playwright {
        &formats::playwright::FORMAT
    } else if value["testsuites"].is_array() && value["tests"].is_number() {
        &formats::gtest::FORMAT
    } else if has(&["created", "exitcode", "root"]) {
        &formats::pytest_json::FORMAT
    } else if has(&["numTotalTests", "testResults"]) || has(&["numTotalTests", "numPassedTests"]) {
        &formats::jest::FORMAT
    } else if has(&["stats"])
        && !has(&["results"])
        && (has(&["tests"]) || has(&["passes"]) || has(&["failures"]))
    {
        &formats::mocha::FORMAT
    } else if has(&["implementation", "features"]) {
        &formats::cucumber_json::FORMAT
    } else {
        return None;
    })
}

/// Whether a text is a sheet that `launch sheet` wrote, in either form.
fn is_sheet(text: &str) -> bool {
    let is_list = text.starts_with("# ") && text.contains("\n- sheet: ");
    let first = text.lines().next().unwrap_or_default();
    let columns = ["result", "case", "title", "environment", "parameters"];
    let mut cells = first
        .split([',', ';', '\t'])
        .map(|cell| cell.trim_matches('"'));
    is_list && text.contains("\n- launch: ")
        || columns.iter().all(|name| cells.next() == Some(*name))
}

/// Returns what stands behind comments, which JSON has not.
fn past_comments(text: &str) -> &str {
    let mut rest = text;
    loop {
        let after = match rest.get(..2) {
            Some("//") => rest.split_once('\n').map(|(_, after)| after),
            Some("/*") => rest.split_once("*/").map(|(_, after)| after),
            _ => return rest,
        };
        rest = after.unwrap_or_default().trim_start();
    }
}

/// How many lines may stand before the first event.
const LINES: usize = 40;

/// Tells formats that have one JSON object a line; other programs may have printed before.
fn by_event(text: &str) -> Option<Kind> {
    let lines = text.lines().take(LINES);
    let format = lines
        .map(|line| lines::unstamped(line).unwrap_or(line).trim())
        .filter(|line| line.starts_with('{'))
        .find_map(of_event)?;
    Some(Kind::Known(format, true))
}

fn of_event(line: &str) -> Option<&'static Format> {
    let Ok(line) = serde_json::from_str::<Value>(line) else {
        // A long result ends beyond what is looked at.
        let is_ours = formats::tallybook::begins(line);
        return is_ours.then_some(&formats::tallybook::FORMAT);
    };
    if formats::tallybook::is_result(&line) {
        return Some(&formats::tallybook::FORMAT);
    }
    let has = |key: &str| line.get(key).is_some();
    let cucumber = [
        "meta",
        "source",
        "gherkinDocument",
        "testRunStarted",
        "pickle",
        "parseError",
    ];
    if cucumber.iter().any(|key| has(key)) && line.as_object()?.len() == 1 {
        return Some(&formats::cucumber_messages::FORMAT);
    }
    if has("Action") && (has("Package") || has("ImportPath") || has("Test")) {
        return Some(&formats::go::FORMAT);
    }
    if has("protocolVersion") && line["type"] == "start" {
        return Some(&formats::dart::FORMAT);
    }
    let libtest = matches!(line["type"].as_str(), Some("suite" | "test" | "bench"));
    (libtest && has("event")).then_some(&formats::libtest::FORMAT)
}

fn by_line(text: &str) -> Option<Kind> {
    let lines = text.lines().take(LINES);
    let mut lines = lines.map(|line| lines::unstamped(line).unwrap_or(line).trim());
    let versioned = |line: &str| {
        let version = line.strip_prefix("TAP version ");
        version.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
    };
    if lines.clone().any(versioned) {
        return Some(Kind::Known(&formats::tap::FORMAT, true));
    }
    let line = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let is_point = |line: &str| {
        let line = line.strip_prefix("not ").unwrap_or(line);
        line == "ok" || line.starts_with("ok ")
    };
    let is_plan = |line: &str| {
        let plan = line.strip_prefix("1..");
        plan.is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
    };
    let (plan, point) = (is_plan(line), is_point(line));
    let other = |line: &str| if plan { is_point(line) } else { is_plan(line) };
    // A plan and a point: nothing else looks like that.
    (plan || point).then(|| Kind::Known(&formats::tap::FORMAT, lines.any(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_roles() {
        use AllureRole::*;
        let role = |name| allure_role(name);
        assert_eq!(role("a/b-result.json"), Some(Result));
        assert_eq!(role("x-attachment"), Some(Attachment));
        assert_eq!(role("x-attachment.xml"), Some(Attachment));
        assert_eq!(role("history/history.json"), Some(History));
        assert_eq!(role("r/history/x-result.json"), Some(History));
        assert_eq!(role("TEST-x.xml"), None);
        assert_eq!(role("__MACOSX/r/._b-result.json"), None);
    }

    #[test]
    fn roots_and_keys_give_formats() {
        let sniffs = [
            ("<?xml version='1.0'?><!-- c --><testsuites/>", Kind::JUnit),
            ("<x:testsuite xmlns:x='u'>", Kind::JUnit),
            ("2026-01-01 log <testsuites><testsuite/>", Kind::JUnit),
            ("<TestRun id='r'>", Kind::Known(&formats::trx::FORMAT, true)),
            ("log\n<TestSuites>", Kind::JUnit),
            ("<html><body>", Kind::Xml("html".to_owned())),
            (" \n", Kind::Empty),
            ("<?xml version='1.0'?>\n<!-- c -->", Kind::JUnit),
            ("<?xml version='1.0'?> x", Kind::NotXml),
            ("<<<<<<< HEAD\n<testsuite/>\n=======\n", Kind::NotXml),
            ("log <!-- c -->", Kind::NotXml),
            (
                "{\"reportFormat\":\"CTRF\",\"results\":{\"to",
                Kind::Known(&formats::ctrf::FORMAT, true),
            ),
            (
                "{\"Time\":\"x\",\"Action\":\"run\",\"Package\":\"p\"}\n{",
                Kind::Known(&formats::go::FORMAT, true),
            ),
            (
                "TAP version 14\n1..4",
                Kind::Known(&formats::tap::FORMAT, true),
            ),
            ("1..4\nok 1", Kind::Known(&formats::tap::FORMAT, true)),
            (
                "ok 1 - a\nx\n1..1",
                Kind::Known(&formats::tap::FORMAT, true),
            ),
            ("ok then\n", Kind::Known(&formats::tap::FORMAT, false)),
            (
                "[{\"uri\":\"f\",\"elements\":[",
                Kind::Known(&formats::cucumber_json::FORMAT, true),
            ),
            (
                "[{\"elements\":[{\"keyword\":\"Scenario\",\"na",
                Kind::Known(&formats::cucumber_json::FORMAT, true),
            ),
            ("{\"a\":1}", Kind::Unknown),
            (
                "{\"tallybook\":\"export-1\",\"id\":\"1\",\"na",
                Kind::Known(&formats::tallybook::FORMAT, true),
            ),
            (
                "{\"tallybook\":\"export-9\",\"executions\":[]}\n{\"tal",
                Kind::Known(&formats::tallybook::FORMAT, true),
            ),
            (
                "{\"tallybook\":\"export-1\",\"text\":\"\"}\n{\"tallybook\":\"export-1\",\"text\":\"\"}\n",
                Kind::Other(OWN_CASES),
            ),
            ("# Smoke\n\n- sheet: 1\n- launch: l\n", Kind::Other(SHEET)),
            (
                "result,case,title,environment,parameters,assignee\n",
                Kind::Other(SHEET),
            ),
            ("junk", Kind::NotXml),
        ];
        for (text, kind) in sniffs {
            assert_eq!(sniff("r.xml", text.as_bytes()), kind, "{text}");
        }
        for (text, format) in [
            (
                "{\"generator\":\"Robot 7.4 (Python)\",\"suite\":{\"na",
                "a Robot Framework JSON file",
            ),
            (
                "[{\"reportFormat\":\"CTRF\",\"results\":{\"tests\":[]}},",
                "a list of several reports",
            ),
            (
                "// by hand\n/* twice */\n{\"reportFormat\":\"CTRF\",\"resu",
                "a report of tests in JSON behind comments",
            ),
            (
                "[\"start\",{\"total\":3}]\n[\"pass\",{}]",
                "a file of Mocha's `json-stream`",
            ),
            ("<testng-results>", "a TestNG file"),
            (
                "{\"stats\":{\"tests\":1},\"results\":[{\"uu",
                "a Mochawesome file",
            ),
        ] {
            let kind = sniff("r.json", text.as_bytes());
            assert!(
                matches!(&kind, Kind::Unread(unread) if unread.format == format),
                "{kind:?}"
            );
        }
        let utf16: Vec<u8> = "<testsuite/>"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(sniff("r.xml", &utf16), Kind::JUnit);
        assert_eq!(sniff("x", &[0x1f, 0x8b, 8]), Kind::Closed("a gzip file"));
        for (head, what) in [
            (b"BZh91AY&SY".as_slice(), BZIP2),
            (b"7z\xbc\xaf\x27\x1c", SEVEN),
            (b"Rar!\x1a\x07\x01", RAR),
        ] {
            let problem = sniff("x", head).problem().expect("it is not read");
            assert!(
                problem.contains(what) && problem.ends_with("unpack it"),
                "{problem}"
            );
        }
        assert_eq!(sniff("x", &[0, 1, 2, 255]), Kind::Unknown);
        assert_eq!(sniff("._r.xml", b"\0\x05\x16\x07\0Mac OS X"), Kind::Unknown);
    }
}
