//! Which commit last changed a file.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::{CommitId, GitError, ObjectId, Repo, Step};

impl Repo {
    /// Returns for each file below a folder the commit that made it what it is in `from`. Of a merge that
    /// is one of its parents' doing where one has the same file; of several the first. Files that
    /// are not there are left out, and so are those that a shallow clone cut off from their beginning.
    ///
    /// # Errors
    /// Objects are missing or damaged.
    pub fn last_changes(
        &self,
        from: CommitId,
        folder: &str,
        files: &[&str],
    ) -> Result<BTreeMap<String, CommitId>, GitError> {
        let cut = self.shallow_commits()?;
        let mut out = BTreeMap::new();
        let mut walk = Walk::default();
        let first = self.step(from)?;
        let mut there = Vec::new();
        for file in files {
            if let Some(entry) = self.tree_of(first.tree).entry(file)? {
                there.push((*file, entry.id));
            }
        }
        walk.visit(&first, there);
        while let Some((step, files)) = walk.next() {
            let mut parents = Vec::new();
            for parent in step.parents.iter().filter(|_| !cut.contains(&step.id)) {
                parents.push(self.step(*parent)?);
            }
            if parents.iter().any(|parent| !self.has_object(parent.tree)) && self.is_partial() {
                self.fetch_trees(&self.history(from)?.steps)?;
            }
            let here = self.tree_of(step.tree).subtree_id(folder)?;
            let mut left = files;
            for parent in &parents {
                let tree = self.tree_of(parent.tree);
                if tree.subtree_id(folder)? == here {
                    walk.visit(parent, std::mem::take(&mut left));
                    break;
                }
                let mut same = Vec::new();
                let mut others = Vec::new();
                for (file, id) in left {
                    let entry = tree.entry(file)?;
                    match entry.is_some_and(|entry| entry.id == id) {
                        true => same.push((file, id)),
                        false => others.push((file, id)),
                    }
                }
                walk.visit(parent, same);
                left = others;
            }
            if !cut.contains(&step.id) {
                out.extend(left.into_iter().map(|(file, _)| (file.to_owned(), step.id)));
            }
        }
        Ok(out)
    }
}

/// A file, and its content.
type Known<'a> = (&'a str, ObjectId);

/// Commits to look at, the latest first, each with the files that are traced through it.
#[derive(Default)]
struct Walk<'a> {
    heap: BinaryHeap<(i64, CommitId)>,
    waiting: HashMap<CommitId, (Step, Vec<Known<'a>>)>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, step: &Step, files: Vec<Known<'a>>) {
        if files.is_empty() {
            return;
        }
        let heap = &mut self.heap;
        let (_, waiting) = self.waiting.entry(step.id).or_insert_with(|| {
            heap.push((step.seconds, step.id));
            (step.clone(), Vec::new())
        });
        waiting.extend(files);
    }

    fn next(&mut self) -> Option<(Step, Vec<Known<'a>>)> {
        let (_, id) = self.heap.pop()?;
        self.waiting.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Playground;
    use super::*;

    /// Says which commit git itself names.
    #[track_caller]
    fn assert_as_git(play: &Playground, files: &[&str]) {
        let repo = play.open();
        let head = CommitId::parse(play.git(&["rev-parse", "HEAD"]).trim()).expect("an id");
        let found = repo.last_changes(head, "cases", files).expect("walks");
        for file in files {
            let expected = play.git(&["log", "-1", "--format=%H", "--", file]);
            let found = found.get(*file).map(ToString::to_string);
            assert_eq!(found.unwrap_or_default(), expected.trim(), "{file}");
        }
    }

    #[test]
    fn it_says_what_git_says() {
        let play = Playground::new();
        play.init("main");
        let files = ["cases/a.md", "cases/b/c.md", "cases/d.md"];
        let commit = |path: &str, text: &str| {
            play.write(path, text);
            play.git(&["add", "-A"]);
            play.git(&["commit", "-qm", path]);
        };
        for file in files {
            commit(file, "1\n");
        }
        commit("src/main.c", "1\n");
        assert_as_git(&play, &files);
        play.git(&["checkout", "-qb", "side"]);
        commit(files[1], "2\n");
        play.git(&["checkout", "-q", "main"]);
        commit(files[2], "2\n");
        play.git(&["merge", "-q", "--no-edit", "side"]);
        assert_as_git(&play, &files);
        commit("src/main.c", "2\n");
        assert_as_git(&play, &files);
        // What a merge itself wrote is the merge's.
        play.git(&["checkout", "-qb", "other"]);
        commit(files[0], "2\n");
        play.git(&["checkout", "-q", "main"]);
        commit(files[0], "3\n");
        let _ = play.try_git(&[], &["merge", "-q", "other"]);
        commit(files[0], "4\n");
        assert_as_git(&play, &files);
        let none = play.open();
        let head = CommitId::parse(play.git(&["rev-parse", "HEAD"]).trim()).expect("an id");
        let found = none.last_changes(head, "cases", &["cases/none.md"]);
        assert_eq!(found.expect("walks"), BTreeMap::new());
    }
}
