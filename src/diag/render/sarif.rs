//! SARIF 2.1.0, as code scanning reads it. Sources: the OASIS standard "Static Analysis Results
//! Interchange Format 2.1.0", and GitHub's "SARIF support for code scanning".

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::View;
use super::item::{Item, Level, fingerprints};
use super::line_hash::line_hashes;
use crate::base::text::{count, sanitize, sanitize_line, thousands, truncate};
use crate::diag::Sources;

/// Results of one run; GitHub refuses a file that has more.
const MAX_RESULTS: usize = 25_000;
/// Results of one run that GitHub shows.
const MAX_SHOWN: usize = 5_000;
/// Characters of a rule's description.
const MAX_DESCRIPTION: usize = 1_024;
/// What paths are relative to.
const ROOT: &str = "%SRCROOT%";

/// What made the items, and where they are.
#[derive(Clone, Copy, Debug)]
pub struct SarifRun<'a> {
    /// What tells this run from others of the same commit: `validate`.
    pub category: &'a str,
    /// The program's.
    pub version: &'a str,
    /// Those that no item names are left out.
    pub rules: &'a [SarifRule],
    /// The texts that items point into, by their paths from the workspace.
    pub sources: &'a Sources,
    /// The workspace's path in its repository, empty for the root.
    pub prefix: &'a str,
}

/// A rule that items name by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SarifRule {
    pub id: String,
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// A paragraph.
    pub description: String,
    /// Markdown.
    pub help: String,
}

/// Renders one run. Of more results than GitHub takes, notes and warnings go first.
pub fn sarif(items: &[Item], run: &SarifRun<'_>) -> View {
    let kept = kept(items);
    let fingerprints = fingerprints(items);
    let rules = rules(&kept, run.rules);
    let indexes: HashMap<&str, usize> = rules
        .iter()
        .enumerate()
        .map(|(i, (rule, _))| (rule.id.as_str(), i))
        .collect();
    let mut hashes = Hashes::new(run);
    let results: Vec<Value> = kept
        .iter()
        .map(|(n, item)| {
            let line = hashes.of(item).unwrap_or_else(|| fingerprints[*n].clone());
            json!({
                "ruleId": item.code,
                "ruleIndex": indexes[item.code.as_str()],
                "level": word(item.level),
                "message": {"text": sanitize(&item.with_help())},
                "locations": [location(item)],
                "partialFingerprints": {
                    "primaryLocationLineHash": line,
                    "tallybook/v1": fingerprints[*n],
                },
            })
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(rule, level)| shown(rule, *level))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Tallybook",
                "semanticVersion": run.version,
                "rules": rules,
            }},
            "automationDetails": {"id": format!("tallybook/{}/", run.category)},
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&log).expect("texts and numbers always serialise");
    View {
        text: text + "\n",
        left_out: left_out(items.len()),
    }
}

/// Returns the items that fit, with their places among all.
fn kept(items: &[Item]) -> Vec<(usize, &Item)> {
    let mut all: Vec<(usize, &Item)> = items.iter().enumerate().collect();
    if all.len() > MAX_RESULTS {
        all.sort_by_key(|(_, item)| item.level);
        all.truncate(MAX_RESULTS);
        all.sort_by_key(|(n, _)| *n);
    }
    all
}

fn left_out(n: usize) -> Option<String> {
    let over = |max: usize| thousands((n - max) as u64);
    match n {
        n if n <= MAX_SHOWN => None,
        n if n <= MAX_RESULTS => Some(format!(
            "GitHub shows {} of a file; and {} more, in the file alone",
            count(MAX_SHOWN as u64, "result"),
            over(MAX_SHOWN)
        )),
        _ => Some(format!(
            "GitHub takes {} of a file; and {} more, left out",
            count(MAX_RESULTS as u64, "result"),
            over(MAX_RESULTS)
        )),
    }
}

/// Returns the rules that items name, by code, each with the worst level of its items. A code without
/// a rule gets one that says its name.
fn rules(items: &[(usize, &Item)], known: &[SarifRule]) -> Vec<(SarifRule, Level)> {
    let mut named: BTreeMap<&str, (&Item, Level)> = BTreeMap::new();
    for (_, item) in items {
        let (_, level) = named.entry(&item.code).or_insert((item, item.level));
        *level = item.level.min(*level);
    }
    let known: HashMap<&str, &SarifRule> =
        known.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let rule = |code: &str, item: &Item| match known.get(code) {
        Some(rule) => (*rule).clone(),
        None => SarifRule {
            id: item.code.clone(),
            name: item.name.clone(),
            summary: item.name.clone(),
            description: item.name.clone(),
            help: item.name.clone(),
        },
    };
    named
        .into_iter()
        .map(|(code, (item, level))| (rule(code, item), level))
        .collect()
}

fn shown(rule: &SarifRule, level: Level) -> Value {
    json!({
        "id": rule.id,
        "name": truncate(&rule.name, 255),
        "shortDescription": {"text": truncate(&rule.summary, MAX_DESCRIPTION)},
        "fullDescription": {"text": truncate(&rule.description, MAX_DESCRIPTION)},
        "help": {"text": rule.help, "markdown": rule.help},
        "defaultConfiguration": {"level": word(level)},
    })
}

fn location(item: &Item) -> Value {
    let mut place = json!({
        "artifactLocation": {"uri": uri(&item.path), "uriBaseId": ROOT},
    });
    if let Some((start, end)) = item.range {
        place["region"] = json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        });
    }
    json!({"physicalLocation": place})
}

/// Writes a path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in sanitize_line(path).bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// The fingerprints of lines, computed once a file.
struct Hashes<'a> {
    run: &'a SarifRun<'a>,
    files: HashMap<&'a str, Vec<String>>,
}

impl<'a> Hashes<'a> {
    fn new(run: &'a SarifRun<'a>) -> Self {
        Self {
            run,
            files: HashMap::new(),
        }
    }

    /// Returns the fingerprint of an item's line; none where the item has no line.
    fn of(&mut self, item: &'a Item) -> Option<String> {
        let (start, _) = item.range?;
        let path = match self.run.prefix {
            "" => &item.path,
            prefix => item.path.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        let text = self.run.sources.get(path)?;
        let lines = self.files.entry(path).or_insert_with(|| line_hashes(text));
        lines.get(start.line.checked_sub(1)?).cloned()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::diag::render::item::tests::item;

    fn run<'a>(rules: &'a [SarifRule], sources: &'a Sources) -> SarifRun<'a> {
        SarifRun {
            category: "validate",
            version: "1.2.3",
            rules,
            sources,
            prefix: "qa",
        }
    }

    fn rule(id: &str) -> SarifRule {
        SarifRule {
            id: id.to_owned(),
            name: "sample".to_owned(),
            summary: "A sample.".to_owned(),
            description: "d".repeat(2_000),
            help: "# Help".to_owned(),
        }
    }

    /// What the standard asks of a log, and GitHub besides, of all that is written here.
    #[track_caller]
    pub(crate) fn assert_sound(log: &Value) {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        assert_eq!(log["version"], "2.1.0");
        assert!(text(&log["$schema"]).ends_with("sarif-2.1.0.json"));
        let runs = log["runs"].as_array().expect("runs");
        assert_eq!(runs.len(), 1);
        let driver = &runs[0]["tool"]["driver"];
        assert!(!text(&driver["name"]).is_empty());
        let rules = driver["rules"].as_array().expect("rules");
        for rule in rules {
            for key in ["shortDescription", "fullDescription"] {
                let n = text(&rule[key]["text"]).chars().count();
                assert!((1..=1_024).contains(&n), "{rule}");
            }
            assert!(!text(&rule["help"]["text"]).is_empty());
            assert!(rule.get("helpUri").is_none());
        }
        assert!(text(&runs[0]["automationDetails"]["id"]).ends_with('/'));
        for result in runs[0]["results"].as_array().expect("results") {
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(["error", "warning", "note"].contains(&text(&result["level"]).as_str()));
            assert!(!text(&result["message"]["text"]).is_empty());
            let places = result["locations"].as_array().expect("locations");
            assert_eq!(places.len(), 1);
            let place = &places[0]["physicalLocation"];
            let uri = text(&place["artifactLocation"]["uri"]);
            let is_held = |b: u8| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b);
            assert!(!uri.starts_with('/') && uri.bytes().all(is_held), "{uri}");
            assert!(
                runs[0]["originalUriBaseIds"]
                    .get(text(&place["artifactLocation"]["uriBaseId"]))
                    .is_some()
            );
            if let Some(region) = place.get("region") {
                let n = |key: &str| region[key].as_u64().expect("a number");
                assert!(n("startLine") >= 1 && n("startColumn") >= 1);
                assert!((n("startLine"), n("startColumn")) <= (n("endLine"), n("endColumn")));
            }
            let fingerprints = result["partialFingerprints"]
                .as_object()
                .expect("fingerprints");
            assert!(fingerprints.values().all(|value| !text(value).is_empty()));
            assert!(fingerprints.contains_key("primaryLocationLineHash"));
        }
    }

    fn parsed(view: &View) -> Value {
        serde_json::from_str(&view.text).expect("valid JSON")
    }

    #[test]
    fn logs_keep_to_the_standard() {
        let mut sources = Sources::default();
        sources.insert("a b.md", "one\ntwo\n  three\n".into());
        let rules = [rule("TB0099"), rule("TB0100")];
        let mut other = item(Level::Note, None, "new\n\u{1b}[2J");
        other.code = "TB0200".to_owned();
        other.path = "qa/é:%.md".to_owned();
        let all = [
            item(Level::Warning, Some(3), "odd"),
            item(Level::Error, Some(1), "wrong"),
            other,
        ];
        let view = sarif(&all, &run(&rules, &sources));
        let log = parsed(&view);
        assert_sound(&log);
        let driver = &log["runs"][0]["tool"]["driver"];
        let ids: Vec<&Value> = driver["rules"]
            .as_array()
            .expect("rules")
            .iter()
            .map(|r| &r["id"])
            .collect();
        assert_eq!(ids, ["TB0100", "TB0200"]);
        assert_eq!(driver["rules"][0]["defaultConfiguration"]["level"], "error");
        let results = &log["runs"][0]["results"];
        let hash = |n: usize| &results[n]["partialFingerprints"]["primaryLocationLineHash"];
        assert_eq!(hash(0), &line_hashes("one\ntwo\n  three\n")[2]);
        assert_eq!(hash(2), &results[2]["partialFingerprints"]["tallybook/v1"]);
        let uri = &results[2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "qa/%C3%A9%3A%25.md");
        assert_eq!(results[2]["message"]["text"], "new\n\\u{1b}[2J");
        assert_eq!(view.left_out, None);
        assert_sound(&parsed(&sarif(&[], &run(&[], &sources))));
    }

    #[test]
    fn what_github_refuses_is_cut_and_said() {
        let sources = Sources::default();
        let mut many: Vec<Item> = (0..MAX_RESULTS)
            .map(|n| item(Level::Warning, None, &format!("`{n}`")))
            .collect();
        many.push(item(Level::Error, None, "wrong"));
        let view = sarif(&many, &run(&[], &sources));
        let log = parsed(&view);
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), MAX_RESULTS);
        assert_eq!(results[MAX_RESULTS - 1]["message"]["text"], "wrong");
        assert_eq!(
            view.left_out.as_deref(),
            Some("GitHub takes 25,000 results of a file; and 1 more, left out")
        );
        assert_eq!(
            left_out(5_200).as_deref(),
            Some("GitHub shows 5,000 results of a file; and 200 more, in the file alone")
        );
    }
}
