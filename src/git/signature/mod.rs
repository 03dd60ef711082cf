//! Signatures of commits and annotated tags, held against public keys that are given.
//!
//! Nothing of the user's configuration, keyrings, agents or network matters, and no clock: a key that
//! ends counts as of the commit's own time, as git has it. SSH signatures are checked here, OpenPGP
//! ones by `gpg` and X.509 ones by `gpgsm`, each in a home of its own that holds the given keys alone.
//! What is not understood is never good.

mod armour;
mod gnupg;
mod object;
mod openpgp;
mod ssh;
#[cfg(test)]
mod tests;
mod x509;

use gix::objs::Kind;

use self::armour::Armour;
pub(super) use self::gnupg::Homes;
use self::object::Signed;
use super::{CommitId, GitError, ObjectId, Repo};

/// A public key that somebody answers for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustedKey {
    pub owner: String,
    /// A line of OpenSSH, an armoured OpenPGP key, or a certificate in PEM.
    pub key: String,
}

/// The kinds of keys that git signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    Ssh,
    OpenPgp,
    X509,
}

/// What a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureState {
    Unsigned,
    /// It holds, and one of the given keys made it.
    Good {
        owner: String,
        /// The key's fingerprint.
        key: String,
    },
    /// None of the given keys made it.
    UnknownSigner {
        key: String,
    },
    /// It does not hold, or can't be a signature of this object.
    Bad {
        reason: String,
    },
    /// What would check this kind isn't here, or does not know it.
    Unchecked {
        reason: String,
    },
}

impl TrustedKey {
    /// What kind of key it is; `None` where it is none that could be checked.
    pub fn kind(&self) -> Option<KeyKind> {
        if Armour::PgpKey.only_block(&self.key).is_some() {
            return Some(KeyKind::OpenPgp);
        }
        if Armour::Certificate.only_block(&self.key).is_some() {
            return Some(KeyKind::X509);
        }
        ssh::blob_of(&self.key).map(|_| KeyKind::Ssh)
    }

    /// Returns the fingerprint of an SSH key as `ssh-keygen -l` shows it, or of a certificate; `None`
    /// for others, which take a program.
    pub fn fingerprint(&self) -> Option<String> {
        match self.kind()? {
            KeyKind::Ssh => ssh::blob_of(&self.key).map(|blob| ssh::fingerprint(&blob)),
            KeyKind::X509 => x509::fingerprint(&self.key),
            KeyKind::OpenPgp => None,
        }
    }
}

impl SignatureState {
    fn bad(reason: impl Into<String>) -> Self {
        Self::Bad {
            reason: reason.into(),
        }
    }

    fn unchecked(reason: impl Into<String>) -> Self {
        Self::Unchecked {
            reason: reason.into(),
        }
    }
}

impl Repo {
    /// Holds the signature of a commit against keys. Where several people have the same key, the
    /// first of them counts.
    ///
    /// # Errors
    /// The commit can't be read. A signature that does not hold is no error.
    pub fn commit_signature(
        &self,
        id: CommitId,
        keys: &[TrustedKey],
    ) -> Result<SignatureState, GitError> {
        let bytes = self.object(id.0, Kind::Commit)?;
        Ok(self.judge(&object::commit(&bytes, id.0.kind()), keys))
    }

    /// Holds the signature of an annotated tag against keys.
    ///
    /// # Errors
    /// The tag can't be read, or is none that is annotated.
    pub fn tag_signature(
        &self,
        id: ObjectId,
        keys: &[TrustedKey],
    ) -> Result<SignatureState, GitError> {
        let bytes = self.object(id.0, Kind::Tag)?;
        Ok(self.judge(&object::tag(&bytes), keys))
    }

    /// Returns the name that an annotated tag gives itself; `None` where it is no text.
    ///
    /// # Errors
    /// The tag can't be read, or is none that is annotated.
    pub fn tag_name(&self, id: ObjectId) -> Result<Option<String>, GitError> {
        let bytes = self.object(id.0, Kind::Tag)?;
        let text = std::str::from_utf8(&bytes).ok();
        let head = text.and_then(|text| text.split("\n\n").next());
        let name = head.and_then(|head| head.lines().find_map(|line| line.strip_prefix("tag ")));
        Ok(name.map(str::to_owned))
    }

    fn judge(&self, object: &Signed, keys: &[TrustedKey]) -> SignatureState {
        judge(object, keys, self.signature_homes())
    }
}

/// Whether a commit has a signature, whatever that is worth.
pub(super) fn is_signed(commit: &[u8], hash: gix::hash::Kind) -> bool {
    object::commit(commit, hash) != Signed::Not
}

/// Judges an object that was taken apart.
fn judge(object: &Signed, keys: &[TrustedKey], homes: &Homes) -> SignatureState {
    let (payload, signature) = match object {
        Signed::Not => return SignatureState::Unsigned,
        Signed::Several => return SignatureState::bad("it has several signatures"),
        Signed::Once { payload, signature } => (payload, signature),
    };
    let Ok(text) = std::str::from_utf8(signature) else {
        return SignatureState::bad("its signature is not text");
    };
    if let Some(block) = Armour::SshSignature.only_block(text) {
        return ssh::check(block, payload, keys);
    }
    if let Some(block) = Armour::PgpSignature.only_block(text) {
        return openpgp::check(block, payload, keys, homes);
    }
    if let Some(block) = Armour::Cms.only_block(text) {
        return x509::check(block, payload, keys, homes);
    }
    SignatureState::bad("its signature is none that git makes")
}
