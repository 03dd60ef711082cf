//! Bytes of a file → text: decoded; and of XML, what an XML reader takes: without characters that XML
//! forbids, bounded, and scanned on its way.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::xml::Scanner;

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// Returns the text of a whole file that is no report of results: decoded by its byte-order mark, zero bytes
/// or XML declaration, else as UTF-8; and how many characters became U+FFFD.
pub fn decoded(bytes: &[u8]) -> (String, u64) {
    let (mut out, mut replaced) = (String::new(), 0);
    if let Ok(mut decoded) = Decoded::plain(bytes) {
        let mut read = Vec::new();
        // A slice reads, and a decoder gives UTF-8.
        if decoded.read_to_end(&mut read).is_ok() {
            out = String::from_utf8_lossy(&read).into_owned();
        }
        replaced = decoded.replaced;
    }
    (out, replaced)
}

/// A streaming decoder.
pub(super) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: String,
    /// What is ready to be read, from `at` on.
    out: Vec<u8>,
    at: usize,
    done: bool,
    /// The text is no XML: it stays as it is.
    plain: bool,
    pub(super) scanner: Scanner,
    /// Characters replaced by U+FFFD.
    pub(super) replaced: u64,
    /// The line of the first of them, from 1.
    pub(super) first: Option<u64>,
    /// Line breaks before what is decoded now.
    breaks: u64,
}

impl<R: Read> Decoded<R> {
    /// Starts by looking at the first bytes: byte-order mark, zero bytes, then the XML declaration.
    /// What `counts` says of their names decides which elements are counted.
    pub(super) fn new(input: R, counts: fn(&str) -> bool) -> io::Result<Self> {
        Self::start(input, Scanner::new(counts), false)
    }

    /// Starts with a text that is no XML.
    pub(super) fn plain(input: R) -> io::Result<Self> {
        Self::start(input, Scanner::new(|_| false), true)
    }

    fn start(mut input: R, scanner: Scanner, plain: bool) -> io::Result<Self> {
        let mut raw = Vec::with_capacity(PIECE);
        input.by_ref().take(PIECE as u64).read_to_end(&mut raw)?;
        let (encoding, skip) = encoding_of(&raw);
        raw.drain(..skip);
        let mut decoded = Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw,
            text: String::new(),
            out: Vec::new(),
            at: 0,
            done: false,
            plain,
            scanner,
            replaced: 0,
            first: None,
            breaks: 0,
        };
        decoded.decode(false);
        Ok(decoded)
    }

    /// Decodes what was read last, and makes it ready.
    fn decode(&mut self, last: bool) {
        self.text.clear();
        let before = self.replaced;
        let mut from = 0;
        loop {
            let rest = &self.raw[from..];
            let needed = self.decoder.max_utf8_buffer_length(rest.len());
            self.text.reserve(needed.unwrap_or(4 * PIECE));
            let (result, read) =
                self.decoder
                    .decode_to_string_without_replacement(rest, &mut self.text, last);
            from += read;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.text.push(char::REPLACEMENT_CHARACTER);
                    self.replaced += 1;
                }
            }
        }
        self.out.clear();
        self.at = 0;
        if !self.plain {
            self.replaced += replace_forbidden(&mut self.text);
        }
        self.find_first(before);
        if self.plain {
            return self.out.extend_from_slice(self.text.as_bytes());
        }
        self.scanner.feed(&self.text, &mut self.out);
        self.done |= self.scanner.stopped;
    }

    /// Remembers where the first character was replaced.
    fn find_first(&mut self, before: u64) {
        if self.first.is_some() {
            return;
        }
        let breaks = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        if self.replaced > before {
            let at = self.text.find(char::REPLACEMENT_CHARACTER);
            let line = breaks(&self.text[..at.unwrap_or_default()]);
            self.first = Some(self.breaks + line + 1);
        }
        self.breaks += breaks(&self.text);
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.at == self.out.len() && !self.done {
            self.raw.resize(PIECE, 0);
            let n = loop {
                match self.input.read(&mut self.raw) {
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.raw.truncate(n);
            self.done = n == 0;
            self.decode(self.done);
        }
        Ok(())
    }

    pub(super) fn into_input(self) -> R {
        self.input
    }

    /// Reads to the end, keeping nothing.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        loop {
            self.at = self.out.len();
            self.fill()?;
            if self.at == self.out.len() {
                return Ok(());
            }
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let n = buffer.len().min(self.out.len() - self.at);
        buffer[..n].copy_from_slice(&self.out[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

impl<R: Read> io::BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(&self.out[self.at..])
    }

    fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.out.len());
    }
}

/// Returns the encoding of a file and the length of its byte-order mark.
fn encoding_of(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some(found) = Encoding::for_bom(head) {
        return found;
    }
    match head {
        [b'<' | b'{' | b'[', 0, ..] => (UTF_16LE, 0),
        [0, b'<' | b'{' | b'[', ..] => (UTF_16BE, 0),
        _ => (declared(head).unwrap_or(UTF_8), 0),
    }
}

/// Reads `encoding="…"` of an XML declaration in bytes that are ASCII there.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.trim_ascii_start();
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = memchr::memchr(b'>', head)?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = rest[1..].split(quote).next()?;
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    // The declaration was just read as ASCII, so a wider unit is a mistake of the writer.
    (encoding != UTF_16LE && encoding != UTF_16BE).then_some(encoding)
}

/// Whether XML 1.0 has no place for a character, raw or by reference.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Replaces forbidden characters by U+FFFD; returns how many.
fn replace_forbidden(text: &mut String) -> u64 {
    let suspicious = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r') || b == 0xEF;
    if !text.bytes().any(suspicious) || !text.contains(is_forbidden) {
        return 0;
    }
    let n = text.chars().filter(|c| is_forbidden(*c)).count();
    *text = text.replace(is_forbidden, "\u{FFFD}");
    n as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (String, u64) {
        let mut decoded = Decoded::new(bytes, |_| false).expect("memory reads");
        let mut text = String::new();
        decoded.read_to_string(&mut text).expect("valid UTF-8");
        (text, decoded.replaced)
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>ü</a>";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&le).0, text);
        assert_eq!(decode(&be).0, text);
        assert_eq!(decode(&[&[0xFF, 0xFE], &le[..]].concat()).0, text);
        assert_eq!(decode(text.as_bytes()).0, text);
        assert_eq!(decode(b"\xEF\xBB\xBF<a/>").0, "<a/>");
        let latin = b"<?xml version='1.0' encoding = 'ISO-8859-1'?><a>\xfc</a>";
        assert!(decode(latin).0.ends_with("<a>ü</a>"));
    }

    #[test]
    fn what_does_not_belong_is_replaced_and_counted() {
        assert_eq!(
            decode(b"<a>\xfc\x1b[31m</a>"),
            ("<a>\u{FFFD}\u{FFFD}[31m</a>".into(), 2)
        );
        assert_eq!(decode("<a>\u{FFFF}ﬀ\u{FFFD}</a>".as_bytes()).1, 1);
        assert_eq!(decode(b"<a>\xe2\x82"), ("<a>\u{FFFD}".into(), 1));
    }

    #[test]
    fn characters_may_lie_across_pieces() {
        let text = format!("<a>{}{}</a>", "x".repeat(PIECE - 4), "é".repeat(PIECE));
        assert_eq!(decode(text.as_bytes()), (text.clone(), 0));
        let mut decoded = Decoded::new(text.as_bytes(), |_| false).expect("memory reads");
        decoded.drain().expect("memory reads");
        assert_eq!(decoded.scanner.damage(), None);
    }
}
