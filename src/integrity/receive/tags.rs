//! Signed tags of closings: proof that a member closed a launch, which nobody else takes away.

use super::{RefChange, Session};
use crate::git::{GitError, ObjectId, SignatureState};
use crate::model::Role;

/// References whose names begin so are tags that closing a launch makes.
const CLOSING: &str = "refs/tags/tallybook/";

/// What a tag's signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    /// It is no annotated tag, or has no signature by a member.
    Nothing,
    /// It can't be checked here, or is a member's.
    Proof,
    Owners,
}

impl Session<'_> {
    /// Refuses to delete a tag that proves a closing, or to move it unless an owner signed the new
    /// one. A deletion says nothing of who it is by.
    pub(super) fn closing_tag(&mut self, change: &RefChange) -> Result<(), GitError> {
        let Some(old) = change.old.filter(|_| change.name.starts_with(CLOSING)) else {
            return Ok(());
        };
        if change.new == Some(old) || self.worth(old)? == Worth::Nothing {
            return Ok(());
        }
        match change.new {
            Some(new) if self.worth(new)? == Worth::Owners => {}
            Some(_) => self.refuse(
                &change.name,
                "it proves who closed a launch; only a tag that an owner signed may take its place",
            ),
            None => self.refuse(
                &change.name,
                "it proves who closed a launch, and a deletion can't be signed; whoever runs the \
                 server may remove it there with `git tag -d`",
            ),
        }
        Ok(())
    }

    fn worth(&mut self, tag: ObjectId) -> Result<Worth, GitError> {
        let mut keys = Vec::new();
        let mut owners = Vec::new();
        if let Some(bench) = self.bench() {
            let tree = self.repo.step(bench)?.tree;
            for workspace in self.places.all(tree)? {
                for (key, role) in self.court.keys(bench, &workspace)? {
                    if role == Role::Owner {
                        owners.push(key.clone());
                    }
                    keys.push(key);
                }
            }
        }
        let state = |keys: &[_]| match self.repo.tag_signature(tag, keys) {
            Ok(state) => Ok(Some(state)),
            Err(GitError::Kind { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        if let Some(SignatureState::Good { .. }) = state(&owners)? {
            return Ok(Worth::Owners);
        }
        Ok(match state(&keys)? {
            Some(SignatureState::Good { .. } | SignatureState::Unchecked { .. }) => Worth::Proof,
            _ => Worth::Nothing,
        })
    }
}
