//! The steps of a result: most of its text, and left as text until they are needed, since those of
//! most results are not kept.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::raw::{Parsed, RawStep, STEPS, parse};
use crate::ingest::notes::{Notes, WRONG_TYPE};

/// The steps of a result.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Option<Box<RawValue>>")]
pub(super) enum Steps {
    #[default]
    None,
    Text(Box<RawValue>),
    Read(Vec<RawStep>),
}

impl From<Option<Box<RawValue>>> for Steps {
    fn from(text: Option<Box<RawValue>>) -> Self {
        text.map_or(Self::None, Self::Text)
    }
}

impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Text(text) => text.serialize(serializer),
            Self::Read(steps) => steps.serialize(serializer),
        }
    }
}

impl Steps {
    /// Whether they may name an attachment.
    pub(super) fn may_attach(&self) -> bool {
        self.may_hold("\"source\"")
    }

    /// Whether they may have a parameter that is masked or hidden.
    pub(super) fn may_hide(&self) -> bool {
        ["\"mode\"", "\"Mode\"", "\"MODE\""]
            .iter()
            .any(|key| self.may_hold(key))
    }

    /// Says no only where the text can't hold a key, however it is written.
    fn may_hold(&self, key: &str) -> bool {
        let has = |text: &RawValue, what: &str| {
            memchr::memmem::find(text.get().as_bytes(), what.as_bytes()).is_some()
        };
        match self {
            Self::None => false,
            Self::Text(text) => has(text, key) || has(text, "\\u"),
            Self::Read(_) => true,
        }
    }

    /// Reads what is still text, and returns how that went.
    pub(super) fn read(&mut self) -> Parsed<()> {
        let Self::Text(text) = self else {
            return Parsed::default();
        };
        if !text.get().starts_with('[') {
            *self = Self::None;
            let mut notes = Notes::default();
            notes.add(WRONG_TYPE, "steps");
            return Parsed {
                notes,
                ..Parsed::default()
            };
        }
        let parsed = parse(text.get().as_bytes(), &STEPS);
        *self = parsed.value.map_or(Self::None, Self::Read);
        Parsed {
            value: None,
            problem: parsed.problem,
            replaced: parsed.replaced,
            notes: parsed.notes,
        }
    }

    /// Those that are read.
    pub(super) fn as_slice(&self) -> &[RawStep] {
        match self {
            Self::Read(steps) => steps,
            Self::None | Self::Text(_) => &[],
        }
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [RawStep] {
        match self {
            Self::Read(steps) => steps,
            Self::None | Self::Text(_) => &mut [],
        }
    }

    pub(super) fn into_vec(self) -> Vec<RawStep> {
        match self {
            Self::Read(steps) => steps,
            Self::None | Self::Text(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Steps {
        serde_json::from_str(text).expect("JSON reads")
    }

    #[test]
    fn keys_are_seen_however_they_are_written() {
        assert!(!steps(r#"[{"name": "a"}]"#).may_attach());
        assert!(steps(r#"[{"attachments": [{"source": "x"}]}]"#).may_attach());
        assert!(steps(r#"[{"attachments": [{"s\u006furce": "x"}]}]"#).may_attach());
        assert!(steps(r#"[{"parameters": [{"\u006dode": "masked"}]}]"#).may_hide());
        assert!(!steps("null").may_hide());
    }

    #[test]
    fn what_is_wrong_is_told_when_they_are_read() {
        let mut good = steps(r#"[{"name": "a", "steps": [{"name": "b"}]}]"#);
        assert!(good.as_slice().is_empty());
        assert_eq!(good.read().problem, None);
        assert_eq!(good.as_slice().len(), 1);
        let mut lenient = steps(r#"[{"name": 7}, null, "x"]"#);
        assert_eq!(lenient.read().notes.into_lines().len(), 1);
        assert_eq!(lenient.as_slice()[0].name.as_deref(), Some("7"));
        let mut none = steps(r#"{"name": "a"}"#);
        let read = none.read();
        assert_eq!((read.problem, read.notes.into_lines().len()), (None, 1));
        let mut deep = steps(&("[".repeat(500) + &"]".repeat(500)));
        assert!(deep.read().problem.is_some());
    }
}
