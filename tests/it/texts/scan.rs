//! Every text that templates, scripts and code name is in the catalogue, with the placeholders that they fill; and what is
//! in the catalogue is named somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// A text's forms, or the texts of a section.
type Yaml = serde_yaml::Value;

pub(super) fn catalogue() -> BTreeMap<String, Yaml> {
    let text = read("templates/texts/en.yaml");
    let sections: BTreeMap<String, BTreeMap<String, Yaml>> =
        serde_yaml::from_str(&text).expect("the catalogue reads");
    let texts = sections.into_iter().flat_map(|(section, texts)| {
        let texts = texts.into_iter();
        texts.map(move |(name, text)| (format!("{section}.{name}"), text))
    });
    texts.collect()
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("the file reads")
}

/// Paths and texts of the files below a folder whose names end so.
fn files(folder: &str, end: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder lists") {
            let path = entry.expect("the entry reads").path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(end) && !name.contains("tests") {
                out.push((name.clone(), std::fs::read_to_string(&path).expect("reads")));
            }
        }
    }
    out.sort();
    out
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

/// The placeholders of a text in all of its forms, those inside of numbers' own forms apart.
fn slots(text: &Yaml) -> BTreeSet<String> {
    let mut lines = Vec::new();
    match text {
        Yaml::String(text) => lines.push(text.clone()),
        Yaml::Mapping(forms) => lines.extend(
            forms
                .values()
                .filter_map(|form| form.as_str().map(str::to_owned)),
        ),
        _ => {}
    }
    let slot = regex(r"\{([a-z_]+)\}");
    let found = lines.iter().flat_map(|line| slot.captures_iter(line));
    found.map(|found| found[1].to_owned()).collect()
}

/// The inside of the parentheses that a text begins with, cut at its commas outside of any brackets and quotes.
fn arguments(text: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    let mut out = vec![String::new()];
    for c in text.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            match c {
                '"' => quoted = true,
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && c == ',' {
                out.push(String::new());
                continue;
            }
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out
}

/// Each place that says a text: where, its key, and the names of what it fills in.
fn said() -> Vec<(String, String, BTreeSet<String>)> {
    let mut out = Vec::new();
    let calls = [
        (
            "src/site",
            ".rs",
            r"\bsay!\(",
            r#"^\(\s*"([^"]+)"\s*$"#,
            r"^\s*([a-z_]+) =",
        ),
        (
            "templates",
            ".html",
            r"\btext\(",
            r#"^\(key="([^"]+)"\s*$"#,
            r"^\s*([a-z_]+)=",
        ),
    ];
    for (folder, end, call, key, name) in calls {
        let (call, key, name) = (regex(call), regex(key), regex(name));
        for (path, text) in files(folder, end) {
            for found in call.find_iter(&text) {
                let arguments = arguments(&text[found.end() - 1..]);
                let Some(key) = key.captures(&arguments[0]) else {
                    continue;
                };
                let names = arguments[1..].iter();
                let names =
                    names.filter_map(|argument| Some(name.captures(argument)?[1].to_owned()));
                out.push((path.clone(), key[1].to_owned(), names.collect()));
            }
        }
    }
    out
}

#[test]
fn every_text_that_is_said_is_there_with_its_placeholders() {
    let catalogue = catalogue();
    let said = said();
    assert!(said.len() > 500, "{}", said.len());
    let mut wrong = Vec::new();
    for (path, key, names) in said {
        match catalogue.get(&key) {
            None => wrong.push(format!("{path}: no text `{key}`")),
            Some(text) => {
                let missing: Vec<String> = slots(text).difference(&names).cloned().collect();
                let strange = names
                    .difference(&slots(text))
                    .find(|name| *name != "n")
                    .cloned();
                if !missing.is_empty() || strange.is_some() {
                    wrong.push(format!(
                        "{path}: `{key}` lacks {missing:?}, knows no {strange:?}"
                    ));
                }
            }
        }
    }
    let script = regex(r#"speak(?:\.parts)?\(\s*"([^"]+)""#);
    for (path, text) in scripts() {
        for found in script.captures_iter(&text) {
            if !catalogue.contains_key(&found[1]) {
                wrong.push(format!("{path}: no text `{}`", &found[1]));
            }
        }
    }
    let counted = regex(r#"(?s)\bcount(?:ed)?\(\s*[^"]*?,\s*"([a-z ]+)",?\s*\)"#);
    for (path, text) in files("src/site", ".rs") {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for found in counted.captures_iter(text) {
            let key = format!("count.{}", found[1].replace(' ', "-"));
            if !catalogue.contains_key(&key) {
                wrong.push(format!("{path}: no text `{key}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_text_is_said_somewhere() {
    let mut all = String::new();
    for (folder, end) in [
        ("src/site", ".rs"),
        ("templates", ".html"),
        ("templates/assets", ".js"),
        ("templates/work", ".js"),
    ] {
        for (_, text) in files(folder, end) {
            all.push_str(&text);
        }
    }
    let literal = regex(r#""([a-z-]+\.[a-z0-9_-]+)""#);
    let named: BTreeSet<String> = literal
        .captures_iter(&all)
        .map(|found| found[1].to_owned())
        .collect();
    // Keys that are put together: what they begin with.
    let begun = regex(r#"["`]([a-z-]+\.[a-z-]*)(?:\{[a-z]|\$\{|\{\}|" ~)"#);
    let begun: BTreeSet<String> = begun
        .captures_iter(&all)
        .map(|found| found[1].to_owned())
        .collect();
    assert!(
        begun.contains("flag.") && begun.contains("status."),
        "{begun:?}"
    );
    let idle = |key: &&String| {
        let noun = key
            .strip_prefix("count.")
            .map(|noun| noun.replace('-', " "));
        let counted = noun.is_some_and(|noun| all.contains(&format!("\"{noun}\"")));
        !counted
            && !named.contains(*key)
            && !begun
                .iter()
                .any(|start| !start.starts_with("count.") && key.starts_with(start.as_str()))
    };
    let catalogue = catalogue();
    let idle: Vec<&String> = catalogue.keys().filter(idle).collect();
    assert!(idle.is_empty(), "nothing says {idle:?}");
}

/// The scripts of pages and of the workbench.
fn scripts() -> Vec<(String, String)> {
    let mut all = files("templates/assets", ".js");
    all.extend(files("templates/work", ".js"));
    all
}

/// A text of the workbench has the placeholders that are filled there; what it says of other sections, pages say too.
#[test]
fn the_workbench_says_what_it_gets() {
    let catalogue = catalogue();
    let call = regex(r#"speak(?:\.parts)?\("#);
    let key = regex(r#"^\("([^"]+)"\s*$"#);
    let name = regex(r"(?:^|[{,])\s*([a-z_]+)(?::|\s*[,}])");
    let mut wrong = Vec::new();
    let mut said = 0;
    for (path, text) in files("templates/work", ".js") {
        for found in call.find_iter(&text) {
            let arguments = arguments(&text[found.end() - 1..]);
            let Some(key) = key.captures(&arguments[0]) else {
                continue;
            };
            let filled = arguments[1..].join(",");
            let names: BTreeSet<String> = name
                .captures_iter(&filled)
                .map(|found| found[1].to_owned())
                .collect();
            said += 1;
            let Some(entry) = catalogue.get(&key[1]) else {
                continue;
            };
            let missing: Vec<String> = slots(entry).difference(&names).cloned().collect();
            if !missing.is_empty() {
                wrong.push(format!("{path}: `{}` lacks {missing:?}", &key[1]));
            }
        }
    }
    assert!(said > 200, "{said}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scripts_get_what_they_say_and_no_more() {
    let list = read("src/site/texts/script.rs");
    let literal = regex(r#""([a-z-]+(?:\.[a-z0-9_-]+)?)""#);
    let (sections, keys): (BTreeSet<String>, BTreeSet<String>) = {
        let found = literal.captures_iter(list.split("pub(crate) fn").next().unwrap_or_default());
        found
            .map(|found| found[1].to_owned())
            .partition(|name| !name.contains('.'))
    };
    let dotted = regex(r#""([a-z-]+\.[a-z0-9_-]+)""#);
    let catalogue = catalogue();
    let mut said = BTreeSet::new();
    for (_, text) in files("templates/assets", ".js") {
        let found = dotted.captures_iter(&text).map(|found| found[1].to_owned());
        said.extend(found.filter(|key| catalogue.contains_key(key)));
    }
    let of_section = |key: &&String| {
        key.split('.')
            .next()
            .is_some_and(|section| sections.contains(section))
    };
    let others: BTreeSet<String> = said
        .iter()
        .filter(|key| !of_section(key))
        .cloned()
        .collect();
    assert_eq!(others, keys);
}
