//! Failures with all that is kept of them, as far as there is room, and their attachments.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::Room;
use crate::model::{Details, TestResult};
use crate::site::build::attachments::{Attachments, Content, From, left_out, no_page};
use crate::site::build::details::Maker;
use crate::site::build::failures::{self, LaunchContext};
use crate::site::build::results;
use crate::site::chunk;
use crate::site::pages::Writer;
use crate::site::texts::{bytes, count, counted, human_duration, say};
use crate::site::view::{Failure, FailureGroup};
use crate::site::{SiteError, words};

/// The largest image that goes before other attachments, in bytes.
const SMALL: u64 = 256 << 10;
/// After so many failures in a row that there is no room for, the rest is not tried.
const MISSES: usize = 20;

/// Whether a failure needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Unresolved,
    Other,
}

/// The failures that the file tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    groups: Vec<Group>,
    /// What is shown of attachments, by path.
    embedded: HashMap<String, String>,
    /// Those that stand in the file already.
    shown: HashSet<String>,
    /// Attachments that are named and not shown, and their bytes.
    absent: (u64, u64),
    cut: [u64; 2],
    out: [u64; 2],
}

#[derive(Debug)]
struct Group {
    way: Way,
    /// Markup before the members of a group of several.
    head: Option<String>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    failure: Failure,
    /// Absent where there was no room for it, or nothing is kept.
    detail: Option<Value>,
}

impl Told {
    /// Takes failures as long as there is room: with their details, or else with message and trace alone.
    pub(super) fn take(
        &mut self,
        context: &LaunchContext<'_>,
        (numbers, way): (&[usize], Way),
        (results, details): (&[TestResult], &[Details]),
        (attachments, writer): (&mut Attachments, &mut Writer<'_>),
        room: &mut Room,
    ) -> Result<(), SiteError> {
        let results: HashMap<&str, &TestResult> =
            results.iter().map(|r| (r.id.as_str(), r)).collect();
        let details: HashMap<&str, &Details> = details.iter().map(|d| (d.id.as_str(), d)).collect();
        let find = |id: &str| (results.get(id).copied(), details.get(id).copied());
        let (mut left, mut misses) = (numbers.len(), 0);
        for group in failures::alike(context, numbers) {
            if misses >= MISSES {
                break;
            }
            let mut view = failures::failure_group(context, &group, &group, false);
            let members = std::mem::take(&mut view.failures);
            let says_message = view.many && !view.message.is_empty();
            let mut own = Group {
                way,
                head: head(&view, writer)?,
                entries: Vec::new(),
            };
            for (failure, number) in members.into_iter().zip(group) {
                if misses >= MISSES {
                    break;
                }
                left -= 1;
                let failure = Failure {
                    anchor: place(&failure.href).to_owned(),
                    ..failure
                };
                let mut maker = Maker {
                    from: From::of(context),
                    attachments: &mut *attachments,
                    writer: &mut *writer,
                };
                let row = &context.rows[number];
                let detail = maker.of_row(
                    row,
                    results::resolution(context, row, &Default::default()),
                    &find,
                )?;
                let detail = detail.map(|detail| dressed(&json!(detail), says_message));
                let first = match own.entries.is_empty() {
                    true => own.head.as_ref().map_or(0, String::len) + "</div>".len(),
                    false => 0,
                };
                let entry = Entry { failure, detail };
                let is_whole = room.take(entry.html(writer)?.len() + first);
                let entry = match is_whole {
                    true => Some(entry),
                    false => {
                        let brief = Entry {
                            detail: None,
                            ..entry
                        };
                        let fits = room.take(brief.html(writer)?.len() + first);
                        fits.then_some(brief)
                    }
                };
                misses = if entry.is_some() { 0 } else { misses + 1 };
                self.cut[way as usize] += u64::from(entry.is_some() && !is_whole);
                self.out[way as usize] += u64::from(entry.is_none());
                own.entries.extend(entry);
            }
            self.groups.push(own);
        }
        self.out[way as usize] += left as u64;
        Ok(())
    }

    /// Chooses the attachments that are shown: small images of failures first, unresolved ones before others.
    pub(super) fn embed(
        &mut self,
        attachments: &Attachments,
        writer: &Writer<'_>,
        room: &mut Room,
    ) -> Result<(), SiteError> {
        let mut wanted: Vec<(bool, Way, Attached)> = Vec::new();
        let mut seen = HashSet::new();
        for group in &mut self.groups {
            let details = group.entries.iter_mut().filter_map(|e| e.detail.as_mut());
            for detail in details {
                each_attachment(detail, &mut |map| {
                    let Some(attached) = Attached::of(map) else {
                        return;
                    };
                    if seen.insert(attached.path.clone()) {
                        let is_first = attached.is_image && attached.size <= SMALL;
                        wanted.push((!is_first, group.way, attached));
                    }
                });
            }
        }
        wanted.sort_by_key(|(later, way, _)| (*later, *way));
        for (_, _, attached) in wanted {
            let Some(content) = attachments.kept(&attached.path) else {
                continue;
            };
            // What is surely too large is not encoded to find that out.
            if attached.size as usize > room.0 {
                continue;
            }
            let html = attached.html(content, writer)?;
            if room.take(html.len()) {
                self.embedded.insert(attached.path, html);
            }
        }
        Ok(())
    }

    /// The markup of all failures of one way. Called in the order of the document, once each.
    pub(super) fn html(&mut self, way: Way, writer: &Writer<'_>) -> Result<String, SiteError> {
        let mut out = String::new();
        let (embedded, shown, absent) = (&self.embedded, &mut self.shown, &mut self.absent);
        for group in self.groups.iter_mut().filter(|group| group.way == way) {
            if group.entries.is_empty() {
                continue;
            }
            out.push_str(group.head.as_deref().unwrap_or_default());
            for entry in &mut group.entries {
                if let Some(detail) = &mut entry.detail {
                    each_attachment(detail, &mut |map| show(map, embedded, shown, absent));
                }
                out.push_str(&entry.html(writer)?);
            }
            if group.head.is_some() {
                out.push_str("</div>");
            }
        }
        Ok(out)
    }

    /// What there was no room for.
    pub(super) fn left_out(&self) -> Vec<String> {
        let kinds = [
            ("unresolved failure", Way::Unresolved),
            ("other failure", Way::Other),
        ];
        let mut out = Vec::new();
        for (kind, way) in kinds {
            let n = self.out[way as usize];
            if n > 0 {
                out.push(count(n, kind));
            }
        }
        for (kind, way) in kinds {
            let n = self.cut[way as usize];
            if n > 0 {
                out.push(say!("document.cut-of", failures = counted(n, kind)));
            }
        }
        let (n, size) = self.absent;
        if n > 0 {
            out.push(say!(
                "document.attachments-named",
                n = n,
                size = bytes(size)
            ));
        }
        out
    }
}

impl Entry {
    fn html(&self, writer: &Writer<'_>) -> Result<String, SiteError> {
        match &self.detail {
            Some(detail) => writer.piece(
                "told_whole",
                &json!({ "f": self.failure, "detail": detail }),
            ),
            None => writer.piece("told_failure", &json!({ "f": self.failure })),
        }
    }
}

fn head(view: &FailureGroup, writer: &Writer<'_>) -> Result<Option<String>, SiteError> {
    if !view.many {
        return Ok(None);
    }
    let head = writer.piece("group_head", &json!({ "g": view }))?;
    Ok(Some(format!("<div class=\"group\">{head}")))
}

/// The place of a result within its page.
fn place(href: &str) -> &str {
    href.split_once('#').map_or("", |(_, place)| place)
}

/// A detail as templates see it: durations and sizes in words, and nothing that is said twice, be it by the group, by
/// the trace or by a step.
fn dressed(detail: &Value, says_message: bool) -> Value {
    let mut detail = detail.clone();
    if let Some(map) = detail.as_object_mut() {
        say_once(map);
        if says_message {
            map.remove("message");
        }
    }
    in_words(&mut detail);
    each_attachment(&mut detail, &mut |map| {
        let size = map.get("size").and_then(Value::as_u64).unwrap_or_default();
        let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
        let said = match kind {
            "" => bytes(size),
            kind => say!("document.attachment", kind = kind, size = bytes(size)),
        };
        map.insert("said".to_owned(), said.into());
        if map.contains_key("path") {
            map.insert("why".to_owned(), left_out().into());
        }
    });
    detail
}

/// Takes out of an execution's trace and of its steps what its message says, and of steps what one below them says.
fn say_once(execution: &mut Map<String, Value>) {
    let text = |name: &str| execution.get(name).and_then(Value::as_str);
    let message = text("message").unwrap_or_default().trim().to_owned();
    let trace = text("trace").unwrap_or_default().trim().to_owned();
    if let Some(rest) = beyond(&message, &trace) {
        execution.insert("trace".to_owned(), rest.into());
    }
    for steps in ["before", "steps", "after"] {
        for step in list_of(execution, steps) {
            say_once_below(step, &[("message", &message), ("trace", &trace)]);
        }
    }
    for retry in list_of(execution, "retries") {
        if let Some(detail) = retry.get_mut("detail").and_then(Value::as_object_mut) {
            say_once(detail);
        }
    }
}

/// Takes out of a step, and of those below it, what stands elsewhere.
fn say_once_below(step: &mut Map<String, Value>, known: &[(&str, &str)]) {
    for (name, above) in known {
        let said = step.get(*name).and_then(Value::as_str);
        let said = said.unwrap_or_default().trim().to_owned();
        if said.is_empty() {
            continue;
        }
        if is_said(&said, above) || list_of(step, "steps").any(|below| says(below, name, &said)) {
            step.remove(*name);
        }
    }
    for below in list_of(step, "steps") {
        say_once_below(below, known);
    }
}

/// Whether a step, or one below it, says a text.
fn says(step: &mut Map<String, Value>, name: &str, text: &str) -> bool {
    let said = step.get(name).and_then(Value::as_str).map(str::trim);
    said.is_some_and(|said| is_said(text, said))
        || list_of(step, "steps").any(|below| says(below, name, text))
}

/// Whether another text says all of a text, as its first lines or as a whole.
pub(crate) fn is_said(text: &str, other: &str) -> bool {
    other
        .strip_prefix(text)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
}

fn list_of<'m>(
    map: &'m mut Map<String, Value>,
    name: &str,
) -> impl Iterator<Item = &'m mut Map<String, Value>> {
    let list = map.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// What a trace says after the message that it begins with; none where it doesn't.
fn beyond(message: &str, trace: &str) -> Option<String> {
    let is_first = !message.is_empty() && is_said(message, trace);
    is_first.then(|| {
        trace[message.len()..]
            .trim_start_matches(['\n', '\r'])
            .to_owned()
    })
}

/// Says durations as people read them.
fn in_words(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(ms) = map.get("duration").and_then(Value::as_u64) {
                map.insert("took".to_owned(), human_duration(ms).into());
            }
            map.values_mut().for_each(in_words);
        }
        Value::Array(list) => list.iter_mut().for_each(in_words),
        _ => {}
    }
}

/// Visits the attachments of an execution, of its steps and of its earlier attempts, in their order.
fn each_attachment(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) if map.contains_key("show") => visit(map),
        Value::Object(map) => map.values_mut().for_each(|v| each_attachment(v, visit)),
        Value::Array(list) => list.iter_mut().for_each(|v| each_attachment(v, visit)),
        _ => {}
    }
}

/// Puts an attachment into its place, or says where it is.
fn show(
    map: &mut Map<String, Value>,
    embedded: &HashMap<String, String>,
    shown: &mut HashSet<String>,
    absent: &mut (u64, u64),
) {
    let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
    let path = text("path").to_owned();
    match embedded.get(&path) {
        Some(html) if shown.insert(path.clone()) => {
            map.insert("html".to_owned(), html.clone().into());
        }
        Some(_) => {
            map.insert("above".to_owned(), id(&path).into());
        }
        None if [left_out(), no_page()].iter().any(|why| why == text("why")) => {
            absent.0 += 1;
            absent.1 += map.get("size").and_then(Value::as_u64).unwrap_or_default();
        }
        None => {}
    }
}

/// The place of an attachment in the file.
fn id(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    format!("file-{}", name.split('.').next().unwrap_or_default())
}

/// An attachment that may be shown.
#[derive(Debug)]
struct Attached {
    path: String,
    name: String,
    said: String,
    size: u64,
    is_image: bool,
}

impl Attached {
    fn of(map: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| map.get(name).and_then(Value::as_str);
        Some(Self {
            path: text("path")?.to_owned(),
            name: words::line(text("name").unwrap_or_default()),
            said: text("said").unwrap_or_default().to_owned(),
            size: map.get("size").and_then(Value::as_u64).unwrap_or_default(),
            is_image: text("show") == Some("image"),
        })
    }

    fn html(&self, content: &Content, writer: &Writer<'_>) -> Result<String, SiteError> {
        let mut a = json!({ "id": id(&self.path), "name": self.name, "said": self.said });
        match content {
            Content::Image(media_type, bytes) => {
                a["data"] = format!("data:{media_type};base64,{}", chunk::base64(bytes)).into();
                writer.piece("attached_image", &json!({ "a": a }))
            }
            Content::Text(text) => {
                a["text"] = words::clean(text, usize::MAX).into();
                writer.piece("attached_text", &json!({ "a": a }))
            }
        }
    }
}
