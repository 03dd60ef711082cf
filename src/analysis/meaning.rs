//! What a documented text means: two texts that differ in nothing but how they are written have one
//! plain form.
//!
//! Taken out are white space and wrapping outside code, the marks of Markdown (`*` or `_`, `-` or `+`,
//! setext or ATX headings, numbers of list items, escapes, entities, reference or inline links),
//! emphasis, typographic quotes, dashes and ellipses, Unicode composition, a full stop at the end, and
//! a capital at the start. Words, their order, code, links, pictures and raw HTML stay.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use unicode_normalization::UnicodeNormalization as _;

use super::executed::SharedByPath;
use crate::base::hash::{Digest, Hasher};
use crate::base::path as paths;
use crate::model::{Case, Link, Scenario, ScenarioStep};
use crate::store::Doc;

/// How deep shared steps may include others; beyond it, and in a cycle, a link stays a link.
const DEPTH_MAX: usize = 16;

/// A step in plain form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainStep {
    pub action: String,
    pub expected: Option<String>,
    pub data: Option<String>,
    /// The path in the workspace of the shared steps that it is a link to.
    pub shared: Option<String>,
    pub steps: Vec<PlainStep>,
}

/// Returns the plain form of a Markdown text.
pub fn plain(markdown: &str) -> String {
    let mut out = Plain::default();
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(markdown, options) {
        out.take(event);
    }
    out.finish()
}

/// Whether two Markdown texts mean the same.
pub fn is_same(before: &str, after: &str) -> bool {
    before == after || plain(before) == plain(after)
}

/// Returns steps in plain form; `path` is the file that they stand in.
pub fn plain_steps(steps: &[ScenarioStep], path: &str) -> Vec<PlainStep> {
    let steps = steps.iter().map(|step| PlainStep {
        action: match &step.shared {
            Some(_) => String::new(),
            None => plain(&step.action),
        },
        expected: step.expected.as_deref().map(plain),
        data: step.data.as_deref().map(plain),
        shared: step
            .shared
            .as_ref()
            .map(|target| paths::resolve(path, target).unwrap_or_else(|| target.clone())),
        steps: plain_steps(&step.steps, path),
    });
    steps.collect()
}

/// Returns steps in plain form, with shared steps in place of the links to them.
pub fn expanded_steps(
    steps: &[ScenarioStep],
    path: &str,
    shared: &SharedByPath<'_>,
) -> Vec<PlainStep> {
    let mut out = Vec::new();
    expand(steps, path, shared, &mut Vec::new(), &mut out);
    out
}

fn expand<'a>(
    steps: &[ScenarioStep],
    path: &str,
    shared: &SharedByPath<'a>,
    within: &mut Vec<&'a str>,
    out: &mut Vec<PlainStep>,
) {
    for (step, written) in steps.iter().zip(plain_steps(steps, path)) {
        let found = written.shared.as_deref();
        let found = found.and_then(|target| shared.get_key_value(target));
        let found = found.filter(|(key, _)| within.len() < DEPTH_MAX && !within.contains(key));
        let mut inner = Vec::new();
        expand(&step.steps, path, shared, within, &mut inner);
        let Some((key, doc)) = found else {
            out.push(PlainStep {
                steps: inner,
                ..written
            });
            continue;
        };
        within.push(key);
        expand(&doc.value.scenario.steps, &doc.path, shared, within, out);
        within.pop();
        // What the including step adds of its own stays a step.
        if written.expected.is_some() || written.data.is_some() || !inner.is_empty() {
            out.push(PlainStep {
                expected: written.expected,
                data: written.data,
                steps: inner,
                ..PlainStep::default()
            });
        }
    }
}

/// Returns the digest of what a case means: what is to be tested, how, with what data and against
/// which requirements, with shared steps in place of the links to them. Owner, workflow state, tags,
/// custom fields, relations, aliases, other links and the place of the file are not in it, nor is
/// what [`plain`] takes out.
pub fn digest(case: &Doc<Case>, shared: &SharedByPath<'_>) -> Digest {
    let value = &case.value;
    let mut out = Hasher::new();
    out.field("tallybook case 1").field(&value.id);
    out.field(&plain(&value.title));
    out.field(value.execution.as_str());
    out.field(value.layer.as_deref().unwrap_or_default());
    out.field(value.severity.as_str());
    let links = value.links.iter().filter(|link| link.is_of("requirement"));
    list(&mut out, links.filter_map(Link::called));
    list(
        &mut out,
        value.automation.selectors.iter().map(String::as_str),
    );
    // The order of parameters matters to no row; that of their values does, unless all are combined.
    let mut parameters: Vec<_> = value.parameters.iter().collect();
    parameters.sort_unstable();
    out.field(&parameters.len().to_string());
    for (name, values) in parameters {
        out.field(name).field(&values.len().to_string());
        for value in values {
            out.field(value);
        }
    }
    out.field(value.combine.as_str());
    scenario(&mut out, &value.scenario, &case.path, shared);
    out.finish()
}

fn list<'a>(out: &mut Hasher, items: impl Iterator<Item = &'a str>) {
    let mut items: Vec<&str> = items.collect();
    items.sort_unstable();
    items.dedup();
    out.field(&items.len().to_string());
    for item in items {
        out.field(item);
    }
}

fn scenario(out: &mut Hasher, scenario: &Scenario, path: &str, shared: &SharedByPath<'_>) {
    let texts = [
        &scenario.description,
        &scenario.preconditions,
        &scenario.remarks,
        &scenario.postconditions,
    ];
    for text in texts {
        out.field(&plain(text));
    }
    for (heading, text) in &scenario.other {
        out.field("section").field(&plain(heading));
        out.field(&plain(text));
    }
    steps(out, &scenario.steps, path, shared, &mut Vec::new());
}

fn steps<'a>(
    out: &mut Hasher,
    list: &[ScenarioStep],
    path: &str,
    shared: &SharedByPath<'a>,
    within: &mut Vec<&'a str>,
) {
    out.field("steps");
    for step in list {
        let target = step.shared.as_deref();
        let target = target.and_then(|target| paths::resolve(path, target));
        let found = target.and_then(|target| shared.get_key_value(target.as_str()));
        match found {
            Some((key, doc)) if within.len() < DEPTH_MAX && !within.contains(key) => {
                within.push(key);
                let inner = &doc.value.scenario;
                out.field("shared").field(&plain(&inner.remarks));
                steps(out, &inner.steps, &doc.path, shared, within);
                within.pop();
            }
            _ => {
                out.field("step").field(&plain(&step.action));
            }
        }
        for (name, text) in [("expected", &step.expected), ("data", &step.data)] {
            if let Some(text) = text {
                out.field(name).field(&plain(text));
            }
        }
        if !step.steps.is_empty() {
            steps(out, &step.steps, path, shared, within);
        }
    }
    out.field("end");
}

/// Writes the plain form.
#[derive(Debug, Default)]
struct Plain {
    out: String,
    /// White space came that is written before the next word.
    space: bool,
    /// Inside a block of code, where white space counts.
    code: bool,
    /// Addresses of open links.
    links: Vec<String>,
}

impl Plain {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) if self.code => self.out.push_str(&text),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                self.flush();
                self.out.push('`');
                self.out.push_str(&text);
                self.out.push('`');
            }
            Event::Html(html) | Event::InlineHtml(html) => self.text(&html),
            Event::SoftBreak | Event::HardBreak => self.space = true,
            Event::Rule => self.block("---"),
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(name) => self.text(&name),
            Event::InlineMath(math) | Event::DisplayMath(math) => self.text(&math),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => self.block(&format!("{level} ")),
            Tag::BlockQuote(_) => self.block("> "),
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(language) => language,
                    CodeBlockKind::Indented => "",
                };
                self.block(&format!("```{language}\n"));
                self.code = true;
            }
            Tag::List(first) => self.block(if first.is_some() { "1" } else { "-" }),
            Tag::Item => self.block("* "),
            Tag::TableHead | Tag::TableRow => self.block("|"),
            Tag::Strikethrough => self.text("~~"),
            Tag::Link { dest_url, .. } => self.links.push(dest_url.into_string()),
            Tag::Image { dest_url, .. } => {
                self.text("![");
                self.links.push(dest_url.into_string());
            }
            Tag::Paragraph | Tag::Table(_) | Tag::HtmlBlock | Tag::TableCell => self.block(""),
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::CodeBlock => {
                self.code = false;
                self.block("```");
            }
            // What stands after a list is not its last item.
            TagEnd::List(_) | TagEnd::BlockQuote(_) => self.block("/"),
            TagEnd::TableCell => self.text("|"),
            TagEnd::Strikethrough => self.text("~~"),
            TagEnd::Link | TagEnd::Image => {
                let target = self.links.pop().unwrap_or_default();
                // An address that is its own text says nothing more.
                if !self.out.ends_with(target.as_str()) {
                    self.out.push('<');
                    self.out.push_str(&target);
                    self.out.push('>');
                }
            }
            _ => {}
        }
    }

    /// Begins a line, unless one has just begun.
    fn block(&mut self, mark: &str) {
        self.space = false;
        if !self.out.is_empty() && !self.out.ends_with('\n') && !self.out.ends_with("\n* ") {
            self.out.push('\n');
        }
        self.out.push_str(mark);
    }

    fn flush(&mut self) {
        if std::mem::take(&mut self.space) && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    fn text(&mut self, text: &str) {
        for c in text.nfc() {
            match c {
                c if c.is_whitespace() => {
                    self.space = true;
                    continue;
                }
                // Invisible: where a word may break.
                '\u{ad}' | '\u{200b}' | '\u{feff}' => continue,
                _ => self.flush(),
            }
            match c {
                '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' => self.out.push('\''),
                '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2033}' | '«' | '»' => {
                    self.out.push('"');
                }
                '\u{2010}'..='\u{2015}' | '\u{2212}' => self.out.push('-'),
                '\u{2026}' => self.out.push_str("..."),
                c => self.out.push(c),
            }
        }
    }

    fn finish(self) -> String {
        let mut out = self.out.trim_end().to_owned();
        if out.ends_with('.') && !out.ends_with("..") {
            out.pop();
        }
        let mut chars = out.chars();
        if let (Some(first), Some(second)) = (chars.next(), chars.next())
            && first.is_uppercase()
            && (second.is_lowercase() || second == ' ')
        {
            return first.to_lowercase().chain(out.chars().skip(1)).collect();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn how_a_text_is_written_means_nothing() {
        for (one, other) in [
            ("Open the\npage.", "Open the page."),
            ("Open the page.", "open  the page"),
            ("say *now*", "say _now_"),
            ("say **now**", "say now"),
            ("it\u{2019}s \u{201c}on\u{201d}", "it's \"on\""),
            ("1 \u{2013} 2\u{2026}", "1 - 2..."),
            ("- a\n- b", "* a\n* b"),
            ("- a\n- b", "- a\n\n- b"),
            ("1. a\n1. b", "1. a\n2. b"),
            ("Title\n-----\ntext", "## Title\n\ntext"),
            ("a\\_b", "a_b"),
            ("R&D", "R&amp;D"),
            ("[a](http://b.c)", "[a][1]\n\n[1]: http://b.c"),
            ("<http://b.c>", "[http://b.c](http://b.c)"),
            ("e\u{301}", "é"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "|a|b|\n|:-|-|\n|1|2|"),
            ("a  \nb", "a\nb"),
            ("~~~\nx\n~~~", "```\nx\n```"),
        ] {
            assert!(
                is_same(one, other),
                "{one:?} {other:?}: {:?} {:?}",
                plain(one),
                plain(other)
            );
        }
    }

    #[test]
    fn how_deep_a_part_of_a_step_stands_means_nothing() {
        let meant = |indent: &str| {
            let text = format!(
                "---\nid: A\ntitle: T\n---\n\n## Steps\n\n1. Open.\n{indent}- **Expected:** shown\n{indent}- **Data:** x\n"
            );
            let (case, findings) = crate::store::parse_case("a.md", text.into());
            assert_eq!(findings, []);
            digest(&case.expect("reads"), &SharedByPath::default())
        };
        assert_eq!(meant("    "), meant("   "));
        assert_eq!(meant("\t"), meant("   "));
        assert_ne!(meant(""), meant("   "));
    }

    #[test]
    fn what_a_text_says_is_kept() {
        for (one, other) in [
            ("Open the page", "Open a page"),
            ("`a b`", "`a  b`"),
            ("`Yes`", "`yes`"),
            ("- a\n- b", "- b\n- a"),
            ("- a\n- b", "1. a\n1. b"),
            ("- a\n  - b", "- a\n- b"),
            ("- a\n\nb", "- a\n- b"),
            ("[a](http://b.c)", "[a](http://b.d)"),
            ("![a](b.png)", "![a](c.png)"),
            ("a", "~~a~~"),
            ("```\n a\n```", "```\na\n```"),
            ("```sh\na\n```", "```\na\n```"),
            (
                "| a | b |\n|---|---|\n| 1 | 2 |",
                "| a | b |\n|---|---|\n| 12 | |",
            ),
            ("a b", "ab"),
            ("is on", "is not on"),
            ("<b>x</b>", "x"),
            ("wait 1.5", "wait 15"),
            ("URL", "uRL"),
            ("go on...", "go on"),
        ] {
            assert!(!is_same(one, other), "{one:?} {other:?}: {:?}", plain(one));
        }
    }

    proptest! {
        #[test]
        fn the_plain_form_never_panics_and_wrapping_changes_nothing(
            words in prop::collection::vec("[a-z]{1,8}", 1..30),
            breaks in prop::collection::vec(any::<bool>(), 30),
            any in ".{0,200}",
        ) {
            let _ = plain(&any);
            let flat = words.join(" ");
            let mut wrapped = String::new();
            for (word, cut) in words.iter().zip(breaks) {
                wrapped.push_str(word);
                wrapped.push(if cut { '\n' } else { ' ' });
            }
            prop_assert_eq!(plain(&flat), plain(&wrapped));
        }
    }
}
