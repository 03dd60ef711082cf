//! Texts with what differs from run to run folded: numbers, ids, addresses, times, durations and
//! folders. Linear in the text.

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Text(&'t str),
    Folded(Kind),
}

/// What was folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `42`, `1,204.5`
    Number,
    /// `30000ms`, `1m30s`, `5 seconds`
    Duration,
    /// `0x7ffee4c0`
    Address,
    Uuid,
    /// A word of hex digits, or one that mixes letters and digits at random.
    Id,
    /// `2026-11-22`, with or without a time of day and a zone.
    Time,
    /// The folders of an absolute path, the last separator included.
    Folder,
    /// White space other than one blank.
    Space,
    /// White space with a line break.
    Break,
}

impl Kind {
    /// A word that stands for it in a fingerprint.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Duration => "duration",
            Self::Address => "address",
            Self::Uuid => "uuid",
            Self::Id => "id",
            Self::Time => "time",
            Self::Folder => "folder",
            Self::Space => "space",
            Self::Break => "break",
        }
    }

    /// Returns a regular expression that matches every text that folds to this.
    pub(super) fn pattern(self) -> &'static str {
        match self {
            Self::Number => r"[\d.,]+",
            Self::Duration => r"[\d.,]+ ?[a-zµμ][\da-z.,µμ]*",
            Self::Address => "0[xX][0-9a-fA-F]+",
            Self::Uuid => "[0-9a-fA-F-]{36}",
            Self::Id => "[0-9A-Za-z]+",
            Self::Time => r"\d{4}-\d\d-\d\d(?:[T ][\d:.,]+(?:Z|[+-][\d:]+)?)?",
            Self::Folder => r"\S*[/\\]",
            Self::Space | Self::Break => r"\s+",
        }
    }
}

const UNITS: [&str; 18] = [
    "ns", "us", "µs", "μs", "ms", "s", "sec", "secs", "second", "seconds", "m", "min", "mins",
    "minute", "minutes", "h", "hour", "hours",
];

/// Where builds and machines keep files. Other paths may be addresses on a server, which tell one
/// failure from another.
const ROOTS: [&str; 26] = [
    "home",
    "Users",
    "users",
    "tmp",
    "temp",
    "var",
    "opt",
    "usr",
    "root",
    "builds",
    "build",
    "workspace",
    "workspaces",
    "private",
    "mnt",
    "srv",
    "github",
    "__w",
    "nix",
    "work",
    "repo",
    "code",
    "runner",
    "Library",
    "proc",
    "dev",
];

/// Splits a text, without the white space around it, into what stays and what is folded. Pieces that
/// stay are never empty and never neighbours.
pub(super) fn fold(text: &str) -> Vec<Token<'_>> {
    let text = text.trim();
    let mut tokens = Vec::new();
    let (mut kept, mut at) = (0, 0);
    let mut previous = None;
    while let Some(c) = text[at..].chars().next() {
        let folded = folded(text, at, c, previous);
        let Some((kind, len)) = folded else {
            at += c.len_utf8();
            previous = Some(c);
            continue;
        };
        if kept < at {
            tokens.push(Token::Text(&text[kept..at]));
        }
        tokens.push(Token::Folded(kind));
        at += len;
        kept = at;
        previous = text[..at].chars().next_back();
    }
    if kept < at {
        tokens.push(Token::Text(&text[kept..at]));
    }
    tokens
}

/// Returns what begins at a place and is folded, with its length in bytes.
fn folded(text: &str, at: usize, c: char, previous: Option<char>) -> Option<(Kind, usize)> {
    let rest = &text[at..];
    if c.is_whitespace() {
        return white(rest);
    }
    let inside = previous.is_some_and(is_word);
    if !inside && c.is_ascii_alphanumeric() {
        let own = time(rest)
            .map(|len| (Kind::Time, len))
            .or_else(|| uuid(rest).map(|len| (Kind::Uuid, len)))
            .or_else(|| address(rest).map(|len| (Kind::Address, len)))
            .or_else(|| drive(rest).map(|len| (Kind::Folder, len)))
            .or_else(|| id(rest).map(|len| (Kind::Id, len)))
            .or_else(|| duration(rest).map(|len| (Kind::Duration, len)));
        if own.is_some() {
            return own;
        }
    }
    if c.is_ascii_digit() {
        return Some((Kind::Number, number(rest)));
    }
    let begins = previous.is_none_or(|c| c.is_whitespace() || "\"'`([{<>=:,@".contains(c))
        || text[..at].ends_with("file://");
    if c == '/' && begins {
        return folder(rest).map(|len| (Kind::Folder, len));
    }
    None
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a word ends where this begins.
fn ends_word(rest: &str) -> bool {
    !rest.starts_with(is_word)
}

fn white(rest: &str) -> Option<(Kind, usize)> {
    let len = rest.len() - rest.trim_start().len();
    match &rest[..len] {
        " " => None,
        run if run.contains('\n') => Some((Kind::Break, len)),
        _ => Some((Kind::Space, len)),
    }
}

fn run(rest: &str, fits: impl Fn(u8) -> bool) -> usize {
    rest.bytes().take_while(|byte| fits(*byte)).count()
}

/// Digits, with single points and commas between them.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut len = run(rest, |b| b.is_ascii_digit());
    while len > 0
        && matches!(bytes.get(len), Some(b'.' | b','))
        && bytes.get(len + 1).is_some_and(u8::is_ascii_digit)
    {
        len += 1 + run(&rest[len + 1..], |b| b.is_ascii_digit());
    }
    len
}

fn duration(rest: &str) -> Option<usize> {
    let mut len = number(rest);
    if len == 0 {
        return None;
    }
    if rest[len..].starts_with(' ') {
        len += 1;
    }
    loop {
        let letters =
            rest[len..].find(|c: char| !(c.is_ascii_lowercase() || matches!(c, 'µ' | 'μ')));
        let letters = letters.unwrap_or(rest.len() - len);
        if !UNITS.contains(&&rest[len..len + letters]) {
            return None;
        }
        len += letters;
        match number(&rest[len..]) {
            0 => return ends_word(&rest[len..]).then_some(len),
            more => len += more,
        }
    }
}

fn address(rest: &str) -> Option<usize> {
    let hex = rest.strip_prefix("0x").or(rest.strip_prefix("0X"))?;
    let digits = run(hex, |b| b.is_ascii_hexdigit());
    (digits > 0).then_some(2 + digits)
}

fn uuid(rest: &str) -> Option<usize> {
    const LEN: usize = 36;
    let bytes = rest.as_bytes().get(..LEN)?;
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let fits = bytes.iter().enumerate().all(fits);
    (fits && ends_word(&rest[LEN..])).then_some(LEN)
}

fn id(rest: &str) -> Option<usize> {
    let len = run(rest, |b| b.is_ascii_alphanumeric());
    let word = &rest.as_bytes()[..len];
    let digits = word.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == 0 || digits == len || !ends_word(&rest[len..]) {
        return None;
    }
    let hex = len >= 8 && word.iter().all(u8::is_ascii_hexdigit);
    let differ = |pair: &&[u8]| pair[0].is_ascii_digit() != pair[1].is_ascii_digit();
    let random = len >= 16 && word.windows(2).filter(differ).count() >= 3;
    (hex || random).then_some(len)
}

fn time(rest: &str) -> Option<usize> {
    const DAY: usize = 10;
    let shaped = |text: &str, shape: &str| {
        let bytes = text.as_bytes();
        bytes.len() >= shape.len()
            && bytes.iter().zip(shape.bytes()).all(|(byte, of)| match of {
                b'0' => byte.is_ascii_digit(),
                of => *byte == of,
            })
    };
    if !shaped(rest, "0000-00-00") || rest[DAY..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let clock = &rest[DAY..];
    if !shaped(clock, "T00:00") && !shaped(clock, " 00:00") {
        return Some(DAY);
    }
    let mut len = 1 + run(&clock[1..], |b| {
        b.is_ascii_digit() || b == b':' || b == b'.' || b == b','
    });
    while !clock[..len].ends_with(|c: char| c.is_ascii_digit()) {
        len -= 1;
    }
    let zone = &clock[len..];
    len += match zone.bytes().next() {
        Some(b'Z') => 1,
        Some(b'+' | b'-') if shaped(&zone[1..], "00:00") => 6,
        Some(b'+' | b'-') if shaped(&zone[1..], "0000") => 5,
        _ => 0,
    };
    Some(DAY + len)
}

/// The folders of a path, up to its last separator.
fn folders(path: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || "\"'`<>|,;()[]{}:*?".contains(c);
    let path = &path[..path.find(ends).unwrap_or(path.len())];
    let last = path.rfind(['/', '\\'])?;
    Some(last + 1)
}

fn folder(rest: &str) -> Option<usize> {
    let below = &rest[1..];
    let root = below.split('/').next()?;
    if !ROOTS.contains(&root) || root.len() == below.len() {
        return None;
    }
    folders(rest)
}

/// `C:\` and what follows.
fn drive(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let drive = bytes[0].is_ascii_alphabetic()
        && bytes.get(1) == Some(&b':')
        && matches!(bytes.get(2), Some(b'\\' | b'/'))
        // `s://` is the end of an address's scheme.
        && !rest[2..].starts_with("//");
    if !drive {
        return None;
    }
    Some(2 + folders(&rest[2..])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tokens = fold(text).into_iter();
        tokens
            .map(|token| match token {
                Token::Text(text) => text.to_owned(),
                Token::Folded(kind) => format!("<{}>", kind.tag()),
            })
            .collect()
    }

    #[test]
    fn worked_examples() {
        for (text, folded) in [
            (
                "expected 3, got 1,204.5.",
                "expected <number>, got <number>.",
            ),
            ("user42 is unknown", "user<number> is unknown"),
            ("after 30000ms", "after <duration>"),
            (
                "took 1m30.5s, or 5 seconds",
                "took <duration>, or <duration>",
            ),
            ("5 sheep, 3x", "<number> sheep, <number>x"),
            ("at 0x7ffee4c0", "at <address>"),
            (
                "cart 550e8400-e29b-41d4-a716-446655440000 is gone",
                "cart <uuid> is gone",
            ),
            (
                "commit 4f7ka1b2",
                "commit <number>f<number>ka<number>b<number>",
            ),
            ("commit a1b2c3d4e", "commit <id>"),
            ("token aK3pQ7zLm9XcV2bN", "token <id>"),
            ("on 2026-11-22T18:43:00.123Z:", "on <time>:"),
            (
                "on 2026-11-22 18:43:00,123+0100 and 2026-11-23",
                "on <time> and <time>",
            ),
            ("at 18:43:00", "at <number>:<number>:<number>"),
            (
                "/home/ci/shop/tests/test_cart.py:42",
                "<folder>test_cart.py:<number>",
            ),
            (
                r"in C:\agent\_work\1\s\Cart.cs:line 42",
                "in <folder>Cart.cs:line <number>",
            ),
            (
                "file:///builds/a/b.js:1:2",
                "file://<folder>b.js:<number>:<number>",
            ),
            (
                "GET /api/carts/17 gave 503",
                "GET /api/carts/<number> gave <number>",
            ),
            ("https://shop.test/a/1", "https://shop.test/a/<number>"),
            ("a\tb  c\r\n\n  d ", "a<space>b<space>c<break>d"),
            ("日本42", "日本<number>"),
            ("", ""),
        ] {
            assert_eq!(shown(text), folded, "{text}");
        }
    }
}
