//! What the project's rules do not allow: said before it is done.

use crate::base::text::shell_word;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ErrorKind};
use crate::cli::place::Place;
use crate::git::Identity;
use crate::integrity::{self, Deed, Intent, Lack, NotAllowed};
use crate::model::OPEN_BY_NOBODY;
use crate::store::Project;

/// Refuses, before anything is written, what the server's hook would refuse: an opening or a part that is to be
/// pushed by somebody who may not, as the members of the checked out commit have it.
pub(super) fn check_shared(
    ctx: &Context,
    place: &Place,
    project: &Project,
    deed: Deed,
) -> Result<(), CommandError> {
    let repo = place.repo()?;
    let Some(commit) = repo.head()?.commit else {
        return Ok(());
    };
    let identity = place.identity(ctx);
    let nobody = Identity {
        name: "nobody".to_owned(),
        email: OPEN_BY_NOBODY.to_owned(),
    };
    let intent = Intent {
        deed,
        author: identity.as_ref().unwrap_or(&nobody),
        signs: false,
        workspace: &place.prefix,
        project: &project.folder,
        tip: None,
        documentation: &[commit],
    };
    match (integrity::foresee(repo, &intent)?, identity) {
        (None, _) => Ok(()),
        (Some(why), Ok(identity)) => Err(refuse(why, &identity)
            .hint("nothing was written; without `--push` it stays on this machine, and whoever closes it answers for it")),
        (Some(_), Err(error)) => Err(error.hint(format!(
            "project `{}` has members, and what is pushed to its launches says whose it is; `launch append --to DIR` \
             needs no name",
            project.folder.rsplit('/').next().unwrap_or(&project.folder)
        ))),
    }
}

/// Says why a commit was not made, and what has to come first.
pub(crate) fn refuse(why: NotAllowed, by: &Identity) -> CommandError {
    let hints = hints(&why, by);
    let error = CommandError {
        kind: ErrorKind::Finding,
        error: Box::new(why),
        hints: Vec::new(),
    };
    hints
        .into_iter()
        .fold(error, |error, hint| error.hint(hint))
}

fn hints(why: &NotAllowed, by: &Identity) -> Vec<String> {
    let member = why.member.as_deref().map(shell_word);
    let name = || match &member {
        Some(id) => id.to_string(),
        None => format!("{} --email {}", shell_word(&by.name), shell_word(&by.email)),
    };
    let role = match &member {
        None => format!(" --role {}", why.needs.as_str()),
        Some(_) => String::new(),
    };
    match why.lacks {
        Lack::Role => vec![format!(
            "an owner allows it, and commits that: `tallybook member add {} --role {}`",
            name(),
            why.needs.as_str()
        )],
        Lack::Signature => vec![
            "sign it with a member's key: `--sign`".to_owned(),
            format!(
                "whose key is not known yet is made known by an owner: `tallybook member add {}{role} --key FILE`",
                name()
            ),
        ],
        Lack::Soundness => vec![
            "`git config gpg.format` and `user.signingKey` say what git signs with; `git log --show-signature` \
             shows one that holds"
                .to_owned(),
        ],
        Lack::Key => vec![format!(
            "an owner makes the key known, and commits that: `tallybook member add {}{role} --key FILE`",
            name()
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    #[test]
    fn the_way_is_named_for_each_lack() {
        let by = Identity {
            name: "Nightly CI".into(),
            email: "ci@example.com".into(),
        };
        let why = |lacks, member: Option<&str>| NotAllowed {
            deed: Deed::Close,
            said: String::new(),
            lacks,
            needs: Role::Runner,
            member: member.map(str::to_owned),
        };
        let told = |lacks, member| hints(&why(lacks, member), &by).join("; ");
        assert_eq!(
            told(Lack::Role, None),
            "an owner allows it, and commits that: `tallybook member add 'Nightly CI' --email ci@example.com \
             --role runner`"
        );
        assert!(
            told(Lack::Role, Some("wes")).ends_with("`tallybook member add wes --role runner`")
        );
        assert!(
            told(Lack::Signature, Some("wes")).starts_with("sign it with a member's key: `--sign`")
        );
        assert!(told(Lack::Key, Some("wes")).ends_with("`tallybook member add wes --key FILE`"));
    }
}
