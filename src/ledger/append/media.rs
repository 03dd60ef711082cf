//! Types of attachments, and the endings that their files get.

use crate::base::path as paths;
use crate::ingest::{AttachmentRequest, AttachmentSource};

/// What the producer says, else what the name's ending says.
pub(super) fn media_type(request: &AttachmentRequest<'_>) -> String {
    let stated = request.media_type.map(str::trim).filter(|t| !t.is_empty());
    if let Some(stated) = stated {
        return stated.to_owned();
    }
    let name = match &request.source {
        AttachmentSource::Entry(name) | AttachmentSource::Refused(name) => name,
        AttachmentSource::Bytes(_) => request.name,
    };
    let known = TYPES
        .iter()
        .find(|(_, ext)| paths::extension(name).eq_ignore_ascii_case(ext));
    known
        .map_or("application/octet-stream", |(media_type, _)| media_type)
        .to_owned()
}

/// The ending that a type stands for, else the name's own where it is harmless, else `bin`.
pub(super) fn extension(media_type: &str, request: &AttachmentRequest<'_>) -> String {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if let Some((_, extension)) = TYPES.iter().find(|(known, _)| *known == essence) {
        return (*extension).to_owned();
    }
    let own = match &request.source {
        AttachmentSource::Entry(name) => paths::extension(name).to_ascii_lowercase(),
        _ => String::new(),
    };
    let plain = (1..=8).contains(&own.len()) && own.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { own } else { "bin".to_owned() }
}

/// Media types of attachments and their endings, the one that adapters use first.
const TYPES: [(&str, &str); 29] = [
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
    ("text/uri-list", "uri"),
    ("text/html", "html"),
    ("text/xml", "xml"),
    ("application/xml", "xml"),
    ("application/json", "json"),
    ("application/yaml", "yaml"),
    ("application/vnd.tcpdump.pcap", "pcap"),
    ("application/zip", "zip"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/svg+xml", "svg"),
    ("image/gif", "gif"),
    ("image/bmp", "bmp"),
    ("image/tiff", "tiff"),
    ("image/webp", "webp"),
    ("video/mp4", "mp4"),
    ("video/ogg", "ogg"),
    ("video/webm", "webm"),
    ("application/pdf", "pdf"),
    ("text/plain", "log"),
    ("application/vnd.allure.image.diff", "imagediff"),
    ("application/vnd.allure.playwright-trace", "zip"),
    ("application/vnd.allure.http+json", "httpexchange"),
    ("application/vnd.allure.metadata+json", "json"),
];

/// Bytes of an attachment's beginning that say whether it is text.
pub(super) const HEAD: usize = 8 << 10;

/// The type without its parameters, in small letters.
fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether an attachment of a type is text that people read.
pub(super) fn is_text(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.starts_with("text/")
        || ["json", "xml", "yaml", "javascript", "x-sh", "csv"]
            .iter()
            .any(|kind| essence.ends_with(kind))
}

/// Whether a text is UTF-16 and says so.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Whether bytes whose type says that they are none are text all the same.
pub(super) fn is_plainly_text(head: &[u8]) -> bool {
    let is_cut = |error: std::str::Utf8Error| error.error_len().is_none();
    let is_utf8 = str::from_utf8(head).map_or_else(is_cut, |_| true);
    is_utf8 && !head.starts_with(b"%PDF-") && memchr::memchr(0, head).is_none()
}

/// Whether an attachment of a type is no text as a rule.
pub(super) fn is_binary(media_type: &str) -> bool {
    let essence = essence(media_type);
    ["image/", "video/", "audio/"]
        .iter()
        .any(|kind| essence.starts_with(kind))
        || essence.ends_with("zip")
        || essence == "application/pdf"
}
