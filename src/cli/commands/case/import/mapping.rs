//! What columns and words of another tool are here.

use std::collections::BTreeSet;
use std::path::Path;

use serde_yaml::Value;

use crate::author::case::ValueMap;
use crate::base::files;
use crate::base::text::line;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::exchange::cases::{Column, parse_column};

/// The largest file of mappings, in bytes.
const MAX: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Mapping {
    pub(super) columns: Vec<(Column, String)>,
    pub(super) values: ValueMap,
    /// Keys of the values that were typed, not in a file for many imports.
    typed: Vec<(String, String)>,
}

pub(super) fn one_column(text: &str) -> Result<(Column, String), String> {
    let (field, column) = text
        .split_once('=')
        .filter(|(_, column)| !column.trim().is_empty())
        .ok_or("expected FIELD=COLUMN, as `title=Summary`")?;
    Ok((parse_column(field)?, column.trim().to_owned()))
}

pub(super) fn one_value(text: &str) -> Result<(String, String, String), String> {
    let parts = text.split_once(':').and_then(|(field, rest)| {
        let (word, value) = rest.rsplit_once('=')?;
        let all = [field, word, value].map(|part| part.trim().to_owned());
        (!all[0].is_empty() && !all[1].is_empty()).then_some(all)
    });
    let [field, word, value] =
        parts.ok_or("expected FIELD:WORD=VALUE, as `severity:P1=blocker`")?;
    Ok((field, word, value))
}

impl Mapping {
    /// What was typed, before what a file says.
    pub(super) fn new(
        ctx: &Context,
        file: Option<&Path>,
        columns: &[(Column, String)],
        values: &[(String, String, String)],
    ) -> Result<Self, CommandError> {
        let mut out = Self {
            columns: columns.to_vec(),
            ..Self::default()
        };
        if let Some(file) = file {
            out.read(ctx, file)?;
        }
        for (field, word, value) in values {
            let key = out.add(field, word, value);
            out.typed.push(key);
        }
        Ok(out)
    }

    /// Returns what was typed of fields and words that the source does not say.
    pub(super) fn idle(&self, mapped: &BTreeSet<(String, String)>) -> Vec<String> {
        let idle = self.typed.iter().filter(|key| !mapped.contains(*key));
        idle.map(|(field, word)| format!("{field}:{word}"))
            .collect()
    }

    fn add(&mut self, field: &str, word: &str, value: &str) -> (String, String) {
        // As a column of that name is called here.
        let field = match parse_column(field) {
            Ok(Column::Field(name)) => name,
            _ => field.to_owned(),
        };
        let key = (field.to_lowercase(), word.to_lowercase());
        self.values.insert(key.clone(), value.to_owned());
        key
    }

    fn read(&mut self, ctx: &Context, file: &Path) -> Result<(), CommandError> {
        let name = line(&file.to_string_lossy(), 200);
        let wrong = |why: String| {
            CommandError::usage(format!("`{name}` is no mapping: {why}"))
                .hint("write `columns: {title: Summary}` and `values: {severity: {P1: blocker}}`")
        };
        let bytes = files::read(&ctx.resolve(file))?;
        if bytes.len() > MAX {
            return Err(wrong(format!("it has more than {MAX} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
        let value: Value =
            serde_yaml::from_str(&text).map_err(|error| wrong(line(&error.to_string(), 300)))?;
        let Value::Mapping(map) = value else {
            return Err(wrong("expected `columns` and `values`".to_owned()));
        };
        for (key, value) in &map {
            match (scalar(key).as_deref(), value) {
                (Some("columns"), Value::Mapping(columns)) => {
                    for (field, names) in columns {
                        let field = scalar(field).unwrap_or_default();
                        let column = parse_column(&field).map_err(wrong)?;
                        let names = match names {
                            Value::Sequence(all) => all.iter().map(scalar).collect(),
                            one => vec![scalar(one)],
                        };
                        for name in names {
                            let name =
                                name.ok_or_else(|| wrong(format!("`columns.{field}` is no name")))?;
                            self.columns.push((column.clone(), name));
                        }
                    }
                }
                (Some("values"), Value::Mapping(fields)) => {
                    for (field, words) in fields {
                        let field = scalar(field).unwrap_or_default();
                        let Value::Mapping(words) = words else {
                            return Err(wrong(format!("`values.{field}` has no words")));
                        };
                        for (word, value) in words {
                            let both = scalar(word).zip(scalar(value));
                            let (word, value) =
                                both.ok_or_else(|| wrong(format!("`values.{field}` is no text")))?;
                            self.add(&field, &word, &value);
                        }
                    }
                }
                (key, _) => {
                    let key = line(key.unwrap_or("?"), 60);
                    return Err(wrong(format!(
                        "`{key}` is not `columns` or `values` with names below it"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}
