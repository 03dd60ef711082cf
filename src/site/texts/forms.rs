//! Texts in templates: `{{ text(key="launch.evidence") }}`.

use tera::{Error, Kwargs, State, TeraResult, Value};

use super::{Arg, current, english};

/// The function `text` of templates: the text of `key`, its placeholders filled by the other arguments. What comes out
/// is markup: the text and its arguments escaped, but for arguments that are markup already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function;

/// Returns the function that templates call as `text`.
pub(crate) fn function() -> Function {
    Function
}

impl tera::Function<TeraResult<Value>> for Function {
    fn call(&self, kwargs: Kwargs, _: &State<'_>) -> TeraResult<Value> {
        let key = kwargs.must_get::<&str>("key")?;
        let (texts, english) = (current(), english());
        let Some((entry, rules)) = texts.find(key, &english) else {
            return Err(Error::message(format!("there is no text `{key}`")));
        };
        let slots = english.own.get(key).map(super::Entry::slots);
        let slots: Vec<String> = slots
            .unwrap_or_default()
            .into_iter()
            .chain(["n".to_owned()])
            .collect();
        let mut values = Vec::new();
        for slot in &slots {
            if let Some(value) = kwargs.get::<&Value>(slot)? {
                values.push((slot.as_str(), value));
            }
        }
        let args: Vec<(&str, Arg<'_>)> = values
            .iter()
            .map(|(slot, value)| (*slot, arg(value)))
            .collect();
        let said = texts.isolated(key, entry.fill_markup(&args, rules));
        Ok(Value::safe_string(&said))
    }

    fn is_safe(&self) -> bool {
        true
    }
}

fn arg(value: &Value) -> Arg<'_> {
    match (value.as_u64(), value.as_str()) {
        (Some(n), _) => Arg::Number(n),
        (None, Some(text)) if value.is_safe() => Arg::Markup(text),
        (None, Some(text)) => Arg::from(text),
        (None, None) => Arg::from(value.to_string()),
    }
}
