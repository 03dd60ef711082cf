//! Untrusted text in Markdown for code hosts.
//!
//! Backslashes don't keep `@team` or `#12` from acting, since hosts look for those in the rendered text; they
//! don't look into code. So what could act is a code span, in which neither markup nor mentions nor
//! references work at GitHub and GitLab. All texts here are one line that was made safe to show before.

/// Writes text: plain where that is inert, else as a code span.
pub fn text(words: &str) -> String {
    match is_inert(words) {
        true => words.replace('_', "\\_"),
        false => code(words),
    }
}

/// Writes a sentence: plain, with those of its words as code spans that could act, and with what is in
/// backticks.
pub fn prose(sentence: &str) -> String {
    let words: Vec<&str> = sentence.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    let mut acting: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let ticked = ticked(&words[at..]);
        let word = words[at];
        if ticked.is_none() && (!is_inert(word) || (at == 0 && begins_block(word))) {
            acting.push(word);
            at += 1;
            continue;
        }
        out.extend(span(&acting));
        acting.clear();
        match ticked {
            Some((n, written)) => {
                out.push(written);
                at += n;
            }
            None => {
                out.push(word.replace('_', "\\_"));
                at += 1;
            }
        }
    }
    out.extend(span(&acting));
    out.join(" ")
}

/// Marks that may stand before and after a code span.
const BEFORE: [char; 2] = ['“', '('];
const AFTER: [char; 6] = ['”', ')', ',', '.', ';', ':'];

/// Writes what begins with words in one pair of backticks; returns also how many words these are.
fn ticked(words: &[&str]) -> Option<(usize, String)> {
    const LONGEST: usize = 12;
    let start = words[0].trim_start_matches(BEFORE).strip_prefix('`')?;
    let before = &words[0][..words[0].len() - start.len() - 1];
    for n in 1..=words.len().min(LONGEST) {
        let joined = match n {
            1 => start.to_owned(),
            n => format!("{start} {}", words[1..n].join(" ")),
        };
        let Some((inner, after)) = joined.split_once('`') else {
            continue;
        };
        let closes = !inner.trim().is_empty() && after.chars().all(|c| AFTER.contains(&c));
        return closes.then(|| (n, format!("{before}{}{after}", code(inner))));
    }
    None
}

/// Writes words that could act as one code span, without the quotation marks and stops around them.
fn span(words: &[&str]) -> Option<String> {
    let joined = words.join(" ");
    let inner = joined.trim_start_matches(BEFORE);
    let before = &joined[..joined.len() - inner.len()];
    let kept = inner.trim_end_matches(AFTER);
    let (kept, after) = match kept.trim().is_empty() {
        true => (inner, ""),
        false => (kept, &inner[kept.len()..]),
    };
    (!joined.is_empty()).then(|| format!("{before}{}{after}", code(kept)))
}

/// Whether a first word makes a list or a heading of what follows.
fn begins_block(word: &str) -> bool {
    let digits = word.trim_end_matches(['.', ')']);
    matches!(word, "-" | "+") || (digits != word && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Writes a link; the shown text is Markdown, the address one that nothing in it ends.
pub fn linked(shown: &str, address: Option<&str>) -> String {
    match address {
        Some(address) => format!("[{shown}]({address})"),
        None => shown.to_owned(),
    }
}

/// Whether no character can begin markup, a mention, a reference, an emoji or a link.
fn is_inert(words: &str) -> bool {
    let chars: Vec<char> = words.chars().collect();
    let fits = |(at, c): (usize, &char)| match c {
        ':' => {
            let next = chars.get(at + 1);
            let between = at > 0 && chars[at - 1].is_ascii_digit();
            next.is_none_or(|next| matches!(next, ' ' | '”') || (between && next.is_ascii_digit()))
        }
        // GitLab's `%milestone` needs a name right after it.
        '%' => chars.get(at + 1).is_none_or(|next| " ,;)”".contains(*next)),
        c => c.is_alphanumeric() || " .,;()-_/'…–—·“”→?≤≥×".contains(*c),
    };
    let lower = words.to_ascii_lowercase();
    chars.iter().enumerate().all(fits) && !lower.contains("www.") && !lower.contains("gh-")
}

/// Writes a code span that nothing in the text ends.
pub fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = match text.starts_with('`') || text.ends_with('`') {
        true => " ",
        false => "",
    };
    match text.is_empty() {
        true => String::new(),
        false => format!("{fence}{pad}{text}{pad}{fence}"),
    }
}

/// Returns the length of the longest run of backticks.
pub fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTING: [&str; 10] = [
        "@alice",
        "a:x:b",
        "#12",
        "https://x",
        "www.x.example",
        "GH-12",
        "a*b*",
        "<b>",
        "&copy;",
        "%v1",
    ];

    #[test]
    fn code_spans_hold() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(text("Nightly 234, 18:43"), "Nightly 234, 18:43");
        assert_eq!(text("98 % → 95%, (5%)"), "98 % → 95%, (5%)");
        assert_eq!(text("snake_case: yes"), "snake\\_case: yes");
        for acting in ACTING {
            assert_eq!(text(acting), format!("`{acting}`"));
        }
    }

    #[test]
    fn sentences_stay_readable() {
        for (sentence, written) in [
            (
                "step 2 says “ask @alice”: no",
                "step 2 says “ask `@alice`”: no",
            ),
            ("see [the page](x), then", "see `[the page](x`), then"),
            ("is &copy; and snake_case", "is `&copy`; and snake\\_case"),
            ("the file `a b.md`: no", "the file `a b.md`: no"),
            ("`@a` (`b`), `c`d", "`@a` (`b`), `` `c`d ``"),
            ("`a`@b `c", "`` `a`@b `c ``"),
            ("“a` b”", "“`` a` `` b”"),
            ("1. “@a”: ```b", "````1. “@a”: ```b````"),
            ("- a", "`-` a"),
            ("“” → ”", "“” → ”"),
            ("@", "`@`"),
            ("“`”", "“`` ` ``”"),
        ] {
            assert_eq!(prose(sentence), written);
        }
    }
}
