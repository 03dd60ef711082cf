//! What can be asked of a kind of subject: tables that stand with the subject and make its
//! reference page.

/// What kind of value a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// A number from 0 to 1.
    Rate,
    /// `true` or `false`.
    Truth,
    /// A point in time.
    Instant,
    /// A length of time.
    Duration,
}

impl Kind {
    /// Returns the word for a value of this kind, with its article.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Rate => "a rate from 0 to 1",
            Self::Truth => "`true` or `false`",
            Self::Instant => "a time",
            Self::Duration => "a duration",
        }
    }
}

/// A field of a subject. A field with several values fits where one of them does.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    /// Other spellings; letter case and `_` make no difference in any.
    pub aliases: &'static [&'static str],
    pub kind: Kind,
    /// What stands in brackets behind the name, where something must.
    pub key: Option<&'static str>,
    /// All values there are, where these are fixed.
    pub values: &'static [&'static str],
    /// What it holds, for the reference page.
    pub about: &'static str,
}

impl Field {
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            kind,
            key: None,
            values: &[],
            about,
        }
    }

    /// Adds other spellings.
    #[must_use]
    pub const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// Wants a name in brackets.
    #[must_use]
    pub const fn keyed(self, key: &'static str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// Fixes the values there are.
    #[must_use]
    pub const fn one_of(self, values: &'static [&'static str]) -> Self {
        Self { values, ..self }
    }
}

/// A measure that is computed when it is asked for, over a window of history where it takes one.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    pub kind: Kind,
    /// The window where none is given; none where the function takes none.
    pub window: Option<super::Window>,
    pub values: &'static [&'static str],
    pub about: &'static str,
}

/// Everything that can be asked of one kind of subject.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The plural: cases, results, launches.
    pub of: &'static str,
    pub fields: &'static [Field],
    pub functions: &'static [Function],
    /// Names that people bring from elsewhere, and what to write instead.
    pub elsewhere: &'static [(&'static str, &'static str)],
}

impl Schema {
    /// Returns the field of a name in any of its spellings.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        let name = folded(name);
        self.fields.iter().find(|field| {
            let mut names = std::iter::once(&field.name).chain(field.aliases);
            names.any(|n| folded(n) == name)
        })
    }

    /// Returns the function of a name.
    pub fn function(&self, name: &str) -> Option<&'static Function> {
        let name = folded(name);
        self.functions.iter().find(|f| folded(f.name) == name)
    }
}

/// One thing that can be asked, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As it is written in a query, with other spellings: `env["a variable"]`, `flipRate(20)`.
    pub written: String,
    /// The kind of its values, or the values themselves.
    pub holds: String,
    pub about: &'static str,
}

impl Schema {
    /// Returns the reference: fields, then functions.
    pub fn rows(&self) -> Vec<Row> {
        let fields = self.fields.iter().map(|field| {
            let written = |name: &str| match field.key {
                Some(key) => format!("{name}[\"{key}\"]"),
                None => name.to_owned(),
            };
            let names = std::iter::once(&field.name).chain(field.aliases);
            Row {
                written: names
                    .map(|name| written(name))
                    .collect::<Vec<_>>()
                    .join(", "),
                holds: holds(field.kind, field.values),
                about: field.about,
            }
        });
        let functions = self.functions.iter().map(|function| Row {
            written: format!("{}({})", function.name, window(function.window)),
            holds: holds(function.kind, function.values),
            about: function.about,
        });
        fields.chain(functions).collect()
    }
}

fn holds(kind: Kind, values: &[&str]) -> String {
    match values {
        [] => kind.as_str().replace('`', ""),
        values => values.join(", "),
    }
}

/// A window as it is written: `20`, `30d`, or nothing.
fn window(window: Option<super::Window>) -> String {
    match window {
        Some(super::Window::Last(n)) => n.to_string(),
        Some(super::Window::Within(ms)) => format!("{}d", ms / 86_400_000),
        None => String::new(),
    }
}

/// Returns a name without what makes no difference: `fullName` and `full_name` are one.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}
