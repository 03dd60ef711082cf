//! One `*-result.json` → the parts of its row.

use super::fixtures::Surroundings;
use super::raw::{
    Parsed, RawAttachment, RawDetails, RawLabel, RawLink, RawParameter, RawResult, RawStep,
};
use super::steps::Steps;
use crate::base::{Digest, Timestamp, path};
use crate::ingest::attach::Missed;
use crate::ingest::gather::{self, nameless};
use crate::ingest::notes::{self, Notes};
use crate::ingest::run::Run;
use crate::ingest::{AttachmentRequest, AttachmentSource, ids, limits, own};
use crate::model::{
    Attachment, Details, Execution, Labels, Link, Parameter, ParameterMode, Status, Step,
    TestResult,
};

/// Keeps the attachments of one result and counts what is missing.
pub(super) struct Keeper<'a> {
    run: &'a Run<'a>,
    folder: &'a str,
    status: Status,
    execution: Execution,
    pub(super) missed: Missed,
    /// Places of the entries that are attachments, with the digests that are known.
    pub(super) used: Vec<(usize, Option<Digest>)>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(run: &'a Run<'a>, folder: &'a str, status: Status) -> Self {
        Self {
            run,
            folder,
            status,
            execution: Execution::Automated,
            missed: Missed::default(),
            used: Vec::new(),
        }
    }

    pub(super) fn keep(&mut self, raw: Vec<RawAttachment>) -> Vec<Attachment> {
        raw.into_iter().map(|one| self.keep_one(&one)).collect()
    }

    /// Whether steps and output are kept, as far as the result's status decides.
    fn keeps_details(&self) -> bool {
        self.run.sink.keeps_details(self.status, self.execution)
    }

    /// Accounts for the attachments of steps that are not kept.
    fn pass_over(&mut self, step: &RawStep) {
        for raw in step.attachments.iter().flatten() {
            self.find(raw);
        }
        for step in step.steps.iter().flatten() {
            self.pass_over(step);
        }
    }

    fn keep_one(&mut self, raw: &RawAttachment) -> Attachment {
        let used = self.used.len();
        let entry = self.find(raw);
        let refused = raw.source.as_deref().unwrap_or_default();
        let name = raw.name.as_deref().filter(|name| !name.is_empty());
        let kept = self.run.sink.attachment(AttachmentRequest {
            name: name.or(raw.source.as_deref()).unwrap_or("attachment"),
            media_type: raw.media_type.as_deref().filter(|t| !t.is_empty()),
            source: match &entry {
                Some(entry) => AttachmentSource::Entry(entry),
                None => AttachmentSource::Refused(refused),
            },
            status: self.status,
            execution: self.execution,
        });
        if let Some((_, digest)) = self.used.get_mut(used) {
            *digest = kept.digest();
        }
        kept
    }

    /// Returns the entry that an attachment names, there or not; `None` where it can be none.
    /// Accounts for it as used or missing.
    fn find(&mut self, raw: &RawAttachment) -> Option<String> {
        let source = raw.source.as_deref().filter(|source| is_plain_name(source));
        let entry = source.map(|source| path::join(self.folder, source));
        let place = entry.as_deref().and_then(|entry| self.run.find(entry));
        let is_link = place.is_some_and(|at| !self.run.bundle.entries()[at].regular);
        if place.is_none() || is_link {
            // What it is called; its source may hold what must not be shown.
            let named = raw.name.as_deref().filter(|name| !name.is_empty());
            let named = named.or(raw.source.as_deref()).unwrap_or_default();
            match entry {
                Some(_) => self.missed.absent(named),
                None => self.missed.outside(named),
            }
        }
        self.used
            .extend(place.filter(|_| !is_link).map(|at| (at, None)));
        entry.filter(|_| !is_link)
    }
}

/// Whether an attachment's source is a bare file name: `^[A-Za-z0-9._-]{1,100}$`, as Allure has it.
fn is_plain_name(source: &str) -> bool {
    (1..=100).contains(&source.len())
        && source != "."
        && source != ".."
        && source
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Makes the result; `stem` names one that has no name. Its steps are left alone.
pub(super) fn result(
    raw: RawResult,
    stem: &str,
    keeper: &mut Keeper<'_>,
    notes: &mut Notes,
) -> TestResult {
    let mut result = TestResult {
        uuid: text(raw.uuid),
        test_case_id: text(raw.test_case_id),
        full_name: text(raw.full_name),
        title_path: raw.title_path.unwrap_or_default(),
        description: text(raw.description),
        description_html: text(raw.description_html),
        ..TestResult::default()
    };
    result.title_path.retain(|part| !part.is_empty());
    if result.test_case_id.is_none() && result.full_name.is_none() {
        result.test_case_id = text(raw.history_id);
    }
    let name = text(raw.name).or_else(|| result.full_name.clone());
    result.name = name.unwrap_or_else(|| format!("Unknown test {stem}"));
    (result.start, result.duration) = times(raw.start, raw.stop);
    set_status(&mut result, raw.status, raw.stage, notes);
    set_details(&mut result, raw.status_details.unwrap_or_default());
    set_labels(&mut result, raw.labels.unwrap_or_default(), notes);
    result.parameters = parameters(raw.parameters.unwrap_or_default(), notes);
    // An export of ours says it twice.
    let occurrence = result.occurrence.map(|n| n.to_string());
    let is_told = |one: &Parameter| one.name == "occurrence" && one.value == occurrence;
    if occurrence.is_some() {
        result.parameters.retain(|one| !is_told(one));
    }
    leave_out_addresses(&mut result);
    result.links = links(raw.links.unwrap_or_default(), notes);
    keeper.status = result.status;
    keeper.execution = result.execution;
    result.attachments = keeper.keep(raw.attachments.unwrap_or_default());
    keep_whole(&mut result, keeper, notes);
    let names = [&mut result.name].into_iter().chain(&mut result.full_name);
    notes.bound_names(names);
    result
}

/// Makes the details of a row, as far as they are kept; says how its steps were read.
pub(super) fn details(
    mut own: Steps,
    around: Surroundings<'_>,
    keeper: &mut Keeper<'_>,
    notes: &mut Notes,
) -> (Details, Parsed<()>) {
    let keeps = keeper.keeps_details();
    let parsed = match keeps || own.may_attach() {
        true => own.read(),
        false => Parsed::default(),
    };
    if !keeps {
        let all = own.as_slice().iter().chain(around.unsorted());
        all.for_each(|step| keeper.pass_over(step));
        return (Details::default(), parsed);
    }
    let (before, after) = around.into_steps();
    let mut details = Details {
        before: steps(before, keeper, notes),
        steps: steps(own.into_vec(), keeper, notes),
        after: steps(after, keeper, notes),
        ..Details::default()
    };
    notes.level_steps(&mut details);
    (details, parsed)
}

/// Leaves out an empty text.
pub(super) fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Cuts the long texts of a result, and keeps the whole of them as attachments.
fn keep_whole(result: &mut TestResult, keeper: &Keeper<'_>, notes: &mut Notes) {
    let mut cut = 0;
    for (field, name) in [
        (&mut result.message, "message.txt"),
        (&mut result.trace, "trace.txt"),
        (&mut result.expected, "expected.txt"),
        (&mut result.actual, "actual.txt"),
    ] {
        let Some(text) = field.as_mut().filter(|text| text.len() > limits::FIELD) else {
            continue;
        };
        let kept = keeper.run.sink.attachment(AttachmentRequest {
            name,
            media_type: Some("text/plain"),
            source: AttachmentSource::Bytes(text.as_bytes()),
            status: keeper.status,
            execution: keeper.execution,
        });
        result.attachments.push(kept);
        limits::bound(text);
        cut += 1;
    }
    notes.add_many(notes::ATTACHED, cut, "");
}

/// Leaves out an empty text and cuts a long one.
pub(super) fn field(field: Option<String>, notes: &mut Notes) -> Option<String> {
    let mut field = text(field)?;
    if limits::bound(&mut field) {
        notes.add(notes::CUT, "");
    }
    Some(field)
}

/// The start, and the duration: 0 where the stop precedes the start, none where either is absent. What would lie
/// beyond the year 5138 in milliseconds is meant in microseconds or nanoseconds.
pub(super) fn times(start: Option<i64>, stop: Option<i64>) -> (Option<Timestamp>, Option<u64>) {
    let unit = match start.unwrap_or_default() {
        100_000_000_000_000_000.. => 1_000_000,
        100_000_000_000_000.. => 1_000,
        _ => 1,
    };
    let (start, stop) = (start.map(|at| at / unit), stop.map(|at| at / unit));
    let duration = start.zip(stop).map(|(start, stop)| {
        let ms = stop.saturating_sub(start).max(0);
        ms.unsigned_abs()
    });
    (start.map(Timestamp::from_ms), duration)
}

/// Reads a status word in any letter case; what is no status of Allure is unknown.
fn status(word: Option<&str>, notes: &mut Notes) -> Status {
    match word.map(Status::parse) {
        Some(Some(status)) if status != Status::InProgress => status,
        Some(_) => {
            notes.add(notes::UNKNOWN_STATUS, word.unwrap_or_default());
            Status::Unknown
        }
        None => Status::Unknown,
    }
}

fn set_status(
    result: &mut TestResult,
    word: Option<String>,
    stage: Option<String>,
    notes: &mut Notes,
) {
    let word = text(word);
    let is_open = word.is_none();
    result.status = status(word.as_deref(), notes);
    if let Some(word) = word.filter(|w| Status::parse(w).is_none()) {
        result.properties.add("status", word);
    }
    if let Some(stage) = text(stage).filter(|s| !s.eq_ignore_ascii_case("finished")) {
        let began = ["running", "interrupted"]
            .iter()
            .any(|word| stage.eq_ignore_ascii_case(word));
        // What began and has no outcome was stopped: it has no end, as a test of go without one.
        if began && is_open {
            result.status = Status::Broken;
            let message = "the test has no end: its run was stopped before";
            result.message = Some(message.to_owned());
        }
        result.properties.add("stage", stage);
    }
}

fn set_details(result: &mut TestResult, raw: RawDetails) {
    result.message = text(raw.message).or(result.message.take());
    result.trace = text(raw.trace);
    result.expected = text(raw.expected);
    result.actual = text(raw.actual);
    result.flaky = raw.flaky.unwrap_or_default();
    result.known = raw.known.unwrap_or_default();
    result.muted = raw.muted.unwrap_or_default();
}

fn set_labels(result: &mut TestResult, raw: Vec<RawLabel>, notes: &mut Notes) {
    for label in raw {
        let name = text(label.name);
        let (name, value) = match (name.as_deref(), text(label.value)) {
            (Some(name), Some(value)) => (name, value),
            (None, Some(value)) => {
                result.properties.add("label", value);
                continue;
            }
            (name, None) => {
                notes.add(notes::EMPTY_LABEL, name.unwrap_or_default());
                continue;
            }
        };
        let inline = (name == "tag").then(|| ids::inline_label(&value)).flatten();
        match inline {
            Some((name, value)) => add_label(result, name, value.to_owned()),
            None => add_label(result, name, value),
        }
    }
    take_labels_of_name(result);
    ids::add_from_name(&mut result.ids, &result.name);
}

fn add_label(result: &mut TestResult, name: &str, value: String) {
    if name == own::SYNTHETIC {
        result.synthetic = value == "true";
        return;
    }
    if name == own::ATTEMPT {
        result.attempt = value.parse().ok().filter(|n| *n > 0);
        return;
    }
    if name == own::OCCURRENCE {
        result.occurrence = value.parse().ok().filter(|n| *n > 1);
        return;
    }
    if name == own::DURATION {
        result.duration = result.duration.or_else(|| value.parse().ok());
        return;
    }
    if let Some(id) = ids::from_label(name, &value) {
        ids::add(&mut result.ids, &id);
    }
    if name == "tag"
        && let Some(id) = ids::from_tag(&value)
    {
        ids::add(&mut result.ids, &id);
    }
    if name == "ALLURE_MANUAL" && value.eq_ignore_ascii_case("true") {
        result.execution = Execution::Manual;
    }
    gather::add_label(result, name, &value);
}

/// Takes `@allure.…` words out of the name, as adapters do that know them.
fn take_labels_of_name(result: &mut TestResult) {
    if !result.name.contains("allure.") {
        return;
    }
    let name = std::mem::take(&mut result.name);
    let is_label = |word: &&str| word.starts_with('@') && ids::inline_label(word).is_some();
    for word in name.split_whitespace().filter(is_label) {
        if let Some((label, value)) = ids::inline_label(word) {
            add_label(result, label, value.to_owned());
        }
    }
    if !name.split_whitespace().any(|word| is_label(&word)) {
        result.name = name;
        return;
    }
    let rest: Vec<&str> = name.split_whitespace().filter(|w| !is_label(w)).collect();
    result.name = if rest.is_empty() {
        name
    } else {
        rest.join(" ")
    };
}

/// Excludes values that are other ones in each run, as `<object object at 0x7f93…>`: of pytest, whose names tell
/// the variants of a test apart.
fn leave_out_addresses(result: &mut TestResult) {
    let is_pytest = result
        .labels
        .all("framework")
        .iter()
        .any(|name| name == "pytest");
    if !is_pytest || !result.name.ends_with(']') {
        return;
    }
    for parameter in &mut result.parameters {
        let value = parameter.value.as_deref().unwrap_or_default();
        parameter.excluded |= has_address(value);
    }
}

/// Whether Python shows an object by where it lies: ` at 0x7f93c0`, and then no further digit.
fn has_address(value: &str) -> bool {
    value.match_indices(" at 0x").any(|(at, sign)| {
        let rest = &value[at + sign.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits >= 6 && rest[digits..].starts_with('>')
    })
}

fn parameters(raw: Vec<RawParameter>, notes: &mut Notes) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = Vec::with_capacity(raw.len());
    for (place, one) in raw.into_iter().enumerate() {
        let mode = mode(&one);
        let has_value = one.value.as_ref().is_some_and(|value| !value.is_empty());
        let has_value = has_value || one.digest.is_some();
        let Some(name) = text(one.name).or_else(|| nameless(place, has_value)) else {
            notes.add(notes::EMPTY_PARAMETER, "");
            continue;
        };
        let parameter = Parameter {
            name,
            value: one.value.filter(|_| mode.is_none()),
            excluded: one.excluded.unwrap_or_default(),
            mode,
            digest: one.digest,
        };
        if !out.contains(&parameter) {
            out.push(parameter);
        }
    }
    out
}

/// Reads a mode; an unknown one masks, since it is there for some reason.
pub(super) fn mode(parameter: &RawParameter) -> Option<ParameterMode> {
    match parameter
        .mode
        .as_deref()?
        .trim()
        .to_ascii_lowercase()
        .as_str()
    {
        "" | "default" => None,
        "hidden" => Some(ParameterMode::Hidden),
        _ => Some(ParameterMode::Masked),
    }
}

fn links(raw: Vec<RawLink>, notes: &mut Notes) -> Vec<Link> {
    let links = raw.into_iter().map(|link| Link {
        kind: text(link.kind),
        name: text(link.name),
        url: text(link.url),
    });
    let (kept, empty): (Vec<Link>, Vec<Link>) =
        links.partition(|link| link.name.is_some() || link.url.is_some());
    notes.add_many(notes::EMPTY_LINK, empty.len() as u64, "");
    kept
}

/// Makes steps; one that only wraps an attachment of its own name becomes that attachment.
pub(super) fn steps(raw: Vec<RawStep>, keeper: &mut Keeper<'_>, notes: &mut Notes) -> Vec<Step> {
    raw.into_iter()
        .map(|one| step(one, keeper, notes))
        .collect()
}

fn step(raw: RawStep, keeper: &mut Keeper<'_>, notes: &mut Notes) -> Step {
    let (start, duration) = times(raw.start, raw.stop);
    let raw_attachments = raw.attachments.unwrap_or_default();
    let is_meta = raw.steps.as_ref().is_none_or(Vec::is_empty)
        && raw.parameters.as_ref().is_none_or(Vec::is_empty)
        && matches!(raw_attachments.as_slice(), [only] if only.name.is_some() && only.name == raw.name);
    let details = raw.status_details.unwrap_or_default();
    let message = field(details.message, notes);
    let trace = field(details.trace, notes);
    let passed = raw.status.as_deref().and_then(Status::parse) == Some(Status::Passed);
    let folds = is_meta && message.is_none() && trace.is_none() && (passed || raw.status.is_none());
    let attachments = keeper.keep(raw_attachments);
    let status = raw.status.filter(|word| !folds && !word.is_empty());
    Step {
        name: raw.name.unwrap_or_default(),
        status: status.map(|word| self::status(Some(&word), notes)),
        start,
        duration: duration.filter(|_| !folds),
        message,
        trace,
        description: text(raw.description),
        parameters: parameters(raw.parameters.unwrap_or_default(), notes),
        steps: steps(raw.steps.unwrap_or_default(), keeper, notes),
        attachments,
    }
}

/// Labels of a row that stands for the run itself.
pub(super) fn run_labels(tags: &[String]) -> Labels {
    let mut labels = Labels::default();
    tags.iter()
        .filter(|tag| !tag.is_empty())
        .for_each(|tag| labels.add("tag", tag.as_str()));
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_bare_names() {
        assert!(is_plain_name("a-attachment.txt") && is_plain_name("..a"));
        for bad in ["", "..", "a/b", "a\\b", "a b", "é"] {
            assert!(!is_plain_name(bad), "{bad}");
        }
        assert!(!is_plain_name(&"a".repeat(101)));
    }

    #[test]
    fn times_follow_the_rules() {
        let start = Some(Timestamp::from_ms(1_000));
        assert_eq!(times(Some(1_000), Some(1_250)), (start, Some(250)));
        assert_eq!(times(Some(1_000), Some(900)), (start, Some(0)));
        let (from, to) = (1_700_000_000_000_000, 1_700_000_001_000_000);
        let start = Some(Timestamp::from_ms(1_700_000_000_000));
        assert_eq!(times(Some(from), Some(to)), (start, Some(1_000)));
        assert_eq!(
            times(Some(from * 1_000), Some(to * 1_000)),
            (start, Some(1_000))
        );
        assert_eq!(times(None, Some(900)), (None, None));
        assert_eq!(
            times(Some(i64::MIN), Some(i64::MAX)).1,
            Some(i64::MAX as u64)
        );
    }

    #[test]
    fn labels_give_ids_and_execution() {
        let label = |name: &str, value: &str| RawLabel {
            name: Some(name.into()),
            value: Some(value.into()),
        };
        let mut result = TestResult {
            name: "pays @allure.label.owner=bob @SHOP-X1".into(),
            ..TestResult::default()
        };
        let labels = vec![
            label("as_id", "12"),
            label("tag", "@SHOP-K4F7QM"),
            label("tag", "@allure.id:77"),
            label("ALLURE_MANUAL", "true"),
            RawLabel::default(),
        ];
        let mut notes = Notes::default();
        set_labels(&mut result, labels, &mut notes);
        assert_eq!(result.ids, ["12", "SHOP-K4F7QM", "77", "SHOP-X1"]);
        assert_eq!(result.labels.first("ALLURE_ID"), Some("77"));
        assert_eq!(result.labels.first("owner"), Some("bob"));
        assert_eq!(result.name, "pays @SHOP-X1");
        assert_eq!(result.execution, Execution::Manual);
        assert_eq!(notes.into_lines().len(), 1);
    }
}
