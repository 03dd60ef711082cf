//! Signed tags of closings: proof that a member closed a launch, which nobody else takes away.

use super::{RefChange, Session};
use crate::base::text::sanitize_line;
use crate::git::{GitError, ObjectId, SignatureState, TrustedKey};
use crate::model::Role;

/// References whose names begin so are tags that closing a launch makes.
const CLOSING: &str = "refs/tags/tallybook/";

/// Who may sign in one project.
struct Signers {
    members: Vec<TrustedKey>,
    owners: Vec<TrustedKey>,
}

impl Session<'_> {
    /// Refuses to delete a tag that proves a closing, or to move it unless an owner signed the new one: of
    /// each project whose member signed the old one. A deletion says nothing of who it is by. What
    /// can't be checked has no place among proofs: nobody could tell it from one.
    pub(super) fn closing_tag(&mut self, change: &RefChange) -> Result<(), GitError> {
        if !change.name.starts_with(CLOSING) || change.new == change.old {
            return Ok(());
        }
        let projects = self.signers()?;
        let unfit = match change.new {
            Some(new) => self.unfit(&change.name, new, &projects)?,
            None => None,
        };
        if let Some(why) = unfit {
            self.refuse(&change.name, why);
            return Ok(());
        }
        let Some(old) = change.old else {
            return Ok(());
        };
        let guards = self.guards(&change.name, old, &projects)?;
        if guards.is_empty() {
            return Ok(());
        }
        let Some(new) = change.new else {
            self.refuse(
                &change.name,
                "it proves who closed a launch, and a deletion can't be signed; whoever runs the \
                 server may remove it there with `git tag -d`",
            );
            return Ok(());
        };
        for project in guards {
            if !is_good(self.state(new, &project.owners)?.as_ref()) {
                self.refuse(
                    &change.name,
                    "it proves who closed a launch; only a tag that an owner signed may take its place",
                );
                return Ok(());
            }
        }
        Ok(())
    }

    /// Says why a tag may not stand under a name.
    fn unfit(
        &self,
        name: &str,
        tag: ObjectId,
        projects: &[Signers],
    ) -> Result<Option<String>, GitError> {
        for project in projects {
            match self.state(tag, &project.members)? {
                Some(SignatureState::Unchecked { reason }) => {
                    return Ok(Some(format!(
                        "under `tallybook/` stands only what can be checked, and this is {}",
                        sanitize_line(&reason)
                    )));
                }
                Some(SignatureState::Good { .. }) if !self.is_named(tag, name)? => {
                    return Ok(Some(
                        "a member signed this tag under another name; it proves nothing here"
                            .to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The projects whose owners must have signed what takes a tag's place: those of which a member
    /// signed it, and all where that can't be checked.
    fn guards<'p>(
        &self,
        name: &str,
        tag: ObjectId,
        projects: &'p [Signers],
    ) -> Result<Vec<&'p Signers>, GitError> {
        let mut out = Vec::new();
        for project in projects {
            match self.state(tag, &project.members)? {
                Some(SignatureState::Unchecked { .. }) => return Ok(projects.iter().collect()),
                Some(SignatureState::Good { .. }) if self.is_named(tag, name)? => out.push(project),
                _ => {}
            }
        }
        Ok(out)
    }

    /// The keys of each project on the branch of rules that has members.
    fn signers(&mut self) -> Result<Vec<Signers>, GitError> {
        let Some(bench) = self.bench() else {
            return Ok(Vec::new());
        };
        let tree = self.repo.step(bench)?.tree;
        let mut out = Vec::new();
        for workspace in self.places.all(tree)? {
            for keys in self.court.keys(bench, &workspace)? {
                let owners = keys.iter().filter(|(_, role)| *role == Role::Owner);
                out.push(Signers {
                    owners: owners.map(|(key, _)| key.clone()).collect(),
                    members: keys.into_iter().map(|(key, _)| key).collect(),
                });
            }
        }
        Ok(out)
    }

    /// What the signature of a tag is worth by some keys; `None` where it is no annotated tag.
    fn state(
        &self,
        tag: ObjectId,
        keys: &[TrustedKey],
    ) -> Result<Option<SignatureState>, GitError> {
        match self.repo.tag_signature(tag, keys) {
            Ok(state) => Ok(Some(state)),
            Err(GitError::Kind { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether an annotated tag was made for a reference: its signature covers the name.
    fn is_named(&self, tag: ObjectId, name: &str) -> Result<bool, GitError> {
        let own = self.repo.tag_name(tag)?;
        Ok(own.is_some_and(|own| format!("refs/tags/{own}") == name))
    }
}

fn is_good(state: Option<&SignatureState>) -> bool {
    matches!(state, Some(SignatureState::Good { .. }))
}
