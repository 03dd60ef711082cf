//! Whether a commit is signed, and tagged, as far as it was typed.

use crate::cli::error::CommandError;
use crate::git::{CommitError, Repo};
use crate::ledger::TagName;

#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct SignArgs {
    /// Sign the commit, as git's configuration says: `user.signingKey`, `gpg.format`. Where
    /// `commit.gpgSign` is set this is the default
    #[arg(long, conflicts_with = "no_sign")]
    sign: bool,
    /// Don't sign the commit, whatever `commit.gpgSign` says
    #[arg(long)]
    no_sign: bool,
}

impl SignArgs {
    /// Whether commits of a repository are to be signed.
    pub(crate) fn wants(self, repo: &Repo) -> bool {
        self.sign || (!self.no_sign && repo.signs_commits())
    }

    /// Whether a signature was asked for in so many words.
    pub(super) fn is_asked_for(self) -> bool {
        self.sign
    }
}

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TagArgs {
    /// Sign, and make a signed tag of the commit whose message holds the receipt
    /// [name: `tallybook/<KEY>/<launch>`]
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "no_sign"
    )]
    tag: Option<String>,
}

impl TagArgs {
    pub(super) fn name(&self) -> Option<TagName> {
        self.tag.as_ref().map(|name| match name.as_str() {
            "" => TagName::Usual,
            name => TagName::Named(name.strip_prefix("refs/tags/").unwrap_or(name).to_owned()),
        })
    }

    /// One name can't be the tag of several launches.
    pub(super) fn check_many(&self) -> Result<(), CommandError> {
        match self.name() {
            Some(TagName::Named(name)) => Err(CommandError::usage(format!(
                "tag `{name}` can't name several launches"
            ))
            .hint("`--tag` alone names each after its launch")),
            _ => Ok(()),
        }
    }
}

/// What to do about a commit that could not be signed, or tagged; `so` says what became of it all.
pub(crate) fn hint(error: &CommitError, so: &str) -> Option<String> {
    match error {
        CommitError::Signing { .. } => Some(format!(
            "{so}. `git config user.signingKey` names the key, and `git config gpg.format` its kind: \
             `ssh`, `openpgp` or `x509`; `--no-sign` does without a signature"
        )),
        CommitError::TagExists { .. } => Some(format!("{so}; name another: `--tag=NAME`")),
        _ => None,
    }
}
