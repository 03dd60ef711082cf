//! Which format a file has: by name first, then by what it begins with.

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use super::json;
use crate::base::path;

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
    /// `categories.json` and `history/`: recognised, not used.
    Unused,
    /// Named as attachments are by default.
    Attachment,
}

/// Returns the part that a name gives a file, if any.
pub(super) fn allure_role(name: &str) -> Option<AllureRole> {
    use AllureRole::*;
    let base = path::file_name(name);
    if path::file_name(path::parent(name)) == "history" {
        return base.ends_with(".json").then_some(Unused);
    }
    Some(match base {
        "environment.properties" | "environment.xml" => Environment,
        "executor.json" => Executor,
        "launch.json" => Launch,
        "categories.json" => Unused,
        _ if base.ends_with("-result.json") => Result,
        _ if base.ends_with("-container.json") => Container,
        _ if base.ends_with("-globals.json") => Globals,
        _ if base.ends_with("-check.json") => Check,
        _ if is_attachment_name(base) => Attachment,
        _ => return None,
    })
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
    Empty,
    /// Another format of results, which is not read; its name with an article.
    Other(&'static str),
    /// XML with this root.
    Xml(String),
    /// Meant to be XML by its name, and isn't.
    NotXml,
    Unknown,
}

impl Kind {
    /// Says why a file of this kind gives no results; `None` for what is read.
    pub(super) fn problem(&self) -> Option<String> {
        Some(match self {
            Self::JUnit => return None,
            Self::Empty => "the file is empty".to_owned(),
            Self::Other(format) => format!("looks like {format}, which this version does not read"),
            Self::Xml(root) => format!(
                "the root element is `{root}`, expected `testsuites` or `testsuite` of JUnit XML"
            ),
            Self::NotXml => "the file is not XML, expected JUnit XML".to_owned(),
            Self::Unknown => {
                "the format was not recognised, expected Allure results or JUnit XML".to_owned()
            }
        })
    }
}

/// What Allure 1 wrote, as `*-testsuite.xml`.
pub(super) const ALLURE_1: &str = "a test suite of Allure 1";

/// Tells the format from a file's name and its first 64 KiB.
pub(super) fn sniff(name: &str, head: &[u8]) -> Kind {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Kind::Empty;
    }
    if let Some(format) = by_magic(head) {
        return Kind::Other(format);
    }
    let text = decode(head);
    let text = text.trim_start();
    if text.starts_with('<') || holds_suite(text) {
        return by_root(text).unwrap_or(Kind::NotXml);
    }
    if text.starts_with(['{', '[']) {
        return by_keys(name, text).map_or(Kind::Unknown, Kind::Other);
    }
    match by_line(text) {
        Some(format) => Kind::Other(format),
        None if path::extension(name).eq_ignore_ascii_case("xml") => Kind::NotXml,
        None => Kind::Unknown,
    }
}

/// Decodes for a look only: by byte-order mark, by zero bytes, else as UTF-8.
fn decode(head: &[u8]) -> std::borrow::Cow<'_, str> {
    let encoding = match head {
        _ if Encoding::for_bom(head).is_some() => encoding_rs::UTF_8,
        [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_8,
    };
    encoding.decode(head).0
}

fn by_magic(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1f, 0x8b, ..] => Some("a gzip file"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("an xz file"),
        _ if head.starts_with(b"version https://git-lfs") => {
            Some("a Git LFS pointer without its content")
        }
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
            Ok(Event::Start(root) | Event::Empty(root)) => return Some(root_kind(&root)),
            Ok(Event::Eof) if bare => return Some(Kind::JUnit),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Ok(Event::Text(text)) => bare &= text.trim().is_empty(),
            Ok(_) => bare = false,
        }
    }
}

fn root_kind(root: &BytesStart<'_>) -> Kind {
    let name = root.local_name();
    let name: &str = name.as_ref();
    Kind::Other(match name {
        _ if is_suite(name) => return Kind::JUnit,
        "TestRun" => "a TRX file",
        "assemblies" => "an xUnit.net file",
        "assembly" if root.attributes_raw().contains("run-date") => "an xUnit.net file",
        "test-run" => "an NUnit 3 file",
        "test-results" => "an NUnit 2 file",
        "robot" => "a Robot Framework output file",
        "test-suite" => ALLURE_1,
        "testng-results" => "a TestNG file",
        "Site" => "a CTest dashboard file",
        other => return Kind::Xml(crate::base::text::truncate(other, 60)),
    })
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

fn by_keys(name: &str, text: &str) -> Option<&'static str> {
    if let Some(format) = by_first_line(text) {
        return Some(format);
    }
    let value = json::salvage(text.as_bytes()).value;
    if let Value::Array(items) = &value {
        let feature = items.first()?;
        return (feature.get("elements").is_some() && feature.get("uri").is_some())
            .then_some("a Cucumber JSON file");
    }
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    let ctrf = value.get("results");
    let ctrf = ctrf.is_some_and(|r| r.get("tool").is_some() && r.get("tests").is_some());
    Some(if value["reportFormat"] == "CTRF" || ctrf {
        "a CTRF file"
    } else if has(&["suites", "config"]) {
        "a Playwright JSON file"
    } else if value["testsuites"].is_array() && value["tests"].is_number() {
        "a GoogleTest JSON file"
    } else if has(&["created", "exitcode", "summary", "root"]) {
        "a pytest-json-report file"
    } else if has(&["numTotalTests", "testResults"]) {
        "a Jest JSON file"
    } else if has(&["stats", "results"]) {
        "a Mochawesome file"
    } else if has(&["stats"]) && (has(&["tests"]) || has(&["passes"]) || has(&["failures"])) {
        "a Mocha JSON file"
    } else if has(&["version", "examples", "summary_line"]) {
        "an RSpec JSON file"
    } else if has(&["payload", "payloadType", "signatures"]) {
        "a DSSE envelope"
    } else if has(&["uuid", "status", "name"]) && !name.ends_with("-result.json") {
        "an Allure result that is not named `*-result.json`"
    } else {
        return None;
    })
}

/// Tells formats that have one JSON object a line.
fn by_first_line(text: &str) -> Option<&'static str> {
    let line: Value = serde_json::from_str(text.lines().next()?).ok()?;
    let has = |key: &str| line.get(key).is_some();
    let cucumber = ["meta", "source", "gherkinDocument", "testRunStarted"];
    if cucumber.iter().any(|key| has(key)) && line.as_object()?.len() == 1 {
        return Some("a Cucumber Messages file");
    }
    if has("Action") && (has("Package") || has("ImportPath") || has("Test")) {
        return Some("the output of `go test -json`");
    }
    if has("protocolVersion") && line["type"] == "start" {
        return Some("the output of `dart test`");
    }
    let libtest = matches!(line["type"].as_str(), Some("suite" | "test" | "bench"));
    (libtest && has("event")).then_some("the JSON output of libtest")
}

fn by_line(text: &str) -> Option<&'static str> {
    let line = text.lines().next()?.trim();
    let plan = line
        .strip_prefix("1..")
        .is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
    let tap = line.starts_with("TAP version ")
        || plan
        || line.starts_with("ok ")
        || line.starts_with("not ok ");
    tap.then_some("a TAP file")
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
        assert_eq!(role("history/history.json"), Some(Unused));
        assert_eq!(role("r/history/x-result.json"), Some(Unused));
        assert_eq!(role("TEST-x.xml"), None);
    }

    #[test]
    fn roots_and_keys_give_formats() {
        let sniffs = [
            ("<?xml version='1.0'?><!-- c --><testsuites/>", Kind::JUnit),
            ("<x:testsuite xmlns:x='u'>", Kind::JUnit),
            ("2026-01-01 log <testsuites><testsuite/>", Kind::JUnit),
            ("<TestRun id='r'>", Kind::Other("a TRX file")),
            ("log\n<TestSuites>", Kind::JUnit),
            ("<html><body>", Kind::Xml("html".to_owned())),
            (" \n", Kind::Empty),
            ("<?xml version='1.0'?>\n<!-- c -->", Kind::JUnit),
            ("<?xml version='1.0'?> x", Kind::NotXml),
            ("log <!-- c -->", Kind::NotXml),
            (
                "{\"reportFormat\":\"CTRF\",\"results\":{\"to",
                Kind::Other("a CTRF file"),
            ),
            (
                "{\"Time\":\"x\",\"Action\":\"run\",\"Package\":\"p\"}\n{",
                Kind::Other("the output of `go test -json`"),
            ),
            ("TAP version 14\n1..4", Kind::Other("a TAP file")),
            ("1..4\nok 1", Kind::Other("a TAP file")),
            (
                "[{\"uri\":\"f\",\"elements\":[",
                Kind::Other("a Cucumber JSON file"),
            ),
            ("{\"a\":1}", Kind::Unknown),
            ("junk", Kind::NotXml),
        ];
        for (text, kind) in sniffs {
            assert_eq!(sniff("r.xml", text.as_bytes()), kind, "{text}");
        }
        let utf16: Vec<u8> = "<testsuite/>"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(sniff("r.xml", &utf16), Kind::JUnit);
        assert_eq!(sniff("x", &[0x1f, 0x8b, 8]), Kind::Other("a gzip file"));
        assert_eq!(sniff("x", &[0, 1, 2, 255]), Kind::Unknown);
    }
}
