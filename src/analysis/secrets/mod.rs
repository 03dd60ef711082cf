//! Well-known shapes of secrets: keys and tokens that say by their form what they are.
//!
//! A text is first asked for the beginnings of all shapes at once, which most texts have none of; only
//! then do expressions look closer. What is found is named by its shape and never shown.

mod shapes;

use std::borrow::Cow;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::Regex;

use self::shapes::{LOGIN, SHAPES, Shape, URL_PASSWORD};
use super::redaction::SettingError;
use crate::base::text;

/// Whether what has a shape's form is a secret: keys that documentation shows open nothing, and in addresses
/// neither do placeholders, a name for its own password, and what is of this machine alone.
fn holds(shape: &Shape, found: &[u8]) -> bool {
    if shape.name != URL_PASSWORD {
        // What stands behind a key may belong to what was found.
        let key = match found {
            [key @ .., last] if !last.is_ascii_alphanumeric() => key,
            key => key,
        };
        return !key.ends_with(EXAMPLE);
    }
    // JSON may have written its slashes with another one before each.
    let found = String::from_utf8_lossy(found).replace('\\', "");
    let Some((_, rest)) = found.split_once("://") else {
        return false;
    };
    let Some(((user, password), host)) = rest
        .rsplit_once('@')
        .and_then(|(login, host)| Some((login.split_once(':')?, host)))
    else {
        return false;
    };
    let is_mask = |c: char| matches!(c, '*' | 'x' | 'X' | '.' | '•' | '#');
    let is_local = ["localhost", "0.0.0.0", "[::1]"].contains(&host) || host.starts_with("127.");
    let is_placeholder = is_placeholder(password) || password.chars().all(is_mask);
    !(is_local || is_placeholder || password == user)
}

/// Whether a password stands for one: `$PASSWORD`, `${password}`, `%PASSWORD%`, `%s`, `{password}`, `[redacted]`. One
/// may as well begin with such a sign, or with one that is encoded: `%21`.
fn is_placeholder(password: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_lower = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_variable = |name: &str| name.chars().all(is_upper) || name.chars().all(is_lower);
    let is_closed = |text: &str| {
        let pairs = [('{', '}'), ('[', ']'), ('(', ')')];
        pairs
            .iter()
            .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close))
    };
    is_closed(password)
        || password
            .strip_prefix('$')
            .is_some_and(|rest| is_variable(rest) || is_closed(rest))
        || password.strip_prefix('%').is_some_and(|rest| {
            let named = rest.strip_suffix('%').filter(|name| is_variable(name));
            named.is_some() || matches!(rest, "s" | "v" | "d") || rest.starts_with('(')
        })
}

/// What ends the keys that documentation shows: they open nothing.
const EXAMPLE: &[u8] = b"EXAMPLE";

/// The names of all shapes.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|shape| shape.name)
}

/// Returns a shape's name as it is known here.
///
/// # Errors
/// There is no such shape.
pub fn named(name: &str) -> Result<&'static str, SettingError> {
    names().find(|known| *known == name).ok_or_else(|| {
        let shown = text::sanitize_line(name);
        let error = SettingError::new(format!("there is no shape of secrets `{shown}`"));
        error.help(match text::closest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "they are {}",
                text::ticked(&names().collect::<Vec<_>>(), "and")
            ),
        })
    })
}

/// Looks for secrets.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Whether each shape is looked for.
    wanted: [bool; SHAPES.len()],
}

/// What is compiled once.
struct Compiled {
    signs: AhoCorasick,
    /// The shape of each sign.
    of: Vec<usize>,
    patterns: Vec<Regex>,
}

fn compiled() -> &'static Compiled {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let all = SHAPES.iter().enumerate();
        let signs = all.flat_map(|(n, shape)| shape.signs.iter().map(move |sign| (n, *sign)));
        let (of, signs): (Vec<usize>, Vec<&str>) = signs.unzip();
        let pattern = |shape: &Shape| Regex::new(shape.pattern).expect("a test compiles them");
        Compiled {
            signs: AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::DFA))
                .build(signs)
                .expect("few short signs"),
            of,
            patterns: SHAPES.iter().map(pattern).collect(),
        }
    })
}

impl Secrets {
    /// Looks for all shapes but those that are allowed, by name.
    pub fn new(allowed: &[&str]) -> Self {
        Self {
            wanted: std::array::from_fn(|n| !allowed.contains(&SHAPES[n].name)),
        }
    }

    /// Whether bytes hold the sign of a secret: most don't, and few that do hold one.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        let bare = || uncoloured(bytes).is_some_and(|bare| self.has_sign(&bare));
        self.has_sign(bytes) || bare()
    }

    fn has_sign(&self, bytes: &[u8]) -> bool {
        let compiled = compiled();
        // Signs may overlap, which takes longer to see, and hardly any bytes hold one.
        if !compiled.signs.is_match(bytes) {
            return false;
        }
        let mut signs = compiled.signs.find_overlapping_iter(bytes);
        signs.any(|sign| {
            let shape = compiled.of[sign.pattern().as_usize()];
            // Addresses are many, and few of them name a user.
            let may_be = || {
                let end = bytes.len().min(sign.end() + LOGIN);
                SHAPES[shape].name != URL_PASSWORD
                    || memchr::memchr(b'@', &bytes[sign.end()..end]).is_some()
            };
            self.wanted[shape] && may_be()
        })
    }

    /// Returns the name of the first shape that bytes hold a secret of, be it coloured or not.
    pub fn find(&self, bytes: &[u8]) -> Option<&'static str> {
        let bare = || self.find_in(&uncoloured(bytes)?);
        self.find_in(bytes).or_else(bare)
    }

    fn find_in(&self, bytes: &[u8]) -> Option<&'static str> {
        let compiled = compiled();
        let mut asked = [false; SHAPES.len()];
        for sign in compiled.signs.find_overlapping_iter(bytes) {
            asked[compiled.of[sign.pattern().as_usize()]] = true;
        }
        let shapes = (0..SHAPES.len()).filter(|n| asked[*n] && self.wanted[*n]);
        let mut shapes = shapes.filter(|n| {
            let mut found = compiled.patterns[*n].find_iter(bytes);
            found.any(|found| holds(&SHAPES[*n], found.as_bytes()))
        });
        shapes.next().map(|n| SHAPES[n].name)
    }
}

/// Returns bytes without the escape sequences that colour text, as they are or written out, as in JSON, or as
/// what reading XML leaves of them; none where there are none. A secret may be split by them.
pub fn uncoloured(bytes: &[u8]) -> Option<Vec<u8>> {
    static COLOURS: OnceLock<Regex> = OnceLock::new();
    static BEGINNINGS: OnceLock<AhoCorasick> = OnceLock::new();
    // Most texts have none, and literals are found faster than the expression is.
    let beginnings = BEGINNINGS.get_or_init(|| {
        let all = [
            "\u{1b}[",
            "\u{fffd}[",
            "001b[",
            "001B[",
            "x1b[",
            "x1B[",
            "\\e[",
            "033[",
            "#27;[",
            "#x1b;[",
            "#x1B;[",
        ];
        AhoCorasick::new(all).expect("few short words")
    });
    if !beginnings.is_match(bytes) {
        return None;
    }
    let colours = COLOURS.get_or_init(|| {
        let escape = r"\x1b|\xef\xbf\xbd|\\+(?:u001[bB]|x1[bB]|e|033)|&#27;|&#x1[bB];";
        let pattern = format!(r"(?-u)(?:{escape})\[[0-9;:?]*[ -/]*[@-~]");
        Regex::new(&pattern).expect("a test compiles it")
    });
    match colours.replace_all(bytes, &b""[..]) {
        Cow::Borrowed(_) => None,
        Cow::Owned(bare) => Some(bare),
    }
}

/// Shows a text without what has the shape of a secret, be it allowed or not.
pub fn mask(text: &str) -> String {
    let bare = uncoloured(text.as_bytes()).filter(|bare| compiled().signs.is_match(bare));
    let mut out = bare.unwrap_or_else(|| text.as_bytes().to_vec());
    for pattern in &compiled().patterns {
        if pattern.is_match(&out) {
            out = pattern.replace_all(&out, "•••".as_bytes()).into_owned();
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Secrets of each shape, put together here so that none stands in the source.
    fn samples() -> Vec<(&'static str, String)> {
        let long = |n: usize| "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".repeat(4)[..n].to_owned();
        let hex = |n: usize| "0123456789abcdef".repeat(8)[..n].to_owned();
        vec![
            (
                "age-secret-key",
                format!("AGE-{}-KEY-1{}", "SECRET", "Q2Z3".repeat(20).split_at(58).0),
            ),
            ("atlassian-token", format!("ATA{}{}", "TT3", long(60))),
            ("aws-access-key", format!("{}{}", "AKIA", "Z2".repeat(8))),
            (
                "aws-secret-key",
                format!("secret{}: '{}'", "AccessKey", long(40)),
            ),
            (
                "aws-secret-key",
                format!("aws_secret_{}={}", "access_key", long(40)),
            ),
            (
                "azure-storage-key",
                format!("Account{}={}==", "Key", long(86)),
            ),
            ("digitalocean-token", format!("dop_{}_{}", "v1", hex(64))),
            ("docker-token", format!("dckr_{}_{}", "pat", long(27))),
            ("github-token", format!("gh{}_{}", "p", long(36))),
            ("github-token", format!("github_{}_{}", "pat", long(60))),
            ("gitlab-token", format!("gl{}-{}", "pat", long(20))),
            ("google-api-key", format!("AI{}{}", "za", long(35))),
            ("google-oauth-token", format!("ya{}.{}", "29", long(40))),
            ("google-oauth-secret", format!("GOC{}-{}", "SPX", long(28))),
            (
                "grafana-token",
                format!("gl{}_{}_{}", "sa", long(32), hex(8)),
            ),
            ("hugging-face-token", format!("h{}_{}", "f", long(34))),
            ("jwt", format!("ey{0}{1}.ey{0}{1}.{1}", "J", long(20))),
            ("model-api-key", format!("sk-{}-{}", "proj", long(24))),
            (
                "model-api-key",
                format!("sk-{}{}{}", long(20), "T3BlbkFJ", long(20)),
            ),
            ("npm-token", format!("np{}_{}", "m", long(36))),
            (
                "private-key",
                format!("-----BEGIN RSA {} KEY-----", "PRIVATE"),
            ),
            ("private-key", format!("-----BEGIN {} KEY-----", "PRIVATE")),
            (
                "private-key",
                format!("-----BEGIN PGP {} KEY BLOCK-----", "PRIVATE"),
            ),
            ("pypi-token", format!("py{}-AgEI{}", "pi", long(60))),
            (
                "sendgrid-key",
                format!("S{}.{}.{}", "G", long(22), long(43)),
            ),
            ("shopify-token", format!("sh{}_{}", "pat", hex(32))),
            ("slack-token", format!("xo{}-{}", "xb", long(24))),
            ("slack-token", format!("xo{}-{}", "xd", long(24))),
            ("vault-token", format!("h{}.{}", "vs", long(30))),
            (
                "slack-webhook",
                format!(
                    "https://hooks.{}.com/services/T01/B02/{}",
                    "slack",
                    long(24)
                ),
            ),
            ("stripe-key", format!("sk_{}_{}", "live", long(24))),
            (
                "url-password",
                format!("https://bob:{}@shop.example.org", long(12)),
            ),
        ]
    }

    #[test]
    fn each_shape_is_found_by_name_and_never_shown() {
        let all = Secrets::new(&[]);
        let samples = samples();
        for (name, secret) in &samples {
            for text in [
                secret.clone(),
                format!("token: {secret}, said it\n"),
                format!("\"{secret}\""),
                format!("\u{1b}[31m{secret}\u{1b}[0m"),
                format!(r#"{{"log":"a\n{secret}\tb"}}"#),
                format!("?key%3D{secret}&x"),
                format!("TOKEN_{secret}"),
            ] {
                assert_eq!(all.find(text.as_bytes()), Some(*name), "{name}");
                assert!(all.may_be_in(text.as_bytes()));
                assert_eq!(
                    Secrets::new(&[*name]).find(text.as_bytes()),
                    None,
                    "{name} is allowed"
                );
                assert!(!mask(&text).contains(secret.as_str()), "{name}");
                assert!(mask(&text).contains("•••"));
            }
        }
        let sampled: std::collections::BTreeSet<&str> =
            samples.iter().map(|(name, _)| *name).collect();
        assert_eq!(sampled, names().collect());
    }

    #[test]
    fn colours_split_no_secret() {
        let all = Secrets::new(&[]);
        for (name, secret) in &samples() {
            for colour in [
                "\u{1b}[1;31m",
                "\u{1b}[0m\u{1b}[32m",
                "\\u001b[1m",
                "\u{fffd}[4m",
                "\\x1b[1m",
                "&#27;[1m",
            ] {
                for at in [1, 3, secret.len() / 2] {
                    let (start, end) = secret.split_at(at);
                    let text = format!("said {start}{colour}{end} and more");
                    assert!(all.may_be_in(text.as_bytes()), "{name}: {at}");
                    assert_eq!(all.find(text.as_bytes()), Some(*name), "{at}");
                    assert!(!mask(&text).contains(end), "{name}: {at}");
                }
            }
        }
        let row = serde_json::to_string("\u{1b}[1mgreen\u{1b}[0m [1m [x]").expect("text");
        let bare = uncoloured(row.as_bytes()).expect("two colours");
        assert_eq!(bare, b"\"green [1m [x]\"");
        assert_eq!(uncoloured(b"[1m [x] a[0]"), None);
    }

    #[test]
    fn passwords_in_addresses_are_secrets_but_for_placeholders() {
        let all = Secrets::new(&[]);
        for secret in [
            concat!("https://user:", "pass@host"),
            concat!(r"https:\/\/user:", "pass@host"),
            concat!(r"https:\\/\\/user:", "pass@host"),
            concat!("postgres://app:", "s3cr3t@db.internal:5432/shop"),
            concat!("git+https://:", "t0ken@git.example.org/a.git"),
            concat!("see http://bob:", "a%40b:c@proxy:3128, then"),
            concat!("postgres://app:", "%21Sup3rS3cret@db.example.com/x"),
            concat!("postgres://app:", "$up3rS3cret@db.example.com/x"),
            concat!("postgres://app:", "(oops@[fe80::1]:5432/x"),
            &format!("https://{}:{}@host", "u".repeat(200), "p".repeat(500)),
        ] {
            assert!(all.may_be_in(secret.as_bytes()), "{secret}");
            assert_eq!(
                all.find(secret.as_bytes()),
                Some("url-password"),
                "{secret}"
            );
        }
        for plain in [
            "https://host:8080/a@b",
            "https://bob@host/x",
            "https://bob:***@host",
            "https://bob:•••@host",
            "https://bob:$PASSWORD@host",
            r"https:\/\/bob:$PASSWORD@host",
            "https://bob:{password}@host",
            "https://bob:${PASS}@host",
            "https://bob:$pass_word@host",
            "https://bob:%PASSWORD%@host",
            "https://bob:%s@host",
            "https://bob:%(pass)s@host",
            "https://bob:[redacted]@host",
            "http://a:b@[::1]:80",
            "https://bob:<password>@host",
            "postgres://postgres:postgres@db/x",
            "postgres://app:s3cr3t@localhost/x",
            "http://a:b@127.0.0.1:80",
            "see https://host: ask bob@host",
        ] {
            assert_eq!(all.find(plain.as_bytes()), None, "{plain}");
        }
    }

    #[test]
    fn what_only_resembles_one_is_fine() {
        let all = Secrets::new(&[]);
        for text in [
            concat!("AKIA", "IOSFODNN7EXAMPLE"),
            concat!("AKIA", "IOSFODNN7EXAMPLE and more"),
            "hvs.short, and archvs.which_is_a_name_of_something_else",
            "AKIA is a prefix",
            "ghp_short",
            "eyJ alone, and eyJhbGciOiJIUzI1NiJ9 without the rest",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            "SG.1.2",
            "npm_config_registry=https://registry.example.com/with/a/long/path",
            "glpat-<redacted>",
            "an MSG.text and a class HeapSG.x",
            "",
        ] {
            assert_eq!(all.find(text.as_bytes()), None, "{text}");
        }
        assert_eq!(mask("plain ghp_short"), "plain ghp_short");
    }

    #[test]
    fn names_are_suggested() {
        assert_eq!(named("jwt").ok(), Some("jwt"));
        let error = named("aws-acces-key").expect_err("unknown");
        assert_eq!(
            error.help.as_deref(),
            Some("did you mean `aws-access-key`?")
        );
    }

    #[test]
    fn no_sign_is_escaped_in_a_row() {
        for shape in &SHAPES {
            for sign in shape.signs {
                let written = serde_json::to_string(sign).expect("text");
                assert!(written.contains(sign), "{sign}");
            }
        }
    }
}
