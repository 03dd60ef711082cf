//! Signed commits and tags, made by the `git` program: its configuration says with which key, by which
//! kind of signature and by which program (`user.signingKey`, `gpg.format`, `gpg.ssh.*`, …).

use gix::objs::Kind;

use super::commit::signature;
use super::signature::is_signed;
use super::{CommitError, CommitId, CommitRequest, GitError, NewTag, ObjectId, RefUpdate, Repo};
use crate::base::faults;

/// An annotated tag that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeTag {
    /// The full name.
    pub name: String,
    pub id: ObjectId,
}

impl MadeTag {
    /// What pushes it to where no such tag is.
    pub fn update(&self) -> RefUpdate {
        RefUpdate {
            name: self.name.clone(),
            to: Some(CommitId(self.id.0)),
            expected: None,
        }
    }
}

impl Repo {
    /// Whether git's configuration says that commits are signed: `commit.gpgSign`.
    pub fn signs_commits(&self) -> bool {
        self.flag("commit.gpgSign", false)
    }

    /// Writes a commit with a signature.
    pub(super) fn write_signed(&self, commit: &gix::objs::Commit) -> Result<CommitId, CommitError> {
        let tree = commit.tree.to_string();
        let parents: Vec<String> = commit.parents.iter().map(ToString::to_string).collect();
        let mut args = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S"];
        for parent in &parents {
            args.extend(["-p", parent]);
        }
        args.extend(["-F", "-", &tree]);
        let env = identities(&commit.author, &commit.committer);
        let output = self.run_program_with(&env, &args, &commit.message)?;
        let refused = |message: String| CommitError::Signing {
            what: "commit",
            message,
        };
        if !output.status.success() {
            return Err(refused(complaint(&output)));
        }
        let id = String::from_utf8_lossy(&output.stdout);
        let id =
            CommitId::parse(id.trim()).ok_or_else(|| refused("it names no commit".to_owned()))?;
        match is_signed(&self.object(id.0, Kind::Commit)?, id.0.kind()) {
            true => Ok(id),
            false => Err(refused("it made one without a signature".to_owned())),
        }
    }

    /// Makes a signed, annotated tag of a commit that goes onto a branch. A tag of that name and subject
    /// whose commit never got there was left by an attempt that was killed, and is replaced.
    ///
    /// # Errors
    /// There is such a tag, or git can't sign.
    pub fn write_tag(
        &self,
        tag: &NewTag,
        commit: CommitId,
        request: &CommitRequest,
    ) -> Result<MadeTag, CommitError> {
        let full = format!("refs/tags/{}", tag.name);
        if gix::refs::FullName::try_from(full.as_str()).is_err() || tag.name.starts_with('-') {
            return Err(CommitError::TagName {
                name: tag.name.clone(),
            });
        }
        let commit = commit.to_string();
        let mut args = vec!["tag", "--sign", "--cleanup=verbatim", "-F", "-"];
        if self.tag_is_in_the_way(&full, tag, request)? {
            args.push("--force");
        }
        args.extend(["--end-of-options", &tag.name, &commit]);
        let by = signature(&request.committer, request.time);
        let passed = faults::step("make the tag", &self.common_dir().join(&full));
        passed.map_err(|source| CommitError::Branch {
            branch: full.clone(),
            source: source.into(),
        })?;
        let output = self.run_program_with(&identities(&by, &by), &args, tag.message.as_bytes())?;
        if !output.status.success() {
            let message = complaint(&output);
            return Err(CommitError::Signing {
                what: "tag",
                message,
            });
        }
        match self.reference(&full)? {
            Some(id) => Ok(MadeTag { name: full, id }),
            None => Err(CommitError::Signing {
                what: "tag",
                message: "it made none".to_owned(),
            }),
        }
    }

    /// Removes a tag that was made for nothing, unless it is another one by now.
    pub fn remove_tag(&self, tag: &MadeTag) -> Result<(), GitError> {
        let id = tag.id.to_string();
        self.program(&["update-ref", "-d", &tag.name, &id], b"")
            .map(drop)
    }

    /// Returns the annotated tag of a name that is here, where its message has a line and its commit is
    /// part of another.
    pub fn made_tag(
        &self,
        name: &str,
        line: &str,
        of: CommitId,
    ) -> Result<Option<MadeTag>, GitError> {
        let name = format!("refs/tags/{name}");
        if gix::refs::FullName::try_from(name.as_str()).is_err() {
            return Ok(None);
        }
        let Some(id) = self.reference(&name)? else {
            return Ok(None);
        };
        if self.kind(id)? != Kind::Tag {
            return Ok(None);
        }
        let bytes = self.object(id.0, Kind::Tag)?;
        let text = String::from_utf8_lossy(&bytes);
        let read = read_tag(&text).filter(|(_, message)| message.lines().any(|it| it == line));
        let Some((target, _)) = read.filter(|(target, _)| self.has_object((*target).into())) else {
            return Ok(None);
        };
        Ok(self
            .is_ancestor(target, of)?
            .then_some(MadeTag { name, id }))
    }

    /// Whether a tag is there that may be replaced.
    fn tag_is_in_the_way(
        &self,
        full: &str,
        tag: &NewTag,
        request: &CommitRequest,
    ) -> Result<bool, CommitError> {
        let Some(id) = self.reference(full)? else {
            return Ok(false);
        };
        let exists = || CommitError::TagExists {
            name: tag.name.clone(),
        };
        let bytes = self.object(id.0, Kind::Tag).map_err(|_| exists())?;
        let text = String::from_utf8_lossy(&bytes);
        let (target, message) = read_tag(&text).ok_or_else(exists)?;
        let arrived = match self.tip(&request.branch)? {
            Some(tip) => self.is_ancestor(target, tip)?,
            None => false,
        };
        match !arrived && message.lines().next() == tag.message.lines().next() {
            true => Ok(true),
            false => Err(exists()),
        }
    }
}

/// Reads the commit that a tag's object names, and its message.
fn read_tag(text: &str) -> Option<(CommitId, &str)> {
    let (head, message) = text.split_once("\n\n")?;
    let target = head.strip_prefix("object ")?;
    let (target, rest) = target.split_once('\n')?;
    let target = CommitId::parse(target).filter(|_| rest.starts_with("type commit\n"))?;
    Some((target, message))
}

/// Who makes a commit and when, as git reads it from its environment.
fn identities(
    author: &gix::actor::Signature,
    committer: &gix::actor::Signature,
) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (who, by) in [("AUTHOR", author), ("COMMITTER", committer)] {
        out.push((format!("GIT_{who}_NAME"), by.name.to_string()));
        out.push((format!("GIT_{who}_EMAIL"), by.email.to_string()));
        out.push((
            format!("GIT_{who}_DATE"),
            format!("@{} +0000", by.time.seconds),
        ));
    }
    out
}

/// What git said of a signature that it could not make, in one line.
fn complaint(output: &std::process::Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines
        .map(|line| {
            line.trim_start_matches("error: ")
                .trim_start_matches("fatal: ")
        })
        .collect();
    match lines.is_empty() {
        true => "it does not say why".to_owned(),
        false => lines.join("; "),
    }
}
