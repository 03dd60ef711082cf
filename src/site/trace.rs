//! Stack traces for people: own frames stand out, those of libraries are folded, and what a line says is told apart by
//! colour and weight. The script of results does the same to what it reads; both are held together by a check in Chromium.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use tera::{Kwargs, State, TeraResult, Value};

use super::texts::say;
use crate::analysis::frames::{Kind, kinds};
use crate::base::text::escaped;

/// Gives templates `trace(text=…)`, and `trace(text=…, flat=true)` for paper, where nothing can be opened.
pub(crate) fn function() -> Function {
    Function
}

pub(crate) struct Function;

impl tera::Function<TeraResult<Value>> for Function {
    fn call(&self, kwargs: Kwargs, _: &State<'_>) -> TeraResult<Value> {
        let text = kwargs.must_get::<&str>("text")?;
        let flat = kwargs.get::<bool>("flat")?.unwrap_or(false);
        Ok(Value::safe_string(&html(text, flat)))
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Writes a trace as markup. Nothing of the text becomes markup itself.
fn html(trace: &str, flat: bool) -> String {
    let lines: Vec<&str> = trace.lines().collect();
    let kinds = kinds(trace);
    if kinds.iter().all(|kind| *kind == Kind::Text) {
        let lines: Vec<String> = lines.iter().map(|text| line(text, Kind::Text)).collect();
        return format!(
            "<pre class=\"trace\" dir=\"ltr\">{}</pre>",
            lines.join("\n")
        );
    }
    let mut out = String::from("<div class=\"trace framed\" dir=\"ltr\"");
    // Excerpts of code don't wrap: what scrolls is in reach of keyboards.
    if !flat && lines.iter().any(|text| is_excerpt(text)) {
        let name = escaped(&say!("script.trace"));
        out.push_str(&format!(
            " tabindex=\"0\" role=\"group\" aria-label=\"{name}\""
        ));
    }
    out.push('>');
    let mut at = 0;
    for run in kinds.chunk_by(|a, b| a == b) {
        let (kind, some) = (run[0], &lines[at..at + run.len()]);
        at += run.len();
        let folds = kind == Kind::Library && some.len() > 1 && !flat;
        if folds {
            let n = say!("script.frames-of-libraries", n = calls(some));
            out.push_str("<details class=\"frames\"><summary>");
            out.push_str(&escaped(&n));
            out.push_str("</summary>");
        }
        let class = match kind {
            Kind::Own => "own",
            Kind::Library => "library",
            Kind::Text => "words",
        };
        let class = |text: &str| match kind == Kind::Text && is_excerpt(text) {
            true => "words code",
            false => class,
        };
        for text in some {
            let (class, said) = (class(text), line(text, kind));
            out.push_str(&format!("<span class=\"{class}\">{said}\n</span>"));
        }
        if folds {
            out.push_str("</details>");
        }
    }
    out.push_str("</div>");
    out
}

/// A file of code with the number of a line behind it.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"([A-Za-z0-9_@.+~\\/:-]*[A-Za-z0-9_+~-]\.(?:py|jsx?|tsx?|mjs|cjs|rs|go|rb|php|cs|fs|java|kts?|swift|exs?|scala|groovy|cpp|cc|c|h))(["']?(?:, line |:line |:)[0-9]+(?::[0-9]+)?)"#,
    )
    .expect("a fixed pattern")
});

/// The class of an error at the beginning of a line.
static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(\s*(?:E\s+)?(?:Caused by: )?)((?:[A-Za-z0-9_$]+(?:\.|::))*[A-Z][A-Za-z0-9_$]*(?:Error|Exception|Failure|Failed|Panic|Interrupt|Timeout|Warning))(:|$)",
    )
    .expect("a fixed pattern")
});

/// Words of languages that tests are written in, as far as they aren't words of English sentences too.
const KEYWORDS: [&str; 40] = [
    "assert", "async", "await", "catch", "class", "const", "def", "defer", "elif", "else",
    "except", "expect", "false", "False", "finally", "fn", "for", "from", "func", "function", "if",
    "import", "in", "is", "let", "new", "nil", "None", "not", "null", "raise", "return", "self",
    "this", "throw", "true", "True", "try", "while", "with",
];

/// Writes one line of a trace.
fn line(text: &str, kind: Kind) -> String {
    if kind != Kind::Text
        && let Some(found) = PLACE.captures(text)
    {
        let whole = found.get(0).map_or(0..0, |m| m.range());
        let path = &text[found.get(1).map_or(0..0, |m| m.range())];
        let number = &text[found.get(2).map_or(0..0, |m| m.range())];
        let cut = path.rfind(['/', '\\']).map_or(0, |at| at + 1);
        return format!(
            "{}{}<b>{}{}</b>{}",
            escaped(&text[..whole.start]),
            escaped(&path[..cut]),
            escaped(&path[cut..]),
            escaped(number.trim_start_matches(['"', '\''])),
            escaped(&text[whole.end..]),
        );
    }
    if kind == Kind::Library {
        return escaped(text);
    }
    if kind == Kind::Text
        && let Some(found) = ERROR.captures(text)
    {
        let (before, name) = (found.get(1), found.get(2).map_or(0..0, |m| m.range()));
        return format!(
            "{}<b class=\"t-error\">{}</b>{}",
            escaped(before.map_or("", |m| m.as_str())),
            escaped(&text[name.clone()]),
            tokens(&text[name.end..], false)
        );
    }
    let (is_marked, is_verdict) = (text.trim_start().starts_with('>'), is_verdict(text));
    let is_code = kind == Kind::Own || is_marked || text.starts_with("    ") || is_excerpt(text);
    match (
        tokens(text, is_code && !is_verdict),
        is_marked || is_verdict,
    ) {
        (said, true) => format!("<span class=\"at\">{said}</span>"),
        (said, false) => said,
    }
}

/// Whether a line is one in which pytest says what went wrong.
fn is_verdict(text: &str) -> bool {
    text.strip_prefix('E')
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Whether a line is one of an excerpt of code, as Playwright and Vitest print them: its number, `|`, and the code.
fn is_excerpt(text: &str) -> bool {
    let rest = text.trim_start();
    let rest = rest.strip_prefix('>').unwrap_or(rest).trim_start();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    rest.strip_prefix('|')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Marks what is written as a text or a number, and in code the words of its language.
fn tokens(text: &str, is_code: bool) -> String {
    let (mut out, mut plain, mut at) = (String::new(), 0, 0);
    while let Some(c) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        let token = token(text, at, c, before, is_code);
        let Some((class, range)) = token else {
            at += c.len_utf8();
            continue;
        };
        out.push_str(&escaped(&text[plain..range.start]));
        out.push_str(&format!(
            "<span class=\"{class}\">{}</span>",
            escaped(&text[range.clone()])
        ));
        (plain, at) = (range.end, range.end);
    }
    out.push_str(&escaped(&text[plain..]));
    out
}

fn token(
    text: &str,
    at: usize,
    c: char,
    before: Option<char>,
    is_code: bool,
) -> Option<(&'static str, Range<usize>)> {
    let is_joined = before.is_some_and(is_word);
    match c {
        '"' | '`' => quoted(text, at, c).map(|end| ("t-text", at..end)),
        // An apostrophe within a word quotes nothing.
        '\'' if !is_joined => quoted(text, at, c)
            .filter(|end| !text[*end..].starts_with(is_word))
            .map(|end| ("t-text", at..end)),
        _ if is_joined || before == Some('.') || !is_word(c) => None,
        _ => {
            let rest = &text[at..];
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            if c.is_ascii_digit() {
                return number(rest).map(|end| ("t-number", at..at + end));
            }
            (is_code && KEYWORDS.contains(&word)).then_some(("t-word", at..at + end))
        }
    }
}

/// The end of a text in quotes.
fn quoted(text: &str, at: usize, quote: char) -> Option<usize> {
    let mut chars = text[at + 1..].char_indices();
    while let Some((offset, c)) = chars.next() {
        match c {
            '\\' if quote != '`' => drop(chars.next()),
            c if c == quote => return Some(at + 1 + offset + 1),
            _ => (),
        }
    }
    None
}

/// The length of the number that a text begins with; none where it is part of a word.
fn number(text: &str) -> Option<usize> {
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let mut end = digits(text);
    if let Some(rest) = text[end..].strip_prefix('.') {
        let more = digits(rest);
        end += if more > 0 { 1 + more } else { 0 };
    }
    let rest = &text[end..];
    let is_part = rest.starts_with(is_word)
        || rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(is_word));
    (!is_part).then_some(end)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// How many calls some lines are: of those with two lines, one is counted.
fn calls(lines: &[&str]) -> usize {
    let count =
        |fits: &dyn Fn(&str) -> bool| lines.iter().filter(|line| fits(line.trim_start())).count();
    let is_numbered = |line: &str| {
        let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        digits > 0 && line[digits..].starts_with(": ")
    };
    let is_placed = |line: &str| {
        let first = line.split_whitespace().next().unwrap_or_default();
        first
            .match_indices(':')
            .any(|(at, _)| first[at + 1..].starts_with(|c: char| c.is_ascii_digit()))
    };
    let forms: [&dyn Fn(&str) -> bool; 4] = [
        &|line| line.starts_with("File \""),
        &is_numbered,
        &|line| line.starts_with("at ") || line.starts_with("... "),
        &is_placed,
    ];
    let counts = forms.into_iter().map(count);
    counts.into_iter().find(|n| *n > 0).unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_frames_stand_out_and_those_of_libraries_are_folded() {
        let trace = "java.lang.IllegalStateException: cart of 'anna' has 3 items\n\
                     \tat org.junit.Assert.fail(Assert.java:89)\n\
                     \tat org.junit.Assert.assertTrue(Assert.java:42)\n\
                     \tat shop.CartTest.adds(src/shop/CartTest.java:17)\n";
        let out = html(trace, false);
        assert_eq!(
            out,
            "<div class=\"trace framed\" dir=\"ltr\">\
             <span class=\"words\"><b class=\"t-error\">java.lang.IllegalStateException</b>: cart of \
             <span class=\"t-text\">&#39;anna&#39;</span> has <span class=\"t-number\">3</span> items\n</span>\
             <details class=\"frames\"><summary>2 frames of libraries</summary>\
             <span class=\"library\">\tat org.junit.Assert.fail(<b>Assert.java:89</b>)\n</span>\
             <span class=\"library\">\tat org.junit.Assert.assertTrue(<b>Assert.java:42</b>)\n</span></details>\
             <span class=\"own\">\tat shop.CartTest.adds(src/shop/<b>CartTest.java:17</b>)\n</span></div>"
        );
        assert!(!html(trace, true).contains("<details"));
    }

    /// The script of results is held against the same files in Chromium.
    #[test]
    fn the_fixture_is_what_scripts_have_to_make_too() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces");
        let read = |name: &str| {
            let text = crate::base::files::read(&folder.join(name)).expect("a fixture");
            String::from_utf8(text).expect("text").replace("\r\n", "\n")
        };
        let trace = read("trace.txt");
        assert_eq!(html(&trace, false) + "\n", read("trace.html"));
        assert_eq!(
            crate::site::build::details::frames(&trace) + "\n",
            read("trace.frames")
        );
    }

    #[test]
    fn code_has_its_words_and_sentences_do_not() {
        assert_eq!(
            line(">       assert total == 12.5", Kind::Text),
            "<span class=\"at\">&gt;       <span class=\"t-word\">assert</span> total == \
             <span class=\"t-number\">12.5</span></span>"
        );
        assert_eq!(
            line("it doesn't assert that isn't v1.2.3 or x86", Kind::Text),
            "it doesn&#39;t assert that isn&#39;t v1.2.3 or x86"
        );
        assert_eq!(
            line("E       TypeError: no \"total\"", Kind::Text),
            "E       <b class=\"t-error\">TypeError</b>: no <span class=\"t-text\">&quot;total&quot;</span>"
        );
    }

    #[test]
    fn text_stays_text() {
        let known =
            Regex::new(r#"</?(?:b|span)(?: class="(?:at|t-[a-z]+)")?>"#).expect("a pattern");
        for hostile in [
            "<script>alert(1)</script>",
            "at <img src=x onerror=alert(1)>.js:3",
            "\"<b>\" '</span>' `<i>`",
            "Caused by: XError: <svg/onload=alert(1)>",
        ] {
            for kind in [Kind::Own, Kind::Library, Kind::Text] {
                let out = line(hostile, kind);
                assert!(!known.replace_all(&out, "").contains(['<', '>']), "{out}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_character_is_lost(text in "[ -~\u{e4}\u{4e2d}]{0,60}") {
            let tags = Regex::new("<[^>]*>").expect("a pattern");
            for kind in [Kind::Text, Kind::Library] {
                let out = line(&text, kind);
                let bare = tags.replace_all(&out, "").into_owned();
                let bare = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
                // The quote between a file and its line goes.
                if !PLACE.is_match(&text) {
                    proptest::prop_assert_eq!(&bare, &text);
                }
            }
        }
    }
}
