//! Takes an object apart into what was signed and the signature, byte for byte as git does.

use super::armour::Armour;

/// A commit or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    Not,
    Once {
        payload: Vec<u8>,
        signature: Vec<u8>,
    },
    /// The header stands there more than once: which one counts would be a matter of taste.
    Several,
}

/// Headers with signatures: over the object as it is in a repository of SHA-1, and of SHA-256. An
/// object may have both, and neither is part of what the other signs.
const HEADERS: [&str; 2] = ["gpgsig", "gpgsig-sha256"];

/// Takes a commit apart: the signature is a header, and what was signed is all the rest.
pub(super) fn commit(bytes: &[u8], hash: gix::hash::Kind) -> Signed {
    let own = match hash {
        gix::hash::Kind::Sha1 => HEADERS[0],
        _ => HEADERS[1],
    };
    let (payload, mut signatures) = without(bytes, own);
    match (signatures.pop(), signatures.is_empty()) {
        (None, _) => Signed::Not,
        (Some(signature), true) => Signed::Once { payload, signature },
        (Some(_), false) => Signed::Several,
    }
}

/// Takes an annotated tag apart: the signature is the end of its message.
pub(super) fn tag(bytes: &[u8]) -> Signed {
    let mut at = 0;
    let mut begins = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_begin = |armour: &str| line.starts_with(armour.as_bytes());
        if Armour::SIGNATURES.iter().any(|armour| is_begin(armour)) {
            begins = Some(at);
        }
        at += line.len();
    }
    match begins {
        None => Signed::Not,
        Some(at) => Signed::Once {
            payload: without(&bytes[..at], "").0,
            signature: bytes[at..].to_vec(),
        },
    }
}

/// Returns an object without the headers that hold signatures, and the values of one of them.
fn without(bytes: &[u8], own: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut payload = Vec::with_capacity(bytes.len());
    let mut values: Vec<Vec<u8>> = Vec::new();
    // The header whose value may go on: `Some(true)` for the one that is asked for.
    let mut within = None;
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line == b"\n" {
            break;
        }
        at += line.len();
        let (more, value) = match line {
            [b' ', rest @ ..] => (true, rest),
            _ => (false, line),
        };
        if !more {
            let name = header_name(line);
            within = HEADERS.contains(&name).then_some(name == own);
            if within == Some(true) {
                values.push(line[own.len() + 1..].to_vec());
            }
        } else if let (Some(true), Some(last)) = (within, values.last_mut()) {
            last.extend_from_slice(value);
        }
        if within.is_none() {
            payload.extend_from_slice(line);
        }
    }
    payload.extend_from_slice(&bytes[at..]);
    (payload, values)
}

/// The name of a header that has a value.
fn header_name(line: &[u8]) -> &str {
    let end = line.iter().position(|byte| *byte == b' ');
    let name = &line[..end.unwrap_or_default()];
    std::str::from_utf8(name).unwrap_or_default()
}

/// When a commit or a tag says it was made: seconds since 1970.
pub(super) fn time(payload: &[u8]) -> Option<u64> {
    let lines = payload.split(|byte| *byte == b'\n');
    let head = lines.take_while(|line| !line.is_empty());
    let mut made =
        head.filter(|line| line.starts_with(b"committer ") || line.starts_with(b"tagger "));
    let line = std::str::from_utf8(made.next()?).ok()?;
    line.rsplit_once("> ")?.1.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: gix::hash::Kind = gix::hash::Kind::Sha1;
    const HEAD: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        author A <a@example.com> 12 +0000\ncommitter A <a@example.com> 34 +0100\n";

    fn once(payload: &str, signature: &str) -> Signed {
        Signed::Once {
            payload: payload.into(),
            signature: signature.into(),
        }
    }

    #[test]
    fn a_commit_is_signed_in_its_header() {
        let plain = format!("{HEAD}\nSubject\n\ngpgsig not one\n");
        assert_eq!(commit(plain.as_bytes(), SHA1), Signed::Not);
        let signed =
            format!("{HEAD}gpgsig one\n two\n \nencoding x\n\nSubject\n\ngpgsig not one\n");
        let payload = format!("{HEAD}encoding x\n\nSubject\n\ngpgsig not one\n");
        assert_eq!(
            commit(signed.as_bytes(), SHA1),
            once(&payload, "one\ntwo\n\n")
        );
        assert_eq!(time(payload.as_bytes()), Some(34));
    }

    #[test]
    fn a_signature_for_the_other_hash_is_set_aside() {
        let both = format!("{HEAD}gpgsig a\n b\ngpgsig-sha256 c\n d\n\nS\n");
        assert_eq!(
            commit(both.as_bytes(), SHA1),
            once(&format!("{HEAD}\nS\n"), "a\nb\n")
        );
        let other = format!("{HEAD}gpgsig-sha256 c\n d\n\nS\n");
        assert_eq!(commit(other.as_bytes(), SHA1), Signed::Not);
    }

    #[test]
    fn several_signatures_are_none() {
        let several = format!("{HEAD}gpgsig a\n b\nx y\ngpgsig c\n\nS\n");
        assert_eq!(commit(several.as_bytes(), SHA1), Signed::Several);
    }

    #[test]
    fn lines_that_go_on_belong_to_their_header() {
        let merge =
            format!("{HEAD}mergetag object 1\n gpgsig x\n -----BEGIN SSH SIGNATURE-----\n\nS\n");
        assert_eq!(commit(merge.as_bytes(), SHA1), Signed::Not);
        for odd in [
            "",
            "\n",
            " x\n",
            "gpgsig",
            "gpgsig\n",
            "gpgsig \n",
            "\n\n",
            "gpgsig-sha256\n x",
        ] {
            let taken = commit(odd.as_bytes(), SHA1);
            assert!(
                matches!(taken, Signed::Not | Signed::Once { .. }),
                "{odd:?}"
            );
        }
    }

    #[test]
    fn a_tag_is_signed_at_its_end() {
        let head = "object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype commit\ntag v1\n\
            tagger A <a@example.com> 56 +0000\n";
        let text = format!("{head}gpgsig-sha256 x\n y\n\nSubject\n");
        assert_eq!(tag(text.as_bytes()), Signed::Not);
        let begin = "-----BEGIN SSH SIGNATURE-----\n";
        let signed = format!("{text}{begin}A\n{begin}B\n");
        let payload = format!("{head}\nSubject\n{begin}A\n");
        assert_eq!(
            tag(signed.as_bytes()),
            once(&payload, &format!("{begin}B\n"))
        );
        assert_eq!(time(payload.as_bytes()), Some(56));
    }
}
