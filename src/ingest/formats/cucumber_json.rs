//! Cucumber's JSON, of cucumber-jvm, cucumber-ruby, cucumber-js, behave and their ports.

use std::collections::HashMap;

use serde_json::Value;

use crate::ingest::file::Format;
use crate::ingest::gather::{Gather, Stop, is_assertion, join, place, set_suites};
use crate::ingest::json::{self, Document, list, number, string, text, texts};
use crate::ingest::times::timestamp;
use crate::ingest::{AttachmentSource, Row, SinkError, attach, notes};
use crate::model::{Attachment, Details, Status, Step, TestResult};

pub(in crate::ingest) static FORMAT: Format = Format {
    name: "cucumber-json",
    element: "scenario or background",
    read,
};

const DOCUMENT: Document = Document {
    units: &[&["*"], &["features", "*"]],
    is_element: |open| matches!(open, [.., feature, elements, item] if feature == "*" && elements == "elements" && item == "*"),
};

fn read(gather: &mut Gather<'_>) -> Result<(), Stop> {
    json::elements(
        gather,
        &DOCUMENT,
        |gather, frame| {
            gather.say(
                "implementation",
                &string(&frame["implementation"]["name"]).unwrap_or_default(),
            );
            Ok(Attempts::default())
        },
        |gather, attempts, feature| Ok(of_feature(gather, attempts, &feature)?),
    )?;
    Ok(())
}

/// How often a scenario came, by its place.
#[derive(Default)]
struct Attempts(HashMap<String, u32>);

impl Attempts {
    /// Gives a row; the same scenario again is an attempt.
    fn give(
        &mut self,
        gather: &mut Gather<'_>,
        element: &Value,
        mut row: Row,
    ) -> Result<(), SinkError> {
        let result = &mut row.result;
        let file = result.file.as_deref().unwrap_or_default();
        let place = format!("{file}\0{}\0{:?}", text(&element["id"]), result.line);
        let n = self.0.entry(place.clone()).or_default();
        *n += 1;
        result.attempt = (*n > 1).then_some(*n);
        gather.identified(row, place)
    }
}

fn of_feature(
    gather: &mut Gather<'_>,
    attempts: &mut Attempts,
    feature: &Value,
) -> Result<(), SinkError> {
    gather.unknown(
        feature,
        &[
            "uri",
            "id",
            "keyword",
            "name",
            "description",
            "line",
            "tags",
            "elements",
            "location",
            "status",
            "comments",
            "language",
        ],
    );
    // behave says where by a text, and durations in seconds.
    let behaves =
        feature.get("location").is_some_and(Value::is_string) && feature.get("line").is_none();
    let mut background: Option<&Value> = None;
    let mut red = false;
    for element in list(&feature["elements"]).iter().filter(|e| e.is_object()) {
        gather.unknown(
            element,
            &[
                "type",
                "id",
                "keyword",
                "name",
                "description",
                "line",
                "tags",
                "start_timestamp",
                "before",
                "after",
                "steps",
                "examples",
                "location",
                "status",
                "effective_tags",
                "retried",
                "profiles",
                "comments",
            ],
        );
        let is_background = text(&element["type"]).eq_ignore_ascii_case("background")
            || element.get("type").is_none() && text(&element["keyword"]) == "Background";
        if is_background {
            // One without a scenario after it stands for itself.
            if let Some(alone) = background.replace(element) {
                let row = row(gather, feature, alone, None, behaves);
                attempts.give(gather, alone, row)?;
            }
            continue;
        }
        let above = background.take();
        gather.counts.merged += u64::from(above.is_some());
        let above = above.filter(|above| !(behaves && is_unrun(above)));
        let row = row(gather, feature, element, above, behaves);
        red |= is_red(row.result.status);
        let outline = !list(&element["examples"]).is_empty() && list(&element["steps"]).is_empty();
        if outline {
            gather.counts.merged += 1;
            continue;
        }
        attempts.give(gather, element, row)?;
    }
    if let Some(alone) = background {
        let row = row(gather, feature, alone, None, behaves);
        if is_red(row.result.status) {
            red = true;
            attempts.give(gather, alone, row)?;
        } else {
            gather.counts.merged += 1;
        }
    }
    // Of hooks around a feature behave tells no more than what they made of it.
    if behaves && !red && is_red(status(text(&feature["status"]), "")) {
        gather.add(feature_row(feature))?;
    }
    Ok(())
}

fn is_red(status: Status) -> bool {
    matches!(status, Status::Failed | Status::Broken)
}

/// Whether no step of a background tells an outcome: behave repeats them in each scenario.
fn is_unrun(background: &Value) -> bool {
    let steps = list(&background["steps"]);
    steps.iter().all(|step| step.get("result").is_none())
}

/// What failed around the scenarios of a feature.
fn feature_row(feature: &Value) -> Row {
    let name = string(&feature["name"]).unwrap_or_default();
    let word = text(&feature["status"]);
    let mut result = TestResult {
        full_name: Some(format!(
            "{}#feature",
            file_of(feature).unwrap_or(name.clone())
        )),
        file: file_of(feature),
        status: Status::Broken,
        message: Some(format!(
            "the feature ended as `{word}`, and no scenario of it failed"
        )),
        ..TestResult::default()
    };
    set_suites(&mut result, std::slice::from_ref(&name));
    result.name = name;
    Row {
        result,
        ..Row::default()
    }
}

/// The feature's file, without the line that behave adds.
fn file_of(feature: &Value) -> Option<String> {
    let uri = string(&feature["uri"]).or_else(|| string(&feature["location"]))?;
    let uri = place(&uri, "");
    Some(match uri.rsplit_once(".feature:") {
        Some((file, _)) => format!("{file}.feature"),
        None => uri,
    })
}

/// What the parts of a scenario come to.
#[derive(Default)]
struct Parts {
    statuses: Vec<Status>,
    duration: f64,
    message: Option<String>,
    trace: Option<String>,
    output: Option<String>,
}

fn row(
    gather: &mut Gather<'_>,
    feature: &Value,
    scenario: &Value,
    above: Option<&Value>,
    behaves: bool,
) -> Row {
    let file = file_of(feature);
    let file = file.as_deref();
    let feature_name = string(&feature["name"]).unwrap_or_default();
    let name = string(&scenario["name"]).unwrap_or_default();
    let line = number(&scenario["line"]).or_else(|| {
        let location = text(&scenario["location"]);
        location
            .rsplit_once(':')
            .and_then(|(_, line)| line.parse().ok())
    });
    let mut result = TestResult {
        full_name: Some(format!("{}#{name}", file.unwrap_or(&feature_name))),
        name,
        file: file.map(str::to_owned),
        line: line.map(|line| line.max(0.0) as u64),
        description: string(&scenario["description"]).map(|text| text.trim().to_owned()),
        ..TestResult::default()
    };
    // Rows of an outline have one name: their ids and lines tell them apart.
    let id = text(&scenario["id"]);
    let parts: Vec<&str> = id.split(';').collect();
    let example = match parts.as_slice() {
        [_, _, .., examples, row] if row.parse::<u32>().is_ok() => {
            Some(format!("{examples} {row}"))
        }
        _ => None,
    };
    let example = example.or_else(|| {
        let outline = text(&scenario["keyword"]).to_ascii_lowercase();
        let is_row = outline.contains("outline") || outline.contains("template");
        result
            .line
            .filter(|_| is_row)
            .map(|line| format!("line {line}"))
    });
    if let Some(example) = example {
        result
            .parameters
            .push(crate::ingest::gather::parameter("example", example.trim()));
    }
    set_suites(&mut result, std::slice::from_ref(&feature_name));
    if !feature_name.is_empty() {
        result.labels.add("feature", feature_name.as_str());
    }
    for tag in list(&feature["tags"]).iter().chain(list(&scenario["tags"])) {
        let tag = string(&tag["name"])
            .or_else(|| string(tag))
            .unwrap_or_default();
        add_tag(&mut result, &tag);
    }
    if let Some((start, assumed)) = timestamp(text(&scenario["start_timestamp"])) {
        (result.start, result.start_assumed) = (Some(start), assumed);
    }
    // What the steps come to decides which attachments are kept, so their outcomes come first.
    let mut parts = Parts::default();
    for holder in above.into_iter().chain([scenario]) {
        for side in ["before", "steps", "after"] {
            outcomes(gather, list(&holder[side]), behaves, &mut parts);
        }
    }
    result.status = worst(&parts.statuses);
    // The scenario's own status counts, but for what a step tells that failed.
    let own = text(&scenario["status"]);
    if !is_red(result.status) && (behaves || own == "failed") && !own.is_empty() {
        result.status = status(own, "");
        if result.status == Status::Unknown {
            gather.notes.add(notes::UNKNOWN_STATUS, own);
        } else if is_red(result.status) {
            parts.message = Some(format!(
                "the scenario ended as `{own}`, and none of its steps did"
            ));
        }
    }
    result.duration = Some((parts.duration).round().max(0.0) as u64);
    let mut details = Details::default();
    for holder in above.into_iter().chain([scenario]) {
        for (side, all) in [("before", 0), ("steps", 1), ("after", 2)] {
            for one in list(&holder[side]) {
                let step = step(gather, one, behaves, &mut result, &mut parts);
                let keyword = text(&one["keyword"]).trim();
                let hidden = json::flag(&one["hidden"]);
                match (all, keyword) {
                    (0, _) | (1, "Before") if all == 0 || hidden => details.before.push(step),
                    (2, _) | (1, "After") if all == 2 || hidden => details.after.push(step),
                    _ => details.steps.push(step),
                }
            }
        }
    }
    result.message = parts.message;
    result.trace = parts.trace;
    if result.message.is_none() && matches!(result.status, Status::Broken | Status::Skipped) {
        let words = list(&scenario["steps"]).iter();
        let mut undone = words
            .filter(|step| !matches!(text(&step["result"]["status"]), "passed" | "skipped" | ""));
        result.message = undone.next().map(|step| {
            format!(
                "{}: {}",
                text(&step["result"]["status"]),
                words_of(step, behaves)
            )
        });
    }
    details.stdout = parts.output;
    Row {
        result,
        details,
        ..Row::default()
    }
}

pub(super) fn add_tag(result: &mut TestResult, tag: &str) {
    if let Some((name, value)) = crate::ingest::ids::inline_label(tag) {
        if let Some(id) = crate::ingest::ids::from_label(name, value) {
            crate::ingest::ids::add(&mut result.ids, &id);
        }
        crate::ingest::gather::add_label(result, name, value);
    } else if !tag.is_empty() {
        if let Some(id) = crate::ingest::ids::from_tag(tag) {
            crate::ingest::ids::add(&mut result.ids, &id);
        }
        result.labels.add("tag", tag.trim_start_matches('@'));
    }
}

/// The outcome of one step.
pub(super) fn status(word: &str, message: &str) -> Status {
    match word.to_ascii_lowercase().as_str() {
        "passed" => Status::Passed,
        "failed" if message.is_empty() || is_assertion(message) => Status::Failed,
        "failed" | "undefined" | "ambiguous" => Status::Broken,
        // behave's, for what is no assertion.
        "error" | "hook_error" | "cleanup_error" => Status::Broken,
        "skipped" | "pending" | "untested" => Status::Skipped,
        "pending_warn" | "untested_pending" | "untested_undefined" => Status::Skipped,
        _ => Status::Unknown,
    }
}

/// Puts steps together: any failure, else what is not known, else what was left out, else passed.
pub(super) fn worst(statuses: &[Status]) -> Status {
    [
        Status::Failed,
        Status::Broken,
        Status::Unknown,
        Status::Skipped,
        Status::Passed,
    ]
    .into_iter()
    .find(|status| statuses.contains(status))
    .unwrap_or(Status::Unknown)
}

fn outcomes(gather: &mut Gather<'_>, steps: &[Value], behaves: bool, parts: &mut Parts) {
    for step in steps {
        let result = &step["result"];
        let message = message_of(result);
        let word = text(&result["status"]);
        // behave leaves out the result of what it did not come to.
        let status = match word {
            "" if behaves => Status::Skipped,
            word => status(word, &message),
        };
        if status == Status::Unknown {
            gather.notes.add(notes::UNKNOWN_STATUS, word);
        }
        parts.statuses.push(status);
        parts.duration += milliseconds(&result["duration"], behaves).unwrap_or_default();
        for side in ["before", "after"] {
            outcomes_of_hooks(list(&step[side]), behaves, parts);
        }
    }
}

fn outcomes_of_hooks(hooks: &[Value], behaves: bool, parts: &mut Parts) {
    for hook in hooks {
        let result = &hook["result"];
        parts
            .statuses
            .push(status(text(&result["status"]), &message_of(result)));
        parts.duration += milliseconds(&result["duration"], behaves).unwrap_or_default();
    }
}

/// A step as it stands in its file. Keywords end with their blank, where they have one, but not
/// behave's.
fn words_of(step: &Value, behaves: bool) -> String {
    let (keyword, name) = (text(&step["keyword"]), text(&step["name"]));
    match behaves {
        true => format!("{} {name}", keyword.trim_end()),
        false => format!("{keyword}{name}"),
    }
    .trim()
    .to_owned()
}

fn message_of(result: &Value) -> String {
    texts(&result["error_message"]).join("\n")
}

/// Nanoseconds, but behave's and whatever has a fraction: seconds.
fn milliseconds(duration: &Value, behaves: bool) -> Option<f64> {
    let n = number(duration)?;
    let is_seconds = behaves || duration.as_f64().is_some_and(|n| n.fract() != 0.0);
    Some(if is_seconds { n * 1000.0 } else { n / 1e6 })
}

fn step(
    gather: &mut Gather<'_>,
    value: &Value,
    behaves: bool,
    result: &mut TestResult,
    parts: &mut Parts,
) -> Step {
    let outcome = &value["result"];
    let message = message_of(outcome);
    let word = text(&outcome["status"]);
    let own = match word {
        "" if behaves => Status::Skipped,
        word => status(word, &message),
    };
    let name = words_of(value, behaves);
    let name = match name.trim() {
        "" => string(&value["match"]["location"]).unwrap_or_else(|| "hook".to_owned()),
        name => name.to_owned(),
    };
    if matches!(own, Status::Failed | Status::Broken) && !message.is_empty() {
        join(
            &mut parts.message,
            &crate::base::text::first_line(&message),
            "\n",
        );
        join(&mut parts.trace, &message, "\n\n");
    }
    let mut step = Step {
        name,
        status: Some(own),
        duration: milliseconds(&outcome["duration"], behaves).map(|ms| ms.round().max(0.0) as u64),
        message: Some(message).filter(|message| !message.is_empty()),
        ..Step::default()
    };
    for line in texts(&value["output"]) {
        join(&mut parts.output, &line, "\n");
    }
    let keep = |name: &str, media_type: Option<&str>, bytes: &[u8]| -> Attachment {
        gather.keeper.keep(
            result.status,
            name,
            media_type,
            AttachmentSource::Bytes(bytes),
        )
    };
    let mut arguments: Vec<&Value> = list(&value["arguments"]).iter().collect();
    arguments.push(value);
    for argument in arguments {
        let doc = &argument["doc_string"];
        let content = string(&doc["value"])
            .or_else(|| string(&doc["content"]))
            .or_else(|| string(&argument["content"]));
        if let Some(content) = content {
            let kind = string(&doc["content_type"]);
            let kind = kind
                .as_deref()
                .filter(|kind| kind.contains('/'))
                .unwrap_or("text/markdown");
            step.attachments
                .push(keep("doc string", Some(kind), content.as_bytes()));
        }
        let rows = list(&argument["rows"]);
        if !rows.is_empty() {
            step.attachments
                .push(keep("table", Some("text/csv"), table(rows).as_bytes()));
        }
    }
    for embedding in list(&value["embeddings"]) {
        let media_type =
            string(&embedding["mime_type"]).or_else(|| string(&embedding["media"]["type"]));
        let data = text(&embedding["data"]);
        let is_text = media_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("text/"));
        // Some writers leave texts as they are.
        let bytes =
            attach::decode_base64(data).filter(|bytes| !is_text || str::from_utf8(bytes).is_ok());
        let bytes = bytes.unwrap_or_else(|| data.as_bytes().to_vec());
        if media_type.as_deref() == Some("text/x.cucumber.log+plain") {
            join(&mut parts.output, &String::from_utf8_lossy(&bytes), "\n");
            continue;
        }
        let name = string(&embedding["name"]).unwrap_or_else(|| "attachment".to_owned());
        step.attachments
            .push(keep(&name, media_type.as_deref(), &bytes));
    }
    for side in ["before", "after"] {
        for hook in list(&value[side]) {
            let inner = self::step(gather, hook, behaves, result, parts);
            step.steps.push(inner);
        }
    }
    step
}

/// Writes rows as CSV, every cell in quotes.
pub(super) fn table(rows: &[Value]) -> String {
    let mut out = String::new();
    for row in rows {
        let cells = row["cells"].as_array().or(row.as_array());
        let cells = cells.into_iter().flatten().map(|cell| {
            let text = cell["value"].as_str().or(cell.as_str()).unwrap_or_default();
            format!("\"{}\"", text.replace('"', "\"\""))
        });
        out.push_str(&cells.collect::<Vec<_>>().join(","));
        out.push_str("\r\n");
    }
    out
}
