//! What was parsed of files, for moments of one workspace that are loaded one after another.

use std::collections::HashMap;

use rayon::prelude::*;

use super::cache::Mark;
use super::files::{PathEntry, StoreError};
use super::load::{Kind, Loaded, Read, load_by, read_file};
use super::snapshot::Snapshot;

/// Remembers of each path what its file said last, so that a file which is the same at the next moment is
/// not read and parsed again. It grows with the paths of all these moments.
#[derive(Debug, Default)]
pub struct Memo(HashMap<String, (Mark, Read)>);

impl Memo {
    /// Loads a snapshot's documentation as [`load`](super::load()) does, with the same answer.
    ///
    /// # Errors
    /// Files could not be listed or read at all.
    pub fn load(&mut self, snapshot: &Snapshot) -> Result<Loaded, StoreError> {
        let files = &*snapshot.docs;
        let one = |kind: Kind, entry: &PathEntry| {
            let mark = files.mark(&entry.path);
            let known = self
                .0
                .get(&entry.path)
                .filter(|(then, _)| Some(then) == mark.as_ref());
            match known {
                Some((_, read)) => Ok((None, read.clone())),
                None => read_file(files, kind, entry).map(|read| (mark, read)),
            }
        };
        let mut new = Vec::new();
        let loaded = load_by(files, |listed| {
            let all = listed.par_iter().map(|(kind, entry)| one(*kind, entry));
            let all: Vec<(Option<Mark>, Read)> = all.collect::<Result<_, StoreError>>()?;
            for ((mark, read), (_, entry)) in all.iter().zip(listed) {
                if let Some(mark) = mark {
                    new.push((entry.path.clone(), (mark.clone(), read.clone())));
                }
            }
            Ok(all.into_iter().map(|(_, read)| read).collect())
        })?;
        self.0.extend(new);
        Ok(loaded)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::git::testing::Playground;
    use crate::git::{CommitId, Repo};
    use crate::store::load;

    const A: &str = "projects/shop/cases/a.md";
    const B: &str = "projects/shop/cases/b.md";

    /// Everything that is known of a moment, as text.
    fn told(loaded: &Loaded) -> String {
        format!("{:?} {:?}", loaded.workspace, loaded.findings)
    }

    fn commit(play: &Playground, repo: &Repo, files: &[(&str, &str)]) -> CommitId {
        for (path, text) in files {
            play.write(path, text);
        }
        play.git(&["add", "-A"]);
        play.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        repo.head().expect("a head").commit.expect("born")
    }

    #[test]
    fn what_is_remembered_is_what_would_be_read() {
        let play = Playground::new();
        let repo = play.init("main");
        let case = |id: &str| format!("---\nid: {id}\ntitle: T\n---\n");
        let project = "projects/shop/project.yaml";
        let moments: [&[(&str, &str)]; 5] = [
            &[
                ("tallybook.yaml", "format: 1\n"),
                (project, "key: SHOP\nname: Shop\n"),
                (A, &case("SHOP-A")),
                (B, &case("SHOP-B")),
            ],
            // What is filled in of the project's workflow is no part of the file.
            &[(project, "key: SHOP\nname: Shop\nworkflow: [new, done]\n")],
            &[(B, "---\nid: [\n---\n")],
            &[(B, &case("SHOP-C")), (A, "")],
            &[(A, &case("SHOP-A"))],
        ];
        let mut memo = Memo::default();
        let mut all = Vec::new();
        for files in moments {
            let commit = commit(&play, &repo, files);
            let snapshot = Snapshot::at_commit(&repo, commit, "").expect("opens");
            let remembered = memo.load(&snapshot).expect("loads");
            assert_eq!(told(&remembered), told(&load(&snapshot).expect("loads")));
            all.push(remembered);
        }
        let text = |at: usize, path: &str| {
            let loaded: &Loaded = &all[at];
            loaded.sources.get(path).expect("it is there").clone()
        };
        assert!(
            Arc::ptr_eq(&text(0, A), &text(2, A)),
            "it is not read again"
        );
        assert!(!Arc::ptr_eq(&text(0, B), &text(3, B)));
    }
}
