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
}
