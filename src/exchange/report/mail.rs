//! Plain mail, ready for `sendmail -t`: headers, an empty line, 78 columns.

use base64ct::{Base64, Encoding as _};

use super::data::{Report, Test};
use super::terminal;
use super::words::{self, line};
use crate::base::fit::{Part, bytes, fit};
use crate::base::text::width;

/// Columns that a line has, addresses of pages apart.
const COLUMNS: usize = 78;
/// What mailers take without asking, in bytes.
const LIMIT: usize = 256 * 1024;

/// Returns a message without sender and recipients; the subject is its first line.
pub fn mail(report: &Report) -> String {
    let subject = format!(
        "[{}] {}: {}",
        report.launch.project,
        line(&report.launch.name, 60),
        words::verdict_line(report)
    );
    let headers = format!(
        "{}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n",
        header("Subject", &line(&subject, 200)),
    );
    let mut parts: Vec<Part> = words::sections(report)
        .into_iter()
        .map(|(title, tests, failing)| Part {
            head: format!("\n{}\n", wrapped(&title, 0).trim_end()),
            items: tests.tests.iter().map(|test| item(test, failing)).collect(),
            count: tests.count,
            more: ("  ", "\n"),
            tail: String::new(),
        })
        .collect();
    if !report.resolutions.is_empty() {
        let answers = report.resolutions.iter();
        parts.push(Part {
            head: "\nDefects and mutes\n".to_owned(),
            items: answers
                .map(|answer| wrapped(&terminal::answer(answer), 4))
                .collect(),
            count: report.resolutions.len() as u64,
            more: ("  ", "\n"),
            tail: String::new(),
        });
    }
    let evidence = terminal::evidence(report);
    let evidence = evidence
        .iter()
        .map(|(name, value)| wrapped(&format!("{name}: {value}"), 4));
    let evidence: String = evidence.collect();
    let first = format!("{headers}{}", opening(report));
    fit(LIMIT, bytes, &first, &parts, &format!("\n-- \n{evidence}"))
}

fn opening(report: &Report) -> String {
    let mut out = wrapped(&format!("{}.", words::verdict_line(report)), 0);
    let mut say = |text: &str| out.push_str(&wrapped(text, 2));
    say(&format!("  {}", words::counts(report)));
    if report.pass_rate.of > 0 {
        say(&format!("  pass rate {}", words::share(&report.pass_rate)));
    }
    if let Some(baseline) = &report.baseline {
        say(&format!(
            "  against {}, {}:",
            line(&baseline.launch.name, words::LABEL),
            baseline.how
        ));
        say(&format!("  {}", words::changes(report)));
        say(&format!("  {}", words::rates(report)));
    }
    if let Some(none) = &report.no_baseline {
        say(&format!(
            "  compared with nothing: {}",
            line(none, words::MESSAGE)
        ));
    }
    for note in words::limits(report)
        .iter()
        .chain(report.notes.iter().take(10))
    {
        say(&format!("  note: {}", line(note, words::MESSAGE)));
    }
    for rule in words::failed_rules(report).iter().take(10) {
        say(&format!("  gate failed: {rule}"));
    }
    out
}

fn item(test: &Test, failing: bool) -> String {
    let lines = terminal::lines(test, failing, usize::MAX);
    let lines = lines.iter().map(|line| line.trim_start()).enumerate();
    lines
        .map(|(at, text)| match at {
            0 => wrapped(&format!("  {text}"), 6),
            _ => wrapped(&format!("    {text}"), 6),
        })
        .collect()
}

/// Breaks a line at spaces, and inside words that are longer than a line, addresses apart; what goes on
/// is indented.
fn wrapped(text: &str, indent: usize) -> String {
    let own = text.len() - text.trim_start_matches(' ').len();
    let mut out = " ".repeat(own);
    let mut used = own;
    let mut fresh = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for piece in pieces(word, COLUMNS - indent) {
            let space = usize::from(!fresh);
            if !fresh && used + space + width(piece) > COLUMNS {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                (used, fresh) = (indent, true);
            }
            if !fresh {
                out.push(' ');
                used += 1;
            }
            out.push_str(piece);
            used += width(piece);
            fresh = false;
        }
    }
    out.push('\n');
    out
}

/// Cuts a word into pieces of at most so many columns; addresses stay whole.
fn pieces(word: &str, columns: usize) -> Vec<&str> {
    let is_address = word.starts_with("https://") || word.starts_with("http://");
    if width(word) <= columns || (is_address && word.is_ascii() && word.len() <= 900) {
        return vec![word];
    }
    let mut out = Vec::new();
    let mut from = 0;
    let mut used = 0;
    for (at, c) in word.char_indices() {
        let next = width(c.encode_utf8(&mut [0; 4]));
        if used + next > columns {
            out.push(&word[from..at]);
            (from, used) = (at, 0);
        }
        used += next;
    }
    out.push(&word[from..]);
    out
}

/// Writes a header on lines of at most 76 columns: folded at spaces where it is plain, else in encoded
/// words (RFC 2047).
fn header(name: &str, value: &str) -> String {
    let is_plain = value.bytes().all(|b| (b' '..=b'~').contains(&b)) && !value.contains("=?");
    let fits = |word: &str| word.len() <= HEADER - 2 - name.len();
    if is_plain && !value.contains("  ") && value.split(' ').all(fits) {
        return folded(name, value);
    }
    let mut chunks: Vec<String> = vec![String::new()];
    for c in value.chars() {
        let last = chunks.last_mut().expect("there is one");
        if last.len() + c.len_utf8() > CHUNK {
            chunks.push(c.to_string());
        } else {
            last.push(c);
        }
    }
    let words: Vec<String> = chunks
        .iter()
        .map(|chunk| format!("=?UTF-8?B?{}?=", Base64::encode_string(chunk.as_bytes())))
        .collect();
    format!("{name}: {}\n", words.join("\n "))
}

/// Columns that a line of a header has.
const HEADER: usize = 76;
/// Bytes in an encoded word: base64 makes 4 of 3, its frame and the header's name take 21 columns.
const CHUNK: usize = 39;

fn folded(name: &str, value: &str) -> String {
    let mut out = format!("{name}:");
    let mut used = out.len();
    for word in value.split(' ') {
        if used + 1 + word.len() > HEADER {
            out.push('\n');
            used = 0;
        }
        out.push(' ');
        out.push_str(word);
        used += 1 + word.len();
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken() {
        let text = format!("  one {} two", "x".repeat(100));
        let out = wrapped(&text, 4);
        assert!(out.lines().all(|line| width(line) <= COLUMNS), "{out}");
        assert_eq!(out.matches('x').count(), 100);
        assert_eq!(wrapped("a b", 0), "a b\n");
        let address = format!("https://h.example/{}", "y".repeat(100));
        assert!(wrapped(&address, 4).contains(&address));
    }

    #[test]
    fn headers_hold_any_text() {
        assert_eq!(header("Subject", "plain"), "Subject: plain\n");
        let long = "é日🦀 and more ".repeat(20);
        let out = header("Subject", &long);
        assert!(
            out.lines().all(|line| line.len() <= 76 && line.is_ascii()),
            "{out}"
        );
        let plain = header("Subject", &"word ".repeat(40));
        assert!(plain.lines().all(|line| line.len() <= 76), "{plain}");
        assert_eq!(
            plain.replace('\n', ""),
            format!("Subject: {}", "word ".repeat(40))
        );
        let words = out.trim_start_matches("Subject: ").lines().map(|word| {
            let word = word
                .trim()
                .trim_start_matches("=?UTF-8?B?")
                .trim_end_matches("?=");
            String::from_utf8(Base64::decode_vec(word).expect("base64")).expect("whole characters")
        });
        assert_eq!(words.collect::<String>(), long);
    }
}
