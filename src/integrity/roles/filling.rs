//! Who may open launches and append to them. What they push holds no commit on a branch: an opening or a part
//! is a commit without parents behind a reference of its own, and its author is whoever made it there.

use super::area::{Area, who_may};
use super::judge::{Court, named};
use crate::git::{CommitId, GitError, Identity};
use crate::model::{OPEN_BY_NOBODY, Role};

/// What somebody does to a launch that is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Open,
    Append,
    Close,
}

impl Deed {
    /// What it is, after `would`.
    pub(super) fn would(self) -> &'static str {
        match self {
            Self::Open => "open a launch",
            Self::Append => "append to a launch",
            Self::Close => "close a launch",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Open => "opened a launch",
            Self::Append => "appended to a launch",
            Self::Close => "closed a launch",
        }
    }

    /// Who judges it later, and how.
    pub(super) fn judged(self) -> &'static str {
        match self {
            Self::Open | Self::Append => "the server's hook would refuse this",
            Self::Close => "`verify` would call this `not-allowed`",
        }
    }
}

impl Court<'_> {
    /// Says of an opening or a part why its author may not have made it, by the rules of a commit: those of the
    /// projects of a workspace whose keys `fits` takes. A signature is not asked of it: the closing that takes it
    /// names it by its digest, and is signed.
    ///
    /// # Errors
    /// Objects are missing or damaged.
    pub(crate) fn unfit_filling(
        &mut self,
        (rules, workspace): (CommitId, &str),
        fits: &dyn Fn(&str) -> bool,
        made: CommitId,
        deed: Deed,
    ) -> Result<Option<String>, GitError> {
        let Some(rules) = self.rules_at(rules, workspace)? else {
            return Ok(None);
        };
        let needs = Area::Closing.needs();
        let mut author = None;
        for (_, project) in rules.shared() {
            if !project.key.as_deref().is_some_and(fits) {
                continue;
            }
            let author: &Identity = match &author {
                Some(known) => known,
                None => author.insert(self.author(made)?),
            };
            let role = project.role_of_author(author);
            if !role.is_some_and(|role| role.covers(needs)) {
                return Ok(Some(refusal(author, role, needs, deed)));
            }
        }
        Ok(None)
    }
}

fn refusal(author: &Identity, role: Option<Role>, needs: Role, deed: Deed) -> String {
    let (did, may) = (deed.done(), who_may(needs));
    if author.email == OPEN_BY_NOBODY {
        return format!(
            "it does not say who {did}, and {may}: git's `user.name` and `user.email` say it"
        );
    }
    let role = role.map_or("no member", Role::as_str);
    format!("{} ({role}, by author) {did}; {may}", named(author))
}

/// Says of parts that were gathered from a remote whose author may not append, by the rules of each of some
/// commits: a host without the hook lets anybody push who may push at all.
///
/// # Errors
/// Objects are missing or damaged.
pub fn strangers<'p>(
    repo: &crate::git::Repo,
    documentation: &[CommitId],
    (workspace, key): (&str, &str),
    parts: impl IntoIterator<Item = (&'p str, CommitId)>,
) -> Result<Vec<String>, GitError> {
    let mut court = Court::new(repo, None);
    let mut out = Vec::new();
    for (name, made) in parts {
        let deed = if name == "open" {
            Deed::Open
        } else {
            Deed::Append
        };
        let mut why = None;
        for rules in documentation {
            why = court.unfit_filling((*rules, workspace), &|known| known == key, made, deed)?;
            if why.is_none() {
                break;
            }
        }
        out.extend(why.map(|why| match deed {
            Deed::Append => format!("part `{name}`: {why}"),
            _ => why,
        }));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_it_was_is_said_or_that_nobody_says_it() {
        let by = |email: &str| Identity {
            name: "Rea Der".into(),
            email: email.into(),
        };
        assert_eq!(
            refusal(
                &by("rea@example.com"),
                Some(Role::Reader),
                Role::Runner,
                Deed::Append
            ),
            "Rea Der <rea@example.com> (reader, by author) appended to a launch; a runner, a writer or an owner may"
        );
        assert_eq!(
            refusal(&by(OPEN_BY_NOBODY), None, Role::Runner, Deed::Open),
            "it does not say who opened a launch, and a runner, a writer or an owner may: git's `user.name` and \
             `user.email` say it"
        );
    }
}
