//! Attachments: images as files, everything else in script chunks, so that no file of the site
//! has a name that a browser executes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::failures::LaunchContext;
use crate::base::Digest;
use crate::model::{Attachment, ProjectFile};
use crate::site::input::LaunchContent;
use crate::site::pages::Writer;
use crate::site::texts::say;
use crate::site::{SiteError, chunk, words};
use crate::store::annotations::Annotations;

/// Where an attachment went.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Placed {
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    size: u64,
    /// How to show it: `image`, `video`, `audio`, `html`, `text`, `binary`; `absent`.
    show: &'static str,
    /// The file or the chunk, relative to the project's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Why it is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize)]
struct Payload<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// Places a project's attachments, each content once.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    /// By name in the launch's folder: how it is shown, and where.
    placed: BTreeMap<String, (&'static str, String)>,
    /// Where contents go instead of the site's files.
    kept: Option<Kept>,
}

/// Said of an attachment that a page has no room for.
pub(crate) fn left_out() -> String {
    say!("attachments.left-out")
}

/// Said of one that a page can't show.
pub(crate) fn no_page() -> String {
    say!("attachments.no-page")
}

/// Contents that are kept for a page which has no files beside it.
#[derive(Debug)]
struct Kept {
    /// How many bytes are still taken.
    room: usize,
    by_path: BTreeMap<String, Content>,
}

/// A content that a page can show within itself.
#[derive(Debug)]
pub(crate) enum Content {
    /// The media type, and the bytes.
    Image(&'static str, Vec<u8>),
    Text(String),
}

/// What placing needs of a launch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From<'a> {
    pub(crate) content: &'a dyn LaunchContent,
    pub(crate) launch: &'a str,
    /// The project's folder in the site.
    pub(crate) folder: &'a str,
    /// The largest that is taken, in bytes.
    pub(crate) limit: u64,
    /// What was said of the launch later.
    pub(crate) said: &'a Annotations,
    /// The project's settings, which say where issues are.
    pub(crate) settings: &'a ProjectFile,
}

impl<'a> From<'a> {
    pub(crate) fn of(context: &LaunchContext<'a>) -> Self {
        let launch = &context.project.project.launches[context.number];
        Self {
            content: launch.content,
            launch: &launch.file.id,
            folder: context.project.folder,
            limit: context.project.input.options.attachment_bytes,
            said: launch.said,
            settings: context.project.project.file,
        }
    }
}

impl Placed {
    /// The file of an image, relative to the project's folder.
    pub(crate) fn image(&self) -> Option<&str> {
        self.path.as_deref().filter(|_| self.show == "image")
    }

    /// Why it is not here; empty where it is.
    pub(crate) fn why(&self) -> &str {
        self.why.as_deref().unwrap_or_default()
    }
}

impl Attachments {
    /// Keeps contents that a page can show, up to `room` bytes together, instead of writing files.
    pub(crate) fn within_a_page(room: usize) -> Self {
        let kept = Kept {
            room,
            by_path: BTreeMap::new(),
        };
        Self {
            kept: Some(kept),
            ..Self::default()
        }
    }

    /// Returns what was kept under a path that placing gave.
    pub(crate) fn kept(&self, path: &str) -> Option<&Content> {
        self.kept.as_ref()?.by_path.get(path)
    }

    /// Places one attachment and says where it went.
    pub(crate) fn place(
        &mut self,
        attachment: &Attachment,
        from: From<'_>,
        writer: &mut Writer<'_>,
    ) -> Result<Placed, SiteError> {
        let mut placed = Placed {
            name: words::line(&attachment.name),
            media_type: words::line(&attachment.media_type),
            size: attachment.size,
            show: "absent",
            ..Placed::default()
        };
        let Some(file) = &attachment.file else {
            placed.why = Some(
                attachment
                    .absent
                    .clone()
                    .unwrap_or_else(|| say!("attachments.not-kept")),
            );
            return Ok(placed);
        };
        if attachment.size > from.limit {
            placed.why = Some(say!(
                "attachments.too-large",
                file = words::line(file),
                launch = from.launch
            ));
            return Ok(placed);
        }
        // What one launch lost another may have: that is no way around a redaction.
        let removal = from.said.removal(&format!("attachments/{file}"));
        let found = match (removal, self.placed.get(file)) {
            (Some(removal), _) => Err(words::removed(&removal)),
            (None, Some(found)) => Ok(found.clone()),
            (None, None) => {
                let content = read(file, from)?;
                match (content, &mut self.kept) {
                    (Ok(bytes), Some(kept)) => kept.keep(bytes),
                    (Ok(bytes), None) => Ok(write(&bytes, attachment, from, writer)?),
                    (Err(why), _) => Err(why),
                }
            }
        };
        match found {
            Ok((show, path)) => {
                self.placed.insert(file.clone(), (show, path.clone()));
                (placed.show, placed.path) = (show, Some(path));
            }
            Err(why) => placed.why = Some(why),
        }
        Ok(placed)
    }
}

impl Kept {
    /// Keeps a content, or says why not.
    fn keep(&mut self, bytes: Vec<u8>) -> Result<(&'static str, String), String> {
        let digest = Digest::of(&bytes).short();
        let Some(room) = self.room.checked_sub(bytes.len()) else {
            return Err(left_out());
        };
        let (show, extension, content) = match image_extension(&bytes) {
            Some(extension) => (
                "image",
                extension,
                Content::Image(image_type(extension), bytes),
            ),
            None => match String::from_utf8(bytes) {
                Ok(text) if !text.contains('\0') => ("text", "txt", Content::Text(text)),
                _ => return Err(no_page()),
            },
        };
        self.room = room;
        let path = format!("files/{digest}.{extension}");
        self.by_path.insert(path.clone(), content);
        Ok((show, path))
    }
}

/// Reads a file's bytes, or says why they are not to be had.
fn read(file: &str, from: From<'_>) -> Result<Result<Vec<u8>, String>, SiteError> {
    let bytes = from
        .content
        .attachment(file)
        .map_err(|source| SiteError::Launch {
            launch: from.launch.to_owned(),
            source,
        })?;
    let Some(bytes) = bytes else {
        let why = say!("attachments.no-record");
        return Ok(Err(why));
    };
    if bytes.len() as u64 > from.limit {
        return Ok(Err(say!("attachments.too-large-for-the-site")));
    }
    Ok(Ok(bytes))
}

fn write(
    bytes: &[u8],
    attachment: &Attachment,
    from: From<'_>,
    writer: &mut Writer<'_>,
) -> Result<(&'static str, String), SiteError> {
    let digest = Digest::of(bytes).short();
    if let Some(extension) = image_extension(bytes) {
        let path = format!("files/{digest}.{extension}");
        writer.file(&format!("{}/{path}", from.folder), bytes)?;
        return Ok(("image", path));
    }
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|t| !t.contains('\0'));
    let payload = Payload {
        text,
        base64: text.is_none().then(|| chunk::base64(bytes)),
    };
    let path = format!("files/{digest}.js");
    writer.file(
        &format!("{}/{path}", from.folder),
        &chunk::script(&format!("file-{digest}"), &payload),
    )?;
    Ok((show(&attachment.media_type, text.is_some()), path))
}

/// How content that is no image is shown; what scripts or styles could hide in is shown as text
/// first.
fn show(media_type: &str, is_text: bool) -> &'static str {
    let kind = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match (kind.as_str(), is_text) {
        ("text/html" | "application/xhtml+xml" | "image/svg+xml", true) => "html",
        (_, true) => "text",
        ("video/mp4" | "video/webm" | "video/ogg", false) => "video",
        ("audio/mpeg" | "audio/ogg" | "audio/wav" | "audio/webm", false) => "audio",
        _ => "binary",
    }
}

/// Returns the extension of an image that browsers show and never execute, by its first bytes.
fn image_extension(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("jpg"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("webp"),
        _ => None,
    }
}

/// The media type of an image with such an extension.
fn image_type(extension: &str) -> &'static str {
    match extension {
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "gif" => "image/gif",
        _ => "image/webp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_an_image_is_one() {
        assert_eq!(image_extension(b"\x89PNG\r\n"), Some("png"));
        assert_eq!(image_extension(b"<svg onload=x>"), None);
        assert_eq!(image_extension(b"RIFF1234WEBPx"), Some("webp"));
        assert_eq!(image_extension(b""), None);
    }

    #[test]
    fn markup_is_never_a_file() {
        assert_eq!(show("text/html; charset=utf-8", true), "html");
        assert_eq!(show("image/svg+xml", true), "html");
        assert_eq!(show("application/zip", false), "binary");
        assert_eq!(show("text/html", false), "binary");
    }
}
