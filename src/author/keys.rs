//! Public keys of members: a line of OpenSSH, an armoured OpenPGP key, a certificate in PEM.

use crate::base::text::sanitize_line;

/// A text is no public key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error(
        "this is a PRIVATE key: it must not get into a repository, and nothing was written; \
         give the public one (`.pub`)"
    )]
    Private,
    #[error(
        "this is no public key: expected a line of OpenSSH (`ssh-ed25519 AAAA…`), an armoured \
         OpenPGP key, or a certificate in PEM"
    )]
    Unknown,
    #[error("there is more than one key here; give them one by one")]
    Several,
}

/// Whether two texts are the same key: of a line of OpenSSH the comment doesn't count.
pub(super) fn same_key(a: &str, b: &str) -> bool {
    let core = |key: &str| {
        let words: Vec<&str> = key.split_whitespace().collect();
        match words.as_slice() {
            [kind, body, ..] if is_ssh_type(kind) => format!("{kind} {body}"),
            words => words.join(" "),
        }
    };
    core(a) == core(b)
}

/// Returns a public key as a member's file holds it.
///
/// # Errors
/// The text is a private key, no key, or several.
pub fn public_key(text: &str) -> Result<String, KeyError> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_matches(['\n', ' ', '\t', '\u{feff}']);
    let upper = text.to_ascii_uppercase();
    if upper.contains("PRIVATE KEY")
        || text.contains("AGE-SECRET-KEY")
        || text.starts_with("PuTTY-User-Key-File")
    {
        return Err(KeyError::Private);
    }
    for kind in ["PGP PUBLIC KEY BLOCK", "CERTIFICATE"] {
        let (begin, end) = (
            format!("-----BEGIN {kind}-----"),
            format!("-----END {kind}-----"),
        );
        if text.matches(&begin).count() > 1 {
            return Err(KeyError::Several);
        }
        if text.starts_with(&begin) && text.ends_with(&end) {
            let safe = text.chars().all(|c| c == '\n' || !c.is_control());
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            return match safe && lines.len() > 2 {
                true => Ok(lines.join("\n") + "\n"),
                false => Err(KeyError::Unknown),
            };
        }
    }
    if text.contains('\n') {
        let keys = text.lines().filter(|line| is_ssh_key(line)).count();
        return Err(match keys {
            0 => KeyError::Unknown,
            _ => KeyError::Several,
        });
    }
    match is_ssh_key(text) {
        true => Ok(sanitize_line(text)),
        false => Err(KeyError::Unknown),
    }
}

fn is_ssh_type(word: &str) -> bool {
    let known = ["ssh-ed25519", "ssh-rsa", "sk-ssh-ed25519@openssh.com"];
    known.contains(&word) || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-ecdsa-sha2-")
}

/// Whether a text is a line of OpenSSH: a type, and a body that begins with that type.
fn is_ssh_key(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(kind), Some(body)) = (words.next(), words.next()) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    is_ssh_type(kind) && body.starts_with("AAAA") && body.len() >= 40 && body.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBQkzRKnYoAVw1lKkUmQgm2yrnYTPxxGQqcCZRpHCDz";

    #[test]
    fn only_public_keys_pass() {
        assert_eq!(
            public_key(&format!(" {KEY} bob@x\n")),
            Ok(format!("{KEY} bob@x"))
        );
        let armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nmDME\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n";
        assert_eq!(public_key(armour), Ok(armour.replace("\r\n", "\n")));
        let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
        assert_eq!(public_key(pem), Ok(format!("{pem}\n")));
        for private in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\n",
            &format!("{KEY}\n-----BEGIN PRIVATE KEY-----"),
        ] {
            assert_eq!(public_key(private), Err(KeyError::Private));
        }
        for wrong in [
            "",
            "hello",
            "ssh-ed25519 AAAA",
            "ssh-dss AAAAB3NzaC1kc3MAAACBAJ",
            "-----BEGIN CERTIFICATE-----\n",
        ] {
            assert_eq!(public_key(wrong), Err(KeyError::Unknown), "{wrong}");
        }
        assert_eq!(
            public_key(&format!("{KEY} a\n{KEY} b")),
            Err(KeyError::Several)
        );
        assert!(same_key(&format!("{KEY} a@b"), KEY));
    }
}
