//! What writers hide in captured output: attachments and properties.

/// Output without its markers, and what these said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) attachments: Vec<String>,
    pub(super) properties: Vec<(String, String)>,
}

const ATTACHMENT: &str = "[[ATTACHMENT|";
const PROPERTY: &str = "[[PROPERTY|";
const PROPERTY_END: &str = "[[/PROPERTY]]";

/// Takes `[[ATTACHMENT|path]]`, `[[PROPERTY|name=value]]` and
/// `[[PROPERTY|name]] … [[/PROPERTY]]` out of a text; a line that held nothing else goes too.
pub(super) fn read(text: &str) -> Output {
    if !text.contains("[[") {
        return Output {
            text: text.to_owned(),
            ..Output::default()
        };
    }
    let mut out = Output::default();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let marker = line.trim();
        if let Some(marker) = marker
            .strip_prefix(PROPERTY)
            .and_then(|m| m.strip_suffix("]]"))
        {
            match marker.split_once('=') {
                Some((name, value)) => out.properties.push((name.to_owned(), value.to_owned())),
                None => {
                    let body: Vec<&str> = lines
                        .by_ref()
                        .take_while(|line| line.trim() != PROPERTY_END)
                        .collect();
                    let value = body.concat().trim_end().to_owned();
                    out.properties.push((marker.to_owned(), value));
                }
            }
        } else {
            take_attachments(line, &mut out);
        }
    }
    out
}

fn take_attachments(line: &str, out: &mut Output) {
    let mut rest = line;
    let mut kept = String::new();
    let mut found = false;
    while let Some(start) = rest.find(ATTACHMENT) {
        let inner = &rest[start + ATTACHMENT.len()..];
        let Some(end) = inner.find("]]").filter(|end| *end > 0) else {
            break;
        };
        let path = inner[..end].split('|').next().unwrap_or_default().trim();
        if !path.is_empty() {
            out.attachments.push(path.to_owned());
        }
        found = true;
        kept.push_str(&rest[..start]);
        rest = &inner[end + 2..];
    }
    kept.push_str(rest);
    if !found || !kept.trim().is_empty() {
        out.text.push_str(&kept);
    }
}

/// A `data:` address, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DataUri {
    pub(super) media_type: Option<String>,
    pub(super) name: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// Reads `data:<mime>[;filename=<name>];base64,<data>`.
pub(super) fn data_uri(text: &str) -> Option<DataUri> {
    let (head, data) = text.strip_prefix("data:")?.split_once(',')?;
    let mut parts = head.split(';');
    let media_type = parts.next().filter(|m| m.contains('/')).map(str::to_owned);
    let mut name = None;
    let mut base64 = false;
    for part in parts {
        base64 |= part.trim().eq_ignore_ascii_case("base64");
        let named = part
            .split_once('=')
            .filter(|(key, _)| matches!(*key, "filename" | "name"));
        name = named
            .map(|(_, name)| name.trim_matches('"').to_owned())
            .or(name);
    }
    let bytes = if base64 {
        decode_base64(data)?
    } else {
        data.as_bytes().to_vec()
    };
    Some(DataUri {
        media_type,
        name,
        bytes,
    })
}

/// Decodes base 64 of either alphabet; line breaks and padding may be anywhere at the end.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            b if b.is_ascii_whitespace() => continue,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_leave_the_output() {
        let out = read(
            "hi\n[[ATTACHMENT|a/b.png]]\nx [[ATTACHMENT|c.png|later]] y\n[[PROPERTY|k=v=w]]\n[[PROPERTY|long]]\none\ntwo\n[[/PROPERTY]]\n[[other]]",
        );
        assert_eq!(out.text, "hi\nx  y\n[[other]]");
        assert_eq!(out.attachments, ["a/b.png", "c.png"]);
        let pairs = [("k", "v=w"), ("long", "one\ntwo")];
        assert_eq!(
            out.properties,
            pairs.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
        assert_eq!(read("[[ATTACHMENT|").text, "[[ATTACHMENT|");
        assert_eq!(read("[[ATTACHMENT|]]").attachments, [""; 0]);
    }

    #[test]
    fn data_addresses_are_decoded() {
        let uri = data_uri("data:text/plain;filename=a.txt;base64,aGVsbG8=").expect("valid");
        assert_eq!(uri.bytes, b"hello");
        assert_eq!(
            (uri.media_type.as_deref(), uri.name.as_deref()),
            (Some("text/plain"), Some("a.txt"))
        );
        assert_eq!(
            data_uri("data:;base64,_-8").expect("valid").bytes,
            [0xff, 0xef]
        );
        assert_eq!(data_uri("data:text/plain;base64,%%"), None);
        assert_eq!(data_uri("a.png"), None);
    }
}
