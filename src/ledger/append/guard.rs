//! What stands between results and the disk: patterns that take text out, and shapes of secrets that
//! stop an append.

use std::borrow::Cow;

use super::media::{HEAD, is_binary, is_plainly_text, is_text, is_wide};
use crate::analysis::redaction::Redaction;
use crate::analysis::secrets::{self, Secrets};
use crate::analysis::texts;
use crate::base::hash::digest_fields;
use crate::base::text;
use crate::ledger::open::OpenRequest;
use crate::model::{
    Attachment, Details, Environment, Intake, Job, Labels, Parameter, Source, TestResult,
};

/// Keeps a few bits of a value that was taken out, as of a masked one: what differs in nothing else stays apart.
fn tell_apart(parameter: &mut Parameter, before: Option<String>) {
    if parameter.value != before && parameter.digest.is_none() {
        parameter.digest = before.map(|value| Parameter::digest_of(&value));
    }
}

/// A place where something looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// For people: the result's name and the field, without what looks like a secret.
    pub place: String,
    /// The name of the secret's shape.
    pub shape: &'static str,
}

/// What keeps secrets from the disk.
#[derive(Clone, Debug)]
pub struct Guard {
    redaction: Redaction,
    secrets: Secrets,
}

impl Guard {
    /// `allow` names shapes of secrets that are let through beside those that the setting allows.
    pub fn new(redaction: Redaction, allow: &[&'static str]) -> Self {
        let allowed: Vec<&str> = redaction.allow.iter().chain(allow).copied().collect();
        Self {
            secrets: Secrets::new(&allowed),
            redaction,
        }
    }

    /// Whether texts may be changed.
    pub(super) fn redacts(&self) -> bool {
        !self.redaction.is_empty()
    }

    /// Takes what the patterns match out of a row; returns of how many texts. The digest of what the
    /// producer wrote is then one of what remains.
    pub(super) fn redact_row(&self, result: &mut TestResult, details: &mut Details) -> u64 {
        if !self.redacts() {
            return 0;
        }
        let mut changed = 0;
        let mut redact = |_: &'static str, text: &mut String| {
            changed += u64::from(self.redaction.apply(text));
        };
        let before: Vec<Option<String>> = { result.parameters.iter() }
            .map(|one| one.value.clone())
            .collect();
        texts::each_of_result(result, &mut redact);
        for (parameter, before) in result.parameters.iter_mut().zip(before) {
            tell_apart(parameter, before);
        }
        texts::each_of_details(details, &mut redact);
        if changed > 0 && result.digest.take().is_some() {
            let remains = serde_json::to_string(result).expect("a row is plain data");
            let steps = serde_json::to_string(details).expect("details are plain data");
            result.digest = Some(digest_fields([remains.as_str(), &steps]).short());
        }
        changed
    }

    /// Takes what the patterns match out of what a producer says of its surroundings.
    pub(super) fn redact_labels(&self, labels: &mut Labels) -> u64 {
        let mut changed = 0;
        labels.each_text(|text| changed += u64::from(self.redaction.apply(text)));
        changed
    }

    /// Takes what the patterns match out of what people and CI name themselves: a job, its address.
    pub(super) fn redact_job(&self, job: &mut Job) {
        texts::each_of_job(job, &mut |_, text| {
            self.redaction.apply(text);
        });
    }

    /// Takes what the patterns match out of the names of what a producer attached to a run; returns
    /// of how many.
    pub(super) fn redact_attachments(&self, attachments: &mut [Attachment]) -> u64 {
        let names = attachments
            .iter_mut()
            .map(|attachment| &mut attachment.name);
        names
            .map(|name| u64::from(self.redaction.apply(name)))
            .sum()
    }

    /// Takes what the patterns match out of names and values of variables.
    pub(super) fn redact_environment(&self, environment: &Environment) -> Environment {
        let own = |text: &str| self.redact_text(text).into_owned();
        environment
            .iter()
            .map(|(name, value)| (own(name), own(value)))
            .collect()
    }

    /// Takes what the patterns match out of what an account says of its input. Inputs are named alike
    /// by what began an append, so that an account is found to be of it.
    pub(super) fn redact_intake(&self, intake: &mut Intake) {
        let Intake {
            input,
            problem,
            notes,
            ..
        } = intake;
        for text in [input].into_iter().chain(problem).chain(notes) {
            self.redaction.apply(text);
        }
    }

    /// Takes what the patterns match out of what is said of a launch when it is opened.
    pub(in crate::ledger) fn redact_launch(&self, launch: &mut OpenRequest) {
        let Source {
            repository,
            branch,
            commit: _,
            pull_request,
        } = &mut launch.source;
        let texts = [&mut launch.name, repository, branch, pull_request];
        let texts = texts.into_iter().flatten().chain(&mut launch.tags);
        for text in texts.chain(&mut launch.expect) {
            self.redaction.apply(text);
        }
        texts::each_of_links(&mut launch.links, &mut |_, text| {
            self.redaction.apply(text);
        });
        launch.environment = self.redact_environment(&launch.environment);
    }

    /// Names the places of a launch that is opened that look like secrets, or that the patterns would
    /// have to change: the key, of which the id is made.
    pub(in crate::ledger) fn leaks_of_launch(&self, launch: &OpenRequest) -> Vec<Leak> {
        let source = &launch.source;
        let said = [
            ("name", &launch.name),
            ("key", &launch.key),
            ("repository", &source.repository),
            ("branch", &source.branch),
            ("commit", &source.commit),
            ("pull request", &source.pull_request),
        ];
        let mut links = launch.links.clone();
        let mut out = Vec::new();
        let mut look = |what: &str, text: &str| {
            if let Some(shape) = self.find(text.as_bytes()) {
                let place = format!("launch's {what}");
                out.push(Leak { place, shape });
            }
        };
        for (what, text) in said {
            text.iter().for_each(|text| look(what, text));
        }
        launch.tags.iter().for_each(|tag| look("tag", tag));
        launch
            .expect
            .iter()
            .for_each(|job| look("expected job", job));
        for (name, value) in launch.environment.iter() {
            look("environment", name);
            look("environment", value);
        }
        texts::each_of_links(&mut links, &mut |_, text| look("link", text));
        out
    }

    /// Whether the patterns take something out of a text.
    pub(in crate::ledger) fn changes(&self, text: &str) -> bool {
        matches!(self.redact_text(text), Cow::Owned(_))
    }

    /// Takes what the patterns match out of what somebody typed, before it reaches the disk; refuses what looks
    /// like a secret, and names its shape.
    pub fn clean(&self, typed: &str) -> Result<String, &'static str> {
        let rest = self.redact_text(typed).into_owned();
        match self.find(rest.as_bytes()) {
            Some(shape) => Err(shape),
            None => Ok(rest),
        }
    }

    /// Returns a file's bytes as they may reach the disk: without what the patterns match where it is text;
    /// refuses what looks like a secret.
    pub fn clean_file(&self, bytes: Vec<u8>) -> Result<Vec<u8>, &'static str> {
        if let Some(shape) = self.find(&bytes) {
            return Err(shape);
        }
        let is_text =
            self.redacts() && memchr::memchr(0, &bytes[..bytes.len().min(HEAD)]).is_none();
        let redacted = is_text.then(|| self.redact_bytes(&bytes)).flatten();
        Ok(redacted.unwrap_or(bytes))
    }

    /// Takes what the patterns match out of a text.
    pub(super) fn redact_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut own = text.to_owned();
        match self.redaction.apply(&mut own) {
            true => own.into(),
            false => text.into(),
        }
    }

    /// Takes what the patterns match out of the stretches of bytes that are text, and leaves the bytes
    /// between them; `None` where there is nothing to take out.
    pub(super) fn redact_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if is_wide(bytes) {
            return self.redact_wide(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut changed = false;
        for chunk in bytes.utf8_chunks() {
            let text = self.redact_text(chunk.valid());
            changed |= matches!(text, Cow::Owned(_));
            out.extend_from_slice(text.as_bytes());
            out.extend_from_slice(chunk.invalid());
        }
        changed.then_some(out)
    }

    /// Does the same to a text in UTF-16 that begins with a byte-order mark.
    fn redact_wide(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let is_little = bytes.starts_with(&[0xff, 0xfe]);
        let unit = |pair: &[u8; 2]| match is_little {
            true => u16::from_le_bytes(*pair),
            false => u16::from_be_bytes(*pair),
        };
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(unit).collect();
        let text = String::from_utf16_lossy(&units);
        let Cow::Owned(text) = self.redact_text(&text) else {
            return None;
        };
        let bytes = text.encode_utf16().flat_map(|unit| match is_little {
            true => unit.to_le_bytes(),
            false => unit.to_be_bytes(),
        });
        Some(bytes.collect())
    }

    /// Whether patterns are taken out of an attachment that begins with `head`: what its type calls
    /// text, and what is text whatever its type.
    pub(super) fn redacts_attachment(&self, media_type: &str, head: &[u8]) -> bool {
        let head = &head[..head.len().min(HEAD)];
        let looks_like_text = || match is_binary(media_type) {
            true => is_plainly_text(head),
            false => memchr::memchr(0, head).is_none(),
        };
        self.redacts() && (is_text(media_type) || is_wide(head) || looks_like_text())
    }

    /// Whether bytes that are to be written may hold a secret.
    pub(super) fn suspects(&self, bytes: &[u8]) -> bool {
        self.secrets.may_be_in(bytes)
    }

    /// Returns the shape of the first secret in some bytes.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<&'static str> {
        self.secrets.find(bytes)
    }

    /// Names the places of a row that look like secrets.
    pub(super) fn leaks_of_row(
        &self,
        result: &mut TestResult,
        details: Option<&mut Details>,
    ) -> Vec<Leak> {
        let name = shown(&result.name);
        let mut out = Vec::new();
        let mut look = |what: &'static str, text: &mut String| {
            if let Some(shape) = self.find(text.as_bytes()) {
                let place = format!("{what} of result `{name}`");
                out.push(Leak { place, shape });
            }
        };
        texts::each_of_result(result, &mut look);
        if let Some(details) = details {
            texts::each_of_details(details, &mut look);
        }
        out
    }

    /// Names the places of a job, its environment and its account that look like secrets.
    pub(super) fn leaks_of_header(
        &self,
        job: &Job,
        environment: &Environment,
        intake: &[Intake],
    ) -> Vec<Leak> {
        let mut out = Vec::new();
        let mut look = |what: &str, text: &str| {
            if let Some(shape) = self.find(text.as_bytes()) {
                let place = what.to_owned();
                out.push(Leak { place, shape });
            }
        };
        texts::each_of_job(&mut job.clone(), &mut |what, text| look(what, text));
        for (name, value) in environment.iter() {
            look("environment", name);
            look("environment", value);
        }
        for line in intake {
            let texts = [&line.input]
                .into_iter()
                .chain(&line.problem)
                .chain(&line.notes);
            texts.for_each(|text| look("account of the input", text));
        }
        out
    }

    /// Names the inputs that look like secrets.
    pub(super) fn leaks_of_inputs(&self, inputs: &[String]) -> Vec<Leak> {
        let shapes = inputs.iter().filter_map(|name| self.find(name.as_bytes()));
        let leak = |shape| Leak {
            place: "input's name".to_owned(),
            shape,
        };
        shapes.map(leak).collect()
    }

    /// Names a secret in an attachment.
    pub(super) fn leak_of_attachment(&self, name: &str, shape: &'static str) -> Leak {
        let place = format!("attachment `{}`", shown(name));
        Leak { place, shape }
    }
}

/// Returns a name for people, without what looks like a secret.
fn shown(name: &str) -> String {
    text::truncate(&text::sanitize_line(&secrets::mask(name)), 80)
}

/// Bytes of the end of a piece that are looked at again with the next one: a secret may lie across,
/// and a web token with many claims is kilobytes long.
const OVERLAP: usize = 8 << 10;

/// Looks through bytes that come in pieces.
pub(super) struct Watch<'a> {
    guard: &'a Guard,
    tail: Vec<u8>,
    /// The text is UTF-16, of which a secret's every other byte is nothing; unknown before its first piece.
    is_wide: Option<bool>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(guard: &'a Guard) -> Self {
        Self {
            guard,
            tail: Vec::new(),
            is_wide: None,
        }
    }

    /// Returns the shape of the first secret in a piece and what came just before it.
    pub(super) fn see(&mut self, piece: &[u8]) -> Option<&'static str> {
        match *self.is_wide.get_or_insert(is_wide(piece)) {
            true => self.tail.extend(piece.iter().filter(|byte| **byte != 0)),
            false => self.tail.extend_from_slice(piece),
        }
        let found = self.guard.find(&self.tail);
        let keep = self.tail.len().saturating_sub(OVERLAP);
        self.tail.drain(..keep);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn guard(setting: &serde_json::Value) -> Guard {
        Guard::new(Redaction::parse(setting).expect("a setting"), &[])
    }

    fn token() -> String {
        format!("gh{}_{}", "p", "a1B2".repeat(9))
    }

    #[test]
    fn digests_are_of_what_remains() {
        let guard = guard(&json!([{"pattern": "pin \\d+"}]));
        let row = |pin: &str| {
            let mut result = TestResult {
                message: Some(format!("wrong pin {pin}")),
                uuid: Some("u".into()),
                digest: Some(pin.into()),
                ..TestResult::default()
            };
            let changed = guard.redact_row(&mut result, &mut Details::default());
            (result, changed)
        };
        let (one, changed) = row("1234");
        assert_eq!((one.message.as_deref(), changed), (Some("wrong •••"), 1));
        assert_eq!(one, row("9999").0, "nothing tells the values apart");
        let (plain, changed) = row("none");
        assert_eq!((plain.digest.as_deref(), changed), (Some("none"), 0));
    }

    #[test]
    fn a_text_in_utf_16_is_looked_through() {
        let guard = guard(&json!(null));
        let text = format!("\u{feff}the key is {}, keep it", token());
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for size in [7, 4096] {
            let mut watch = Watch::new(&guard);
            let found = wide.chunks(size).find_map(|piece| watch.see(piece));
            assert_eq!(found, Some("github-token"), "{size}");
        }
    }

    #[test]
    fn places_are_named_without_the_secret() {
        let guard = guard(&json!(null));
        let mut result = TestResult {
            name: format!("login with {}", token()),
            trace: Some(format!("at {}", token())),
            ..TestResult::default()
        };
        let leaks = guard.leaks_of_row(&mut result, None);
        let places: Vec<&str> = leaks.iter().map(|leak| leak.place.as_str()).collect();
        assert_eq!(
            places,
            [
                "name of result `login with •••`",
                "trace of result `login with •••`"
            ]
        );
        assert!(leaks.iter().all(|leak| leak.shape == "github-token"));
    }

    #[test]
    fn a_secret_across_two_pieces_is_found() {
        let guard = guard(&json!(null));
        let text = format!("{}{}\n", "x\n".repeat(1000), token());
        let (first, second) = text.as_bytes().split_at(text.len() - 20);
        let mut watch = Watch::new(&guard);
        assert_eq!(watch.see(first), None);
        assert_eq!(watch.see(second), Some("github-token"));
    }

    #[test]
    fn a_long_web_token_across_two_pieces_is_found() {
        let guard = guard(&json!(null));
        let jwt = [
            "e",
            "yJhbGciOiJI.e",
            "yJ",
            &"a1".repeat(1000),
            ".",
            &"s".repeat(43),
        ]
        .concat();
        assert!(jwt.len() > 2048);
        let text = format!("{} {jwt}\n", "x\n".repeat(10_000));
        for cut in [2, 1000, 2030, 2060] {
            let (first, second) = text.as_bytes().split_at(text.len() - cut);
            let mut watch = Watch::new(&guard);
            let found = watch.see(first).or_else(|| watch.see(second));
            assert_eq!(found, Some("jwt"), "{cut}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_stay_between_what_is() {
        let guard = guard(&json!([{"pattern": "pin \\d+"}]));
        assert_eq!(
            guard.redact_bytes(b"\xffpin 12\xfe pin 3\xc3"),
            Some(
                [
                    b"\xff".as_slice(),
                    "•••".as_bytes(),
                    b"\xfe ",
                    "•••".as_bytes(),
                    b"\xc3"
                ]
                .concat()
            )
        );
        assert_eq!(guard.redact_bytes(b"\xff none"), None);
    }

    #[test]
    fn text_is_told_by_its_bytes() {
        let guard = guard(&json!([{"pattern": "pin"}]));
        let redacts = |media_type: &str, head: &[u8]| guard.redacts_attachment(media_type, head);
        assert!(redacts("application/octet-stream", b"a=b\xff"));
        assert!(!redacts("application/octet-stream", b"a\0b"));
        assert!(
            redacts("text/plain; charset=x", b"a\0b"),
            "its type says so"
        );
        assert!(redacts("image/svg+xml", b"<svg/>"));
        // What calls itself something else is text where it is plainly that.
        for binary in [
            "image/png",
            "video/mp4",
            "Audio/ogg",
            "application/zip",
            "application/pdf",
        ] {
            assert!(redacts(binary, "pin é".as_bytes()), "{binary}");
            assert!(redacts(binary, &"pin é".as_bytes()[..5]), "{binary}");
            for bytes in [
                b"\x89PNG\r\n\x1a\n".as_slice(),
                b"PK\x03\x04\0",
                b"%PDF-1.7",
            ] {
                assert!(!redacts(binary, bytes), "{binary}");
            }
        }
    }

    #[test]
    fn wide_texts_are_redacted_too() {
        let guard = guard(&json!([{"pattern": "pin \\d+"}]));
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let text = format!("\u{feff}{text}");
            text.encode_utf16().flat_map(unit).collect()
        };
        for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            let text = wide("say pin 12.", unit);
            assert!(guard.redacts_attachment("application/octet-stream", &text));
            assert_eq!(guard.redact_bytes(&text), Some(wide("say •••.", unit)));
            assert_eq!(guard.redact_bytes(&wide("none", unit)), None);
        }
    }
}
