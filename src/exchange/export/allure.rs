//! A folder of Allure results, as adapters write it and Allure 2 and 3 read it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Attempt, Document, Export, Exported, own};
use crate::base::hash::digest_fields;
use crate::base::{Digest, Timestamp};
use crate::model::{
    Attachment, Details, Execution, Link, Parameter, ParameterMode, Status, Step, TestResult,
};

/// Writes one `*-result.json` for each attempt, a container beside it where it has fixtures, the environment
/// and what made it.
pub fn allure(export: &Export<'_>) -> Document {
    let mut folder = Folder {
        out: Document::default(),
        names: BTreeSet::new(),
    };
    folder.out.left.alike = export.alike();
    for (one, history) in export.results.iter().zip(export.histories()) {
        let says_order = says_order(one);
        for (number, attempt) in (1_u32..).zip(one.attempts()) {
            let number = (!says_order).then_some(number);
            folder.attempt(attempt, &history, number);
        }
    }
    let mut out = folder.out;
    let properties = properties(export.launch.environment.iter());
    if !properties.is_empty() {
        let name = "environment.properties".to_owned();
        out.files.insert(name, properties.into_bytes());
    }
    let launch = &export.launch;
    let executor = json!({
        "name": "Tallybook", "type": "tallybook", "buildName": launch.name, "reportName": launch.id,
    });
    out.files
        .insert("executor.json".to_owned(), bytes(&executor));
    out
}

/// Whether the times of attempts say which of them came first, and no other order was known.
fn says_order(one: &Exported<'_>) -> bool {
    let all: Vec<&TestResult> = one.attempts().map(|attempt| attempt.row).collect();
    let starts_later = |pair: &[&TestResult]| {
        let (first, second) = (pair[0].start, pair[1].start);
        first.is_some() && first < second && pair[1].attempt.is_none()
    };
    all.windows(2).all(starts_later)
}

fn bytes(value: &Value) -> Vec<u8> {
    (serde_json::to_string_pretty(value).unwrap_or_default() + "\n").into_bytes()
}

struct Folder {
    out: Document,
    /// Of files of results, without their endings.
    names: BTreeSet<String>,
}

impl Folder {
    /// `number` is its place among the attempts, where nothing else says it.
    fn attempt(&mut self, attempt: &Attempt<'_>, history: &str, number: Option<u32>) {
        let row = attempt.row;
        let uuid = row.uuid.as_deref().unwrap_or(&row.id);
        let name = self.name(uuid, &row.id);
        let mut result = result(row, uuid, history);
        if let (Some(number), Some(Value::Array(labels))) = (number, result.get_mut("labels")) {
            labels.push(json!({"name": own::ATTEMPT, "value": number.to_string()}));
        }
        let mut attachments = self.attachments(&row.attachments);
        let empty = Details::default();
        let details = attempt.details.unwrap_or(&empty);
        for (said, stream) in [(&details.stdout, "stdout"), (&details.stderr, "stderr")] {
            if let Some(text) = said {
                let source = format!("{name}-{stream}-attachment.txt");
                attachments.push(json!({"name": stream, "source": source, "type": "text/plain"}));
                self.out.files.insert(source, text.clone().into_bytes());
            }
        }
        result.insert("steps".to_owned(), self.steps(&details.steps));
        result.insert("attachments".to_owned(), json!(attachments));
        let file = format!("{name}-result.json");
        self.out.files.insert(file, bytes(&Value::Object(result)));
        if !details.before.is_empty() || !details.after.is_empty() {
            let container = json!({
                "uuid": digest_fields([uuid, "container"]).to_string()[..32],
                "name": row.name,
                "children": [uuid],
                "befores": self.steps(&details.before),
                "afters": self.steps(&details.after),
            });
            let file = format!("{name}-container.json");
            self.out.files.insert(file, bytes(&container));
        }
    }

    /// The producer's uuid, as adapters name their files, where it can be a name and is new.
    fn name(&mut self, uuid: &str, id: &str) -> String {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name = (1..=64).contains(&uuid.len()) && uuid.chars().all(plain);
        let hex = |digest: Digest| digest.to_string()[..32].to_owned();
        let own = [digest_fields([uuid]), digest_fields([uuid, id])];
        let names = is_name.then(|| uuid.to_owned()).into_iter();
        let mut names = names
            .chain(own.map(hex))
            .filter(|name| self.names.insert(name.clone()));
        names.next().unwrap_or_else(|| id.to_owned())
    }

    fn steps(&mut self, steps: &[Step]) -> Value {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Step) -> Value {
        let mut map = Map::new();
        map.insert("name".to_owned(), json!(step.name));
        status(&mut map, step.status);
        details(&mut map, |put| {
            put("message", &step.message);
            put("trace", &step.trace);
        });
        if let Some(description) = &step.description {
            map.insert("description".to_owned(), json!(description));
        }
        times(&mut map, step.start, step.duration);
        map.insert("steps".to_owned(), self.steps(&step.steps));
        let attachments = self.attachments(&step.attachments);
        map.insert("attachments".to_owned(), json!(attachments));
        map.insert("parameters".to_owned(), parameters(&step.parameters));
        Value::Object(map)
    }

    fn attachments(&mut self, attachments: &[Attachment]) -> Vec<Value> {
        let mut out = Vec::new();
        for one in attachments {
            let Some(file) = &one.file else {
                self.out.left.absent += 1;
                continue;
            };
            let source = match file.split_once('.') {
                Some((digest, extension)) => format!("{digest}-attachment.{extension}"),
                None => format!("{file}-attachment"),
            };
            out.push(json!({"name": one.name, "source": source, "type": one.media_type}));
            self.out.attachments.insert(source, file.clone());
        }
        out
    }
}

fn result(row: &TestResult, uuid: &str, history: &str) -> Map<String, Value> {
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    put("uuid", json!(uuid));
    put("historyId", json!(history));
    if let Some(id) = &row.test_case_id {
        put("testCaseId", json!(id));
    }
    // Readers fall back on the history's id where there is neither this nor that.
    let full = row.full_name.as_ref();
    match (full, &row.test_case_id) {
        (Some(full), _) => put("fullName", json!(full)),
        (None, None) => put("fullName", json!(row.name)),
        (None, Some(_)) => {}
    }
    put("name", json!(row.name));
    if !row.title_path.is_empty() {
        put("titlePath", json!(row.title_path));
    }
    let stage = row.properties.first("stage").unwrap_or("finished");
    put("stage", json!(stage));
    for (name, text) in [
        ("description", &row.description),
        ("descriptionHtml", &row.description_html),
    ] {
        if let Some(text) = text {
            put(name, json!(text));
        }
    }
    put("parameters", parameters_of(row));
    put("labels", labels(row));
    put("links", row.links.iter().map(link).collect());
    status(&mut map, Some(row.status));
    details(&mut map, |put| {
        put("message", &row.message);
        put("trace", &row.trace);
        put("expected", &row.expected);
        put("actual", &row.actual);
    });
    for (name, flag) in [
        ("flaky", row.flaky),
        ("known", row.known),
        ("muted", row.muted),
    ] {
        if flag {
            let own = map.entry("statusDetails").or_insert_with(|| json!({}));
            own[name] = json!(true);
        }
    }
    times(&mut map, row.start, row.duration);
    map
}

/// Names of labels that hold ids of cases.
const IDS: [&str; 3] = ["AS_ID", "ALLURE_ID", "tallybook"];

/// A status that Allure has no word for is left out, which readers take for unknown.
fn status(map: &mut Map<String, Value>, status: Option<Status>) {
    let told = status.filter(|s| !matches!(s, Status::Unknown | Status::InProgress));
    if let Some(status) = told {
        map.insert("status".to_owned(), json!(status));
    }
}

fn details(map: &mut Map<String, Value>, say: impl FnOnce(&mut dyn FnMut(&str, &Option<String>))) {
    let mut own = Map::new();
    say(&mut |name, text| {
        if let Some(text) = text {
            own.insert(name.to_owned(), json!(text));
        }
    });
    if !own.is_empty() {
        map.insert("statusDetails".to_owned(), Value::Object(own));
    }
}

fn times(map: &mut Map<String, Value>, start: Option<Timestamp>, duration: Option<u64>) {
    let Some(start) = start else {
        return;
    };
    map.insert("start".to_owned(), json!(start.ms()));
    if let Some(length) = duration.and_then(|ms| i64::try_from(ms).ok()) {
        let stop = start.ms().saturating_add(length);
        map.insert("stop".to_owned(), json!(stop));
    }
}

/// Its parameters, and the place among tests of one name, which else would be attempts of each other.
fn parameters_of(row: &TestResult) -> Value {
    let mut all = row.parameters.clone();
    if let Some(n) = row.occurrence {
        all.push(Parameter {
            name: "occurrence".to_owned(),
            value: Some(n.to_string()),
            ..Parameter::default()
        });
    }
    parameters(&all)
}

fn parameters(parameters: &[Parameter]) -> Value {
    let parameter = |one: &Parameter| {
        let mut map = Map::new();
        map.insert("name".to_owned(), json!(one.name));
        let mode = match one.mode {
            Some(ParameterMode::Hidden) => Some("hidden"),
            Some(ParameterMode::Masked) => Some("masked"),
            None => None,
        };
        // Of a secret nothing is kept but a few bits that tell values apart.
        let value = match mode {
            Some(_) => one.digest.as_deref(),
            None => one.value.as_deref(),
        };
        if let Some(value) = value {
            map.insert("value".to_owned(), json!(value));
        }
        if one.excluded {
            map.insert("excluded".to_owned(), json!(true));
        }
        if let Some(mode) = mode {
            map.insert("mode".to_owned(), json!(mode));
        }
        Value::Object(map)
    };
    parameters.iter().map(parameter).collect()
}

fn labels(row: &TestResult) -> Value {
    let mut all: Vec<(&str, &str)> = row
        .labels
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value.as_str())))
        .collect();
    let manual = "ALLURE_MANUAL";
    if row.execution == Execution::Manual && row.labels.first(manual).is_none() {
        all.push((manual, "true"));
    }
    // Where Allure's readers look for ids: any other label may happen to say the same.
    let told = |id: &String| {
        let word = format!("@{id}");
        let is_id = |name: &str| IDS.iter().any(|known| known.eq_ignore_ascii_case(name));
        let mut labels = all.iter();
        labels.any(|(name, value)| is_id(name) && value == id || *value == word)
            || row.name.contains(&word)
    };
    let ids: Vec<&String> = row.ids.iter().filter(|id| !told(id)).collect();
    all.extend(ids.into_iter().map(|id| ("tallybook", id.as_str())));
    if row.synthetic {
        all.push((own::SYNTHETIC, "true"));
    }
    let occurrence = row.occurrence.map(|n| n.to_string());
    all.extend(occurrence.iter().map(|n| (own::OCCURRENCE, n.as_str())));
    // Allure tells how long by a start and a stop.
    let duration = row.duration.filter(|_| row.start.is_none());
    let duration = duration.map(|ms| ms.to_string());
    all.extend(duration.iter().map(|ms| (own::DURATION, ms.as_str())));
    let label = |(name, value)| json!({"name": name, "value": value});
    all.into_iter().map(label).collect()
}

fn link(link: &Link) -> Value {
    let mut map = Map::new();
    for (name, text) in [
        ("type", &link.kind),
        ("name", &link.name),
        ("url", &link.url),
    ] {
        if let Some(text) = text {
            map.insert(name.to_owned(), json!(text));
        }
    }
    Value::Object(map)
}

/// Writes pairs as Java's properties, in ASCII.
fn properties<'a>(pairs: impl Iterator<Item = (&'a str, &'a String)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        escape(&mut out, name, true);
        out.push('=');
        escape(&mut out, value, false);
        out.push('\n');
    }
    out
}

fn escape(out: &mut String, text: &str, is_key: bool) {
    let mut leading = true;
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\\' => out.push_str("\\\\"),
            ' ' if is_key || leading => out.push_str("\\ "),
            '=' | ':' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        leading &= c == ' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_those_of_java() {
        let pairs = [
            ("os name", "  linux = x\\y".to_owned()),
            ("#é", "😀\n".to_owned()),
        ];
        let pairs = pairs.iter().map(|(name, value)| (*name, value));
        let expected = "os\\ name=\\ \\ linux \\= x\\\\y\n\\#\\u00e9=\\ud83d\\ude00\\n\n";
        assert_eq!(properties(pairs), expected);
    }
}
