//! Where attachments lie beside a report that names them.

use super::{Attempt, Document};
use crate::model::{Attachment, Step};

/// Gives attachments their places.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// The folder beside the report; none where there is no room for them.
    folder: Option<&'a str>,
}

impl<'a> Places<'a> {
    pub(super) fn new(folder: Option<&'a str>) -> Self {
        Self { folder }
    }

    /// Takes the attachments of an attempt, those of its steps after its own; returns them with their paths.
    pub(super) fn take<'r>(
        &self,
        attempt: &Attempt<'r>,
        out: &mut Document,
    ) -> Vec<(&'r Attachment, String)> {
        let mut all: Vec<&Attachment> = attempt.row.attachments.iter().collect();
        if let Some(details) = attempt.details {
            let steps = details.before.iter().chain(&details.steps);
            steps
                .chain(&details.after)
                .for_each(|step| collect(step, &mut all));
        }
        let mut taken = Vec::new();
        for one in all {
            match (&one.file, self.folder) {
                (None, _) => out.left.absent += 1,
                (Some(_), None) => out.left.attachments += 1,
                (Some(file), Some(folder)) => {
                    let path = format!("{folder}/{}", place(one, file));
                    out.attachments.insert(path.clone(), file.clone());
                    taken.push((one, path));
                }
            }
        }
        taken
    }
}

fn collect<'r>(step: &'r Step, out: &mut Vec<&'r Attachment>) {
    out.extend(&step.attachments);
    step.steps.iter().for_each(|step| collect(step, out));
}

/// Returns a path that ends with the attachment's name where that can be the name of a file anywhere, and says
/// which content it is. A name without an ending gets that of its type, which a path alone would not tell.
fn place(attachment: &Attachment, file: &str) -> String {
    let (digest, ending) = file.split_once('.').unwrap_or((file, ""));
    let short = digest.get(..16).unwrap_or(digest);
    let name = &attachment.name;
    match is_plain(name) {
        true if name.contains('.') || matches!(ending, "" | "bin") => format!("{short}/{name}"),
        true => format!("{short}/{name}.{ending}"),
        false => file.to_owned(),
    }
}

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    // Windows knows some names as devices, with any extension.
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim().to_ascii_lowercase();
    let numbered = stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
    let is_device = numbered || ["con", "prn", "aux", "nul"].contains(&stem.as_str());
    (1..=100).contains(&name.len())
        && name.chars().all(plain)
        && !is_device
        && !name.starts_with(['.', ' ', '-'])
        && !name.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_types() {
        let path = |name: &str, file: &str| {
            let one = Attachment {
                name: name.to_owned(),
                ..Attachment::default()
            };
            place(&one, file)
        };
        assert_eq!(path("log", "ab12.txt"), "ab12/log.txt");
        assert_eq!(path("log.txt", "ab12.txt"), "ab12/log.txt");
        assert_eq!(path("core", "ab12.bin"), "ab12/core");
        assert_eq!(path("a/b", "ab12.txt"), "ab12.txt");
    }

    #[test]
    fn names_that_files_can_have() {
        for name in ["log.txt", "a b.png", "page"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "", "..", "a/b", "a|b", "a]]", "é.txt", ".x", "x.", "Con.txt", "com1",
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
