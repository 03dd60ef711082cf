//! Which category a failure has: the first that fits, in the order of the project's settings.

use regex::Regex;

use super::decide::Row;
use super::resolve::{Conditions, REGEX_SIZE, compile, fits};
use crate::model::{Category, CategoryMatcher, Environment};

/// The categories of a project, ready to be asked about failures.
#[derive(Debug, Default)]
pub struct Categories<'a>(Vec<Sorter<'a>>);

#[derive(Debug)]
struct Sorter<'a> {
    category: &'a Category,
    own: Matching<'a>,
    matchers: Vec<Matching<'a>>,
}

#[derive(Debug)]
struct Matching<'a> {
    search: Conditions<'a>,
    message: Option<Regex>,
    trace: Option<Regex>,
    flaky: Option<bool>,
}

/// Compiles an expression that fits a text as a whole, `.` also a line's end.
pub fn compile_whole(pattern: &str) -> Result<Regex, regex::Error> {
    compile(pattern)?;
    let whole = |text: String| {
        regex::RegexBuilder::new(&text)
            .size_limit(REGEX_SIZE)
            .dot_matches_new_line(true)
            .build()
    };
    // A comment at the end of `(?x) …` would swallow what follows in its line.
    whole(format!(r"\A(?:{pattern})\z")).or_else(|_| whole(format!("\\A(?:{pattern}\n)\\z")))
}

impl<'a> Categories<'a> {
    /// Takes categories in their order. One without a name or without conditions, and a matcher
    /// whose expression doesn't compile, fit nothing: `validate` reports them.
    pub fn new(categories: impl IntoIterator<Item = &'a Category>) -> Self {
        Self(categories.into_iter().filter_map(Sorter::new).collect())
    }

    /// Returns the first category that fits a failure.
    pub fn find(&self, row: &Row, environment: &Environment, flaky: bool) -> Option<&'a Category> {
        let holds = |matching: &Matching<'_>| matching.holds(row, environment, flaky);
        let fits = |sorter: &&Sorter<'_>| {
            let any = sorter.matchers.is_empty() || sorter.matchers.iter().any(holds);
            any && holds(&sorter.own)
        };
        self.0.iter().find(fits).map(|sorter| sorter.category)
    }
}

impl<'a> Sorter<'a> {
    fn new(category: &'a Category) -> Option<Self> {
        let is_empty = |matcher: &CategoryMatcher| *matcher == CategoryMatcher::default();
        let given = category.matchers.iter().filter(|m| !is_empty(m));
        let matchers: Vec<Matching<'_>> = given.filter_map(Matching::new).collect();
        let none = match category.matchers.is_empty() {
            true => is_empty(&category.conditions),
            false => matchers.is_empty(),
        };
        if none || category.name.trim().is_empty() {
            return None;
        }
        Some(Self {
            category,
            own: Matching::new(&category.conditions)?,
            matchers,
        })
    }
}

impl<'a> Matching<'a> {
    fn new(matcher: &'a CategoryMatcher) -> Option<Self> {
        let whole = |pattern: &Option<String>| pattern.as_deref().map(compile_whole).transpose();
        Some(Self {
            search: Conditions::new(&matcher.search)?,
            message: whole(&matcher.message_regex).ok()?,
            trace: whole(&matcher.trace_regex).ok()?,
            flaky: matcher.flaky,
        })
    }

    fn holds(&self, row: &Row, environment: &Environment, flaky: bool) -> bool {
        let Some(failure) = &row.failure else {
            return false;
        };
        self.flaky.is_none_or(|wanted| wanted == flaky)
            && fits(&self.message, failure.result.message.as_deref())
            && fits(&self.trace, failure.result.trace.as_deref())
            && self.search.all_hold(row, environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Job, Status, TestResult};

    fn category(name: &str, set: impl Fn(&mut CategoryMatcher)) -> Category {
        let mut category = Category {
            name: name.into(),
            ..Category::default()
        };
        set(&mut category.conditions);
        category
    }

    fn found<'a>(all: &'a [Category], message: &str, flaky: bool) -> Option<&'a str> {
        let result = TestResult {
            message: Some(message.into()),
            status: Status::Broken,
            ..TestResult::default()
        };
        let row = Row::new(result, &Job::default(), 0, &Environment::default());
        let categories = Categories::new(all);
        let category = categories.find(&row, &Environment::default(), flaky)?;
        Some(category.name.as_str())
    }

    #[test]
    fn a_whole_text_fits_or_a_part_of_it() {
        for (pattern, text, fits) in [
            ("timed out", "timed out", true),
            ("timed out", "it timed out", false),
            (".*timed out.*", "it\ntimed out\nlater", true),
            ("(?i)TIMED OUT", "timed out", true),
            ("a|ab", "ab", true),
            ("(?x) ti med \\s out # a comment", "timed out", true),
            ("(?-s).*out", "a\nout", false),
            ("a)|(b", "a", false),
        ] {
            let all = [category("C", |m| m.message_regex = Some(pattern.into()))];
            assert_eq!(found(&all, text, false).is_some(), fits, "{pattern}");
        }
        let all = [category("C", |m| m.search.message = Some("timed".into()))];
        assert!(found(&all, "it \u{1b}[31mtimed\u{1b}[0m out", false).is_some());
    }

    #[test]
    fn the_first_that_fits_decides() {
        let mut all = [
            category("Flaky", |m| m.flaky = Some(true)),
            category("Passed", |m| m.search.status = vec![Status::Passed]),
            category("Nothing", |_| ()),
            category("Bad", |m| m.message_regex = Some("(".into())),
            category(" ", |m| m.flaky = Some(false)),
            category("Broken", |m| m.search.status = vec![Status::Broken]),
            category("Again", |m| m.search.status = vec![Status::Broken]),
        ];
        assert_eq!(found(&all, "x", true), Some("Flaky"));
        assert_eq!(found(&all, "x", false), Some("Broken"));
        let matcher = |message: &str| {
            let mut matcher = CategoryMatcher::default();
            matcher.search.message = Some(message.into());
            matcher
        };
        // The category's own conditions, and one of its matchers.
        all[5].matchers = vec![matcher("a"), CategoryMatcher::default(), matcher("(")];
        assert_eq!(found(&all, "x", false), Some("Again"));
        assert_eq!(found(&all, "a", false), Some("Broken"));
        all[5].matchers = vec![matcher("(")];
        assert_eq!(found(&all, "a", false), Some("Again"));
    }
}
