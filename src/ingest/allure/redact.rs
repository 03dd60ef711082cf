//! What adapters mark as masked or hidden is taken out before anything is kept.
//!
//! **Invariant:** of such a value nothing leaves this floor but 16 bits of its digest: no text of
//! the result holds it, and digests of what the producer wrote are taken of what remains. Values
//! under four characters stand in too many words to be looked for, the content of attachments is kept
//! as it is, and what set-ups and tear-downs say is cleaned of the secrets of the result that it is
//! shown with, not of those of other results.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::fixtures::Surroundings;
use super::raw::{
    RawAttachment, RawContainer, RawDetails, RawLabel, RawLink, RawParameter, RawResult, RawStep,
};
use super::row::mode;
use crate::base::{Digest, Hasher};
use crate::ingest::limits::MASK;
use crate::model::{Parameter, Status};

/// Characters of the shortest value that is looked for.
const SHORTEST: usize = 4;
/// Bytes of the longest value that is looked for together with the others.
const TOGETHER: usize = 4096;
/// Label names that mean something; they say nothing of a value that is called like them.
const LABELS: [&str; 17] = [
    "ALLURE_ID",
    "ALLURE_MANUAL",
    "AS_ID",
    "epic",
    "feature",
    "framework",
    "host",
    "language",
    "layer",
    "owner",
    "parentSuite",
    "severity",
    "story",
    "subSuite",
    "suite",
    "tag",
    "tallybook",
];
const LINKS: [&str; 4] = ["issue", "link", "requirement", "tms"];

/// Set-ups and tear-downs of a result.
pub(super) type Around = (Vec<RawStep>, Vec<RawStep>);

/// The masked and hidden values of one result, its steps and its fixtures.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    together: Option<AhoCorasick>,
    long: Vec<String>,
}

/// The digests of a result without its secrets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remains {
    /// Of the result alone.
    pub(super) result: Digest,
    /// Of the result and its fixtures, which stands for all files that may repeat a secret.
    pub(super) whole: Digest,
}

/// Takes all secrets out of a result, whose steps are read, and its fixtures; `None` where there are
/// none.
pub(super) fn take_out(
    raw: &mut RawResult,
    around: &mut Surroundings<'_>,
) -> Option<(Secrets, Remains)> {
    let mut values = Vec::new();
    collect(raw.parameters.as_deref(), &mut values);
    collect_steps(raw.steps.as_slice(), &mut values);
    if values.is_empty() && !around.have_secrets() {
        return None;
    }
    let around = around.own();
    collect_steps(&around.0, &mut values);
    collect_steps(&around.1, &mut values);
    let secrets = Secrets::new(&values);
    // Adapters make it of the values of parameters.
    raw.history_id = None;
    secrets.hide_result(raw);
    secrets.hide_steps(&mut around.0);
    secrets.hide_steps(&mut around.1);
    let json = serde_json::to_vec(raw).expect("a result is plain data");
    let fixtures = serde_json::to_vec(around).expect("fixtures are plain data");
    let mut whole = Hasher::new();
    whole.update(&json);
    whole.update(&fixtures);
    let remains = Remains {
        result: Digest::of(&json),
        whole: whole.finish(),
    };
    Some((secrets, remains))
}

/// Whether a result or a fixture of its containers may have a masked or hidden parameter; asked
/// before the result's steps are read.
pub(super) fn may_have_secrets(raw: &RawResult, around: &Surroundings<'_>) -> bool {
    let mut values = Vec::new();
    collect(raw.parameters.as_deref(), &mut values);
    !values.is_empty() || raw.steps.may_hide() || around.have_secrets()
}

/// Whether a fixture of a container has a masked or hidden parameter.
pub(super) fn has_secrets(container: &RawContainer) -> bool {
    let mut values = Vec::new();
    for steps in [&container.befores, &container.afters] {
        collect_steps(steps.as_deref().unwrap_or_default(), &mut values);
    }
    !values.is_empty()
}

fn collect<'a>(parameters: Option<&'a [RawParameter]>, values: &mut Vec<&'a str>) {
    let all = parameters.unwrap_or_default().iter();
    let secret = all.filter(|one| mode(one).is_some());
    values.extend(secret.map(|one| one.value.as_deref().unwrap_or_default()));
}

fn collect_steps<'a>(steps: &'a [RawStep], values: &mut Vec<&'a str>) {
    for step in steps {
        collect(step.parameters.as_deref(), values);
        collect_steps(step.steps.as_deref().unwrap_or_default(), values);
    }
}

impl Secrets {
    fn new(values: &[&str]) -> Self {
        let mut forms: Vec<String> = values.iter().flat_map(|value| forms(value)).collect();
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        let short = forms.partition_point(|form| form.len() > TOGETHER);
        let together = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&forms[short..])
            .ok();
        if together.is_some() {
            forms.truncate(short);
        }
        Self {
            together,
            long: forms,
        }
    }

    /// Replaces what is secret in a text.
    pub(super) fn hide(&self, text: &mut String) {
        for secret in &self.long {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), MASK);
            }
        }
        if let Some(together) = &self.together
            && together.is_match(text.as_str())
        {
            let mut out = String::with_capacity(text.len());
            together.replace_all_with(text, &mut out, |_, _, out| {
                out.push_str(MASK);
                true
            });
            *text = out;
        }
    }

    fn hide_all<'t>(&self, texts: impl IntoIterator<Item = &'t mut Option<String>>) {
        texts.into_iter().flatten().for_each(|text| self.hide(text));
    }

    /// Replaces in a word that may be one of a vocabulary.
    fn hide_word(&self, word: &mut Option<String>, known: impl Fn(&str) -> bool) {
        if let Some(word) = word.as_mut().filter(|word| !known(word)) {
            self.hide(word);
        }
    }

    fn hide_result(&self, raw: &mut RawResult) {
        self.hide_all([
            &mut raw.uuid,
            &mut raw.test_case_id,
            &mut raw.full_name,
            &mut raw.name,
            &mut raw.stage,
            &mut raw.description,
            &mut raw.description_html,
        ]);
        raw.title_path
            .iter_mut()
            .flatten()
            .for_each(|part| self.hide(part));
        self.hide_word(&mut raw.status, |word| Status::parse(word).is_some());
        self.hide_details(&mut raw.status_details);
        self.hide_parameters(&mut raw.parameters);
        self.hide_attachments(&mut raw.attachments);
        self.hide_steps(raw.steps.as_mut_slice());
        for RawLabel { name, value } in raw.labels.iter_mut().flatten() {
            self.hide_word(name, |word| LABELS.contains(&word));
            self.hide_all([value]);
        }
        for RawLink { name, url, kind } in raw.links.iter_mut().flatten() {
            self.hide_word(kind, |word| LINKS.contains(&word));
            self.hide_all([name, url]);
        }
    }

    fn hide_details(&self, details: &mut Option<RawDetails>) {
        if let Some(details) = details {
            self.hide_all([
                &mut details.message,
                &mut details.trace,
                &mut details.actual,
                &mut details.expected,
            ]);
        }
    }

    fn hide_steps(&self, steps: &mut [RawStep]) {
        for step in steps {
            self.hide_all([&mut step.name, &mut step.description]);
            self.hide_word(&mut step.status, |word| Status::parse(word).is_some());
            self.hide_details(&mut step.status_details);
            self.hide_parameters(&mut step.parameters);
            self.hide_attachments(&mut step.attachments);
            self.hide_steps(step.steps.as_deref_mut().unwrap_or_default());
        }
    }

    fn hide_parameters(&self, parameters: &mut Option<Vec<RawParameter>>) {
        for one in parameters.iter_mut().flatten() {
            if mode(one).is_some() {
                let value = one.value.take().unwrap_or_default();
                one.digest = Some(Parameter::digest_of(&value));
            }
            self.hide_all([&mut one.name, &mut one.value]);
        }
    }

    /// Replaces in names; one without a name is called by its source, which has to stay.
    fn hide_attachments(&self, attachments: &mut Option<Vec<RawAttachment>>) {
        for one in attachments.iter_mut().flatten() {
            if one.name.as_deref().is_none_or(str::is_empty) {
                one.name.clone_from(&one.source);
            }
            self.hide_all([&mut one.name, &mut one.media_type]);
        }
    }
}

/// The forms in which a value stands in texts: as it is, without the quotes that adapters put
/// around it, and escaped for HTML, JSON and addresses.
fn forms(value: &str) -> Vec<String> {
    let value = value.trim();
    let bare = ['\'', '"', '`']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let mut out = Vec::new();
    for text in [Some(value), bare].into_iter().flatten() {
        let json = serde_json::to_string(text).expect("a text is plain data");
        out.extend([
            text.to_owned(),
            html(text),
            html(text).replace('\'', "&#39;"),
            html(text).replace('\'', "&#x27;"),
            html(text).replace('\'', "&apos;"),
            percent(text),
            percent(text).replace("%20", "+"),
            json[1..json.len() - 1].to_owned(),
        ]);
    }
    out.retain(|form| form.chars().count() >= SHORTEST);
    out.retain(|form| !form.trim().is_empty() && !form.bytes().all(|b| b == b'*'));
    out
}

fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::allure::fixtures::Fixtures;

    fn secret(value: &str, mode: &str) -> RawParameter {
        RawParameter {
            name: Some("p".into()),
            value: Some(value.into()),
            mode: Some(mode.into()),
            ..RawParameter::default()
        }
    }

    #[test]
    fn secrets_leave_16_bits() {
        let modes = ["MASKED", "hidden", "default"];
        let mut raw = RawResult {
            parameters: Some(modes.map(|mode| secret("abc", mode)).to_vec()),
            ..RawResult::default()
        };
        let fixtures = Fixtures::default();
        assert!(take_out(&mut raw, &mut fixtures.of(None)).is_some());
        let all = raw.parameters.expect("they stay");
        assert_eq!(all[0].digest.as_deref(), Some("ba78"));
        assert!(all[0].value.is_none() && all[1].value.is_none());
        assert_eq!(all[2].value.as_deref(), Some("abc"));
    }

    #[test]
    fn values_are_found_in_the_forms_that_texts_have() {
        let secrets = Secrets::new(&["'a b<c'", "abcdef", "abcd", "******", "x y", " \n "]);
        let hidden = |text: &str| {
            let mut text = text.to_owned();
            secrets.hide(&mut text);
            text
        };
        assert_eq!(hidden("1 'a b<c' a b<c"), "1 ****** ******");
        assert_eq!(hidden("a%20b%3Cc a b&lt;c"), "****** ******");
        assert_eq!(hidden("abcdef abcde"), "****** ******e");
        assert_eq!(hidden("****** **** x y"), "****** **** x y");
    }

    #[test]
    fn long_values_are_found_too() {
        let value = "x1".repeat(TOGETHER);
        let secrets = Secrets::new(&[&value, "short"]);
        let mut text = format!("a {value} short");
        secrets.hide(&mut text);
        assert_eq!(text, "a ****** ******");
    }
}
