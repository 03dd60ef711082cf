//! JUnit XML: one suite, so that any CI shows what passed and what did not. Read by GitLab, Jenkins
//! and our own intake alike: no nested suites, one failure a case, names unique in the suite.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::View;
use super::item::{Item, Level};
use crate::base::text::{sanitize, sanitize_line};

/// A suite to write.
#[derive(Clone, Debug, Default)]
pub struct JunitSuite {
    pub name: String,
    pub cases: Vec<JunitCase>,
}

/// One test of a suite. Class name and name tell it from the others.
#[derive(Clone, Debug, Default)]
pub struct JunitCase {
    pub class_name: String,
    pub name: String,
    /// From the repository's root, where the test is about a file.
    pub file: Option<String>,
    pub failure: Option<JunitFailure>,
    /// What is worth reading of a test that passed, too.
    pub output: Option<String>,
}

/// Why a test failed.
#[derive(Clone, Debug, Default)]
pub struct JunitFailure {
    /// What kind of failure it is, in one word.
    pub kind: Option<String>,
    /// One line.
    pub message: String,
    /// All of it; lines.
    pub text: String,
}

impl JunitSuite {
    /// Makes one test of each file, of those of the items besides. Errors fail it; what else is said
    /// of a file stands in its output. Paths are from the repository's root.
    pub fn of_files<'a>(
        name: &str,
        files: impl IntoIterator<Item = &'a str>,
        items: &'a [Item],
    ) -> Self {
        let mut by_file: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        for file in files {
            by_file.entry(file).or_default();
        }
        for item in items {
            by_file.entry(&item.path).or_default().push(item);
        }
        let cases = by_file.into_iter().map(|(path, items)| {
            let (errors, others): (Vec<&Item>, Vec<&Item>) = items
                .into_iter()
                .partition(|item| item.level == Level::Error);
            JunitCase {
                class_name: name.to_owned(),
                name: path.to_owned(),
                file: Some(path.to_owned()),
                failure: failure(&errors),
                output: (!others.is_empty()).then(|| lines(&others)),
            }
        });
        Self {
            name: name.to_owned(),
            cases: cases.collect(),
        }
    }

    /// Renders the suite.
    pub fn render(&self) -> View {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        self.write(&mut writer)
            .expect("memory takes all that is written");
        let text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
        View {
            text: text + "\n",
            left_out: None,
        }
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let failures = self.cases.iter().filter(|case| case.failure.is_some());
        writer
            .create_element("testsuite")
            .with_attribute(("name", held(&self.name).as_str()))
            .with_attribute(("tests", self.cases.len().to_string().as_str()))
            .with_attribute(("failures", failures.count().to_string().as_str()))
            .write_inner_content(|writer| {
                self.cases.iter().try_for_each(|case| case.write(writer))
            })?;
        Ok(())
    }
}

impl JunitCase {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let mut element = writer
            .create_element("testcase")
            .with_attribute(("classname", held(&self.class_name).as_str()))
            .with_attribute(("name", held(&self.name).as_str()));
        if let Some(file) = &self.file {
            element = element.with_attribute(("file", held(file).as_str()));
        }
        if self.failure.is_none() && self.output.is_none() {
            element.write_empty()?;
            return Ok(());
        }
        element.write_inner_content(|writer| {
            if let Some(failure) = &self.failure {
                let mut element = writer
                    .create_element("failure")
                    .with_attribute(("message", held(&failure.message).as_str()));
                if let Some(kind) = &failure.kind {
                    element = element.with_attribute(("type", held(kind).as_str()));
                }
                element.write_text_content(BytesText::new(&held(&failure.text)))?;
            }
            if let Some(output) = &self.output {
                let element = writer.create_element("system-out");
                element.write_text_content(BytesText::new(&held(output)))?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn failure(errors: &[&Item]) -> Option<JunitFailure> {
    let first = errors.first()?;
    let message = match errors.len() - 1 {
        0 => first.message.clone(),
        more => format!("{} (and {more} more)", first.message),
    };
    Some(JunitFailure {
        kind: Some(first.code.clone()),
        message: sanitize_line(&message),
        text: lines(errors),
    })
}

/// Writes items as lines that editors and `grep` understand.
fn lines(items: &[&Item]) -> String {
    let mut out = String::new();
    for item in items {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&sanitize_line(&item.path));
        if let Some((start, _)) = item.range {
            let _ = write!(out, ":{}:{}", start.line, start.column);
        }
        let word = match item.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let _ = write!(out, ": {} {word}: {}", item.code, item.with_help());
    }
    out
}

/// Replaces what XML can't hold, and what a terminal must not get.
fn held(text: &str) -> String {
    let is_held = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    sanitize(text)
        .chars()
        .map(|c| if is_held(c) { c } else { '\u{fffd}' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::render::item::tests::item;

    #[test]
    fn errors_fail_their_file_and_warnings_do_not() {
        let mut other = item(Level::Error, None, "not UTF-8");
        other.path = "qa/z\u{1b}[2J.md".to_owned();
        let mut second = item(Level::Error, Some(4), "wrong <x> & ]]>");
        second.help = Some("mend it".to_owned());
        let all = [
            item(Level::Error, Some(2), "odd \"y\""),
            item(Level::Warning, Some(3), "unused"),
            second,
            other,
        ];
        let suite = JunitSuite::of_files("tallybook validate", ["qa/b.md", "qa/a b.md"], &all);
        insta::assert_snapshot!(suite.render().text, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="tallybook validate" tests="3" failures="2">
          <testcase classname="tallybook validate" name="qa/a b.md" file="qa/a b.md">
            <failure message="odd &quot;y&quot; (and 1 more)" type="TB0100">qa/a b.md:2:3: TB0100 error: odd &quot;y&quot;
        qa/a b.md:4:3: TB0100 error: wrong &lt;x&gt; &amp; ]]&gt;
        help: mend it</failure>
            <system-out>qa/a b.md:3:3: TB0100 warning: unused</system-out>
          </testcase>
          <testcase classname="tallybook validate" name="qa/b.md" file="qa/b.md"/>
          <testcase classname="tallybook validate" name="qa/z\u{1b}[2J.md" file="qa/z\u{1b}[2J.md">
            <failure message="not UTF-8" type="TB0100">qa/z\u{1b}[2J.md: TB0100 error: not UTF-8</failure>
          </testcase>
        </testsuite>
        "#);
    }
}
