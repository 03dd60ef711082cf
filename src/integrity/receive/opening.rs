//! References of open launches: made once, never changed, and gone when the launch is closed with
//! what they hold, or as a whole.

use super::{OPEN, RefChange, Session};
use crate::base::text::{sanitize_line, truncate};
use crate::base::{Digest, path as paths};
use crate::git::{CommitId, EntryKind, GitError, Peeled, TreeEntry};
use crate::integrity::roles::Deed;
use crate::model::{
    LaunchFile, OpenLaunch, is_launch_id, is_project_key, is_shard_name, open_folder, part_number,
};
use crate::store::read_yaml;

/// The largest `open.yaml` that is read, in bytes.
const MAX_OPENING: usize = 1 << 20;

/// The parts of such a reference's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name<'a> {
    /// The project's key, preceded by a digest of the workspace's path unless that is the root.
    project: &'a str,
    launch: &'a str,
    /// `open`, or a shard's name.
    last: &'a str,
}

impl<'a> Name<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let mut parts = name.strip_prefix(OPEN)?.split('/');
        let (project, launch, last) = (parts.next()?, parts.next()?, parts.next()?);
        let key = match project.rsplit_once('-') {
            Some((digest, key)) => {
                let hex = digest.len() == 8 && digest.bytes().all(|b| b.is_ascii_hexdigit());
                hex.then_some(key)?
            }
            None => project,
        };
        let sound = parts.next().is_none()
            && is_project_key(key)
            && is_launch_id(launch)
            && (last == "open" || is_shard_name(last));
        sound.then_some(Self {
            project,
            launch,
            last,
        })
    }

    fn key(&self) -> &'a str {
        self.project.rsplit('-').next().unwrap_or_default()
    }

    /// What the names of all references of the launch begin with.
    fn siblings(&self) -> String {
        format!("{OPEN}{}/{}/", self.project, self.launch)
    }
}

impl Session<'_> {
    /// Judges one reference of an open launch.
    pub(super) fn opening(&mut self, change: &RefChange) -> Result<(), GitError> {
        let name = change.name.as_str();
        match (change.old, change.new) {
            (None, None) => {}
            (_, None) => self.withdrawal(name)?,
            (Some(old), Some(new)) if old == new => {}
            (Some(_), Some(_)) => {
                self.refuse(name, "what was appended is never changed; append again");
            }
            (None, Some(new)) => {
                let problem = match (Name::parse(name), self.repo.peel(new)?) {
                    (None, _) => Some(
                        "expected `refs/tallybook/open/PROJECT/LAUNCH/` and `open` or a part's name, \
                         as `launch append --push` makes it"
                            .to_owned(),
                    ),
                    (_, Peeled::Tree(_) | Peeled::Blob(_)) => Some("it is no commit".to_owned()),
                    (Some(name), Peeled::Commit(commit)) => match self.content(&name, commit)? {
                        None => self.filled_by(&name, commit)?,
                        problem => problem,
                    },
                };
                if let Some(problem) = problem {
                    self.refuse(name, problem);
                }
            }
        }
        Ok(())
    }

    /// Says what a commit is not that an opening or a part is.
    fn content(&mut self, name: &Name<'_>, commit: CommitId) -> Result<Option<String>, GitError> {
        let step = self.repo.step(commit)?;
        if !step.parents.is_empty() {
            return Ok(Some(
                "an opening or a part is a commit without parents".to_owned(),
            ));
        }
        let view = self.repo.tree_of(step.tree);
        let files = view.walk("")?;
        let is_part = name.last != "open";
        let fits = |file: &&TreeEntry| match is_part {
            true => belongs_to_part(&file.path),
            false => file.path == "open.yaml",
        };
        if let Some(other) = files
            .iter()
            .find(|file| file.kind != EntryKind::File || !fits(file))
        {
            let what = if is_part { "a part" } else { "an opening" };
            let path = truncate(&sanitize_line(&other.path), 120);
            return Ok(Some(format!(
                "`{path}` does not belong to {what} of a launch"
            )));
        }
        if is_part {
            let results = files
                .iter()
                .any(|file| part_number(&file.path, "results").is_some());
            return Ok((!results).then(|| "a part has results".to_owned()));
        }
        let bytes = view.read("open.yaml")?.unwrap_or_default();
        let opened: Option<OpenLaunch> = match bytes.len() <= MAX_OPENING {
            true => read_yaml(&bytes).ok(),
            false => None,
        };
        let fits = |open: &OpenLaunch| open.id == name.launch && open.project == name.key();
        Ok(match opened {
            Some(open) if fits(&open) => None,
            Some(_) => Some("its `open.yaml` opens another launch than its name".to_owned()),
            None => Some("its `open.yaml` does not read as an opening".to_owned()),
        })
    }

    /// Says why whoever made an opening or a part may not have, by the branch of rules.
    fn filled_by(&mut self, name: &Name<'_>, made: CommitId) -> Result<Option<String>, GitError> {
        let Some(bench) = self.bench() else {
            return Ok(None);
        };
        let deed = match name.last {
            "open" => Deed::Open,
            _ => Deed::Append,
        };
        let tree = self.repo.step(bench)?.tree;
        for workspace in self.places.all(tree)? {
            let fits = |key: &str| open_folder(&workspace, key) == name.project;
            let why = self
                .court
                .unfit_filling((bench, &workspace), &fits, made, deed)?;
            if why.is_some() {
                return Ok(why);
            }
        }
        Ok(None)
    }

    /// A reference may go where the launch is closed with what it holds, and with all others of the
    /// launch.
    fn withdrawal(&mut self, name: &str) -> Result<(), GitError> {
        // What nobody takes for a part may go at any time.
        let Some(parsed) = Name::parse(name) else {
            return Ok(());
        };
        let siblings = parsed.siblings();
        let stays = |other: &String| {
            let goes = |change: &RefChange| change.name == *other && change.new.is_none();
            other.starts_with(&siblings) && !self.push.changes.iter().any(goes)
        };
        if !self.before.keys().any(stays) {
            return Ok(());
        }
        let has = |file: &LaunchFile| match parsed.last {
            "open" => true,
            shard => file.jobs.iter().any(|job| job.shard == shard),
        };
        let closed = self.closed(parsed.launch, parsed.key())?;
        if closed.iter().any(has) {
            return Ok(());
        }
        let launch = parsed.launch;
        let message = match closed.is_empty() {
            true => format!(
                "launch `{launch}` is not closed: what was appended to it goes only with the launch as \
                 a whole; `tallybook launch discard {launch} --reason TEXT --push` does that"
            ),
            false => format!("launch `{launch}` was closed without this part"),
        };
        self.refuse(name, message);
        Ok(())
    }

    /// The closed launches of an id that references hold once the push is through.
    fn closed(&mut self, id: &str, key: &str) -> Result<Vec<LaunchFile>, GitError> {
        let after: Vec<Peeled> = self
            .after()
            .into_iter()
            .filter(|(name, _)| !name.starts_with(OPEN))
            .map(|(_, peeled)| peeled)
            .collect();
        let mut trees = std::collections::BTreeSet::new();
        let mut out = Vec::new();
        for peeled in after {
            let Some(tree) = self.tree(peeled)? else {
                continue;
            };
            for held in self.held(tree)?.into_iter().filter(|held| held.id == id) {
                if trees.insert(held.tree) {
                    out.extend(self.inventory.read(held.tree)?);
                }
            }
        }
        out.retain(|file| file.id == id && file.project == key);
        Ok(out)
    }
}

/// Whether a path is one of a part: rows, or an attachment that is named by its digest.
fn belongs_to_part(path: &str) -> bool {
    let is_rows = |name: &str| {
        part_number(name, "results")
            .or(part_number(name, "details"))
            .is_some()
    };
    match (paths::parent(path), paths::file_name(path)) {
        ("", name) => is_rows(name),
        ("attachments", name) => {
            let (digest, extension) = name.split_once('.').unwrap_or((name, ""));
            Digest::parse(digest).is_some()
                && extension.chars().all(|c| c.is_ascii_alphanumeric())
                && extension.len() <= 16
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let parse = |rest: &str| Name::parse(&format!("{OPEN}{rest}")).is_some();
        assert!(parse("SHOP/l-1/open") && parse("SHOP/l-1/linux-0123456789"));
        assert!(parse("0a1b2c3d-SHOP/l-1/open"));
        for wrong in [
            "SHOP/l-1",
            "shop/l-1/open",
            "SHOP/l-1/open/x",
            "SHOP/L/open",
            "SHOP/l-1/what",
            "x-SHOP/l/open",
            "",
        ] {
            assert!(!parse(wrong), "{wrong}");
        }
        let name = format!("{OPEN}0a1b2c3d-SHOP/l-1/open");
        assert_eq!(Name::parse(&name).map(|n| n.key()), Some("SHOP"));
    }

    #[test]
    fn only_rows_and_attachments_belong_to_a_part() {
        let digest = Digest::of(b"x");
        for path in ["results.yaml", "results-2.yaml", "details.yaml"] {
            assert!(belongs_to_part(path), "{path}");
        }
        assert!(belongs_to_part(&format!("attachments/{digest}.png")));
        for path in [
            "open.yaml",
            "x/results.yaml",
            "attachments/a.png",
            "results.txt",
            ".gitattributes",
        ] {
            assert!(!belongs_to_part(path), "{path}");
        }
    }
}
