//! Signatures that git made, and what is made of them.

use super::*;
use crate::git::testing::Playground;

const SHA1: gix::hash::Kind = gix::hash::Kind::Sha1;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/signatures/",
            $name
        ))
    };
}

const ED25519: &str = fixture!("ssh-ed25519.pub");
const OPENPGP: &str = fixture!("openpgp.asc");

fn key(owner: &str, key: &str) -> TrustedKey {
    TrustedKey {
        owner: owner.to_owned(),
        key: key.to_owned(),
    }
}

/// The keys of members that know each other.
fn members() -> Vec<TrustedKey> {
    vec![
        key("ada", ED25519),
        key("rsa", fixture!("ssh-rsa2048.pub")),
        key("nist", fixture!("ssh-ecdsa256.pub")),
        key("large", fixture!("ssh-ecdsa384.pub")),
        key("pat", OPENPGP),
        key("brief", fixture!("openpgp-brief.asc")),
        key("gone", fixture!("openpgp-gone.asc")),
        key("cora", fixture!("x509.pem")),
        key("odd", "ssh-ed25519 !!!"),
        key(
            "odd",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n-----END PGP PUBLIC KEY BLOCK-----",
        ),
        key("odd", ""),
    ]
}

fn judged(commit: &str, keys: &[TrustedKey]) -> SignatureState {
    judge(
        &object::commit(commit.as_bytes(), SHA1),
        keys,
        &Homes::default(),
    )
}

/// In one word, with who or why.
fn told(state: &SignatureState) -> String {
    match state {
        SignatureState::Unsigned => "unsigned".to_owned(),
        SignatureState::Good { owner, .. } => format!("good: {owner}"),
        SignatureState::UnknownSigner { .. } => "unknown".to_owned(),
        SignatureState::Bad { reason } => format!("bad: {reason}"),
        SignatureState::Unchecked { reason } => format!("unchecked: {reason}"),
    }
}

fn of(commit: &str) -> String {
    told(&judged(commit, &members()))
}

fn has(program: &str) -> bool {
    std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok()
}

/// What is said where a program is there, and where it isn't.
#[track_caller]
fn assert_with(program: &str, commit: &str, keys: &[TrustedKey], expected: &str) {
    let told = told(&judged(commit, keys));
    match has(program) {
        true => assert_eq!(told, expected),
        false => assert!(
            told.ends_with(&format!(
                "signature: `{program}`, which checks it, is not on this machine"
            )),
            "{told}"
        ),
    }
}

#[track_caller]
fn assert_with_gpg(commit: &str, keys: &[TrustedKey], expected: &str) {
    assert_with("gpg", commit, keys, expected);
}

/// The fingerprints are those of `ssh-keygen -l`.
#[test]
fn ssh_signatures_name_their_owner() {
    let good = |owner: &str, key: &str| SignatureState::Good {
        owner: owner.to_owned(),
        key: key.to_owned(),
    };
    let judged = |commit| judged(commit, &members());
    assert_eq!(
        judged(fixture!("ssh-ed25519.commit")),
        good("ada", "SHA256:t+H/B5qbpH+rPE4DSo7dBwIdlMviRiiQ91/ldbzbbN4")
    );
    assert_eq!(
        judged(fixture!("ssh-rsa2048.commit")),
        good("rsa", "SHA256:zYyHmBDPg/mkEI50DUpgRsqcvRPkBqL4byzqNjhbYtI")
    );
    assert_eq!(
        judged(fixture!("ssh-ecdsa256.commit")),
        good("nist", "SHA256:pRimbBJeJSWU0aRSEdOJ7LYWvvcURGS6seCZ5uUVPg8")
    );
    assert_eq!(
        key("", ED25519).fingerprint().as_deref(),
        Some("SHA256:t+H/B5qbpH+rPE4DSo7dBwIdlMviRiiQ91/ldbzbbN4")
    );
}

#[test]
fn what_is_not_signed_and_what_strangers_sign_is_told_apart() {
    assert_eq!(of(fixture!("unsigned.commit")), "unsigned");
    let stranger = fixture!("ssh-stranger.commit");
    let unknown = SignatureState::UnknownSigner {
        key: "SHA256:zohJ5sDTVAlq4UkosP7YMiT/Hf8jK3y7on5NAMV+TRM".to_owned(),
    };
    assert_eq!(judged(stranger, &members()), unknown);
    let commit = fixture!("ssh-ed25519.commit");
    assert_eq!(told(&judged(commit, &[])), "unknown");
    assert_eq!(
        of(fixture!("ssh-ecdsa384.commit")),
        "unchecked: an SSH signature by a key of the kind `ecdsa-sha2-nistp384`, which is not \
         supported"
    );
}

#[test]
fn content_that_was_changed_is_not_signed() {
    let ssh = "bad: the SSH signature is not of this content";
    for commit in [
        fixture!("ssh-ed25519.commit"),
        fixture!("ssh-rsa2048.commit"),
        fixture!("ssh-ecdsa256.commit"),
        fixture!("ssh-stranger.commit"),
    ] {
        for (from, to) in [
            ("Signed by", "Signed bY"),
            ("author Ada", "author Eve"),
            ("tree 4b", "tree 5b"),
            ("\n\nSigned", "\nencoding x\n\nSigned"),
        ] {
            let altered = commit.replacen(from, to, 1);
            assert_ne!(altered, commit);
            assert_eq!(of(&altered), ssh, "{altered}");
        }
    }
}

#[test]
fn a_signature_for_something_else_is_bad() {
    assert_eq!(
        of(fixture!("ssh-namespace.commit")),
        "bad: its SSH signature was made for `file`, not for `git`"
    );
    let commit = fixture!("ssh-ed25519.commit");
    let doubled = commit.replacen("gpgsig ", "gpgsig x\ngpgsig ", 1);
    assert_eq!(of(&doubled), "bad: it has several signatures");
    let end = " -----END SSH SIGNATURE-----\n";
    let begin = commit.find("-----BEGIN").expect("signed");
    let until = commit.find(end).expect("signed") + end.len();
    let again = format!(
        "{} {}{}",
        &commit[..until],
        &commit[begin..until],
        &commit[until..]
    );
    assert_eq!(of(&again), "bad: its signature is none that git makes");
    let message = commit.replace("SSH SIGNATURE", "PGP MESSAGE");
    assert_eq!(of(&message), "bad: its signature is none that git makes");
}

/// The first half of RSA's old way is a word in the signature: nothing signed with it is believed.
#[test]
fn sha1_is_not_believed() {
    use base64ct::{Base64, Encoding as _};
    let commit = fixture!("ssh-rsa2048.commit");
    let object::Signed::Once { payload, signature } = object::commit(commit.as_bytes(), SHA1)
    else {
        panic!("it is signed");
    };
    let text = String::from_utf8(signature).expect("text");
    let blob = Armour::SshSignature.bytes(&text).expect("base64");
    let word = b"\0\0\0\x0crsa-sha2-512";
    let at = blob
        .windows(word.len())
        .position(|w| w == word)
        .expect("it is there");
    let mut old = blob[..at].to_vec();
    // The signature's own length, four bytes before, shrinks with the word.
    let length = u32::from_be_bytes(old[at - 4..].try_into().expect("four bytes")) - 5;
    old[at - 4..].copy_from_slice(&length.to_be_bytes());
    old.extend_from_slice(b"\0\0\0\x07ssh-rsa");
    old.extend_from_slice(&blob[at + word.len()..]);
    let block = format!(
        "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----",
        Base64::encode_string(&old)
    );
    let state = ssh::check(&block, &payload, &members());
    assert_eq!(
        told(&state),
        "bad: it is signed over SHA-1, which can be forged"
    );
}

#[test]
fn a_damaged_signature_never_panics_and_is_never_good() {
    use base64ct::{Base64, Encoding as _};
    for commit in [
        fixture!("ssh-ed25519.commit"),
        fixture!("ssh-rsa2048.commit"),
        fixture!("ssh-ecdsa256.commit"),
    ] {
        let object::Signed::Once { payload, signature } = object::commit(commit.as_bytes(), SHA1)
        else {
            panic!("it is signed");
        };
        let text = String::from_utf8(signature).expect("text");
        let blob = Armour::SshSignature.bytes(&text).expect("base64");
        let judge = |blob: &[u8]| {
            let body = Base64::encode_string(blob);
            let block =
                format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----");
            ssh::check(&block, &payload, &members())
        };
        assert!(matches!(judge(&blob), SignatureState::Good { .. }));
        for at in 0..blob.len() {
            assert!(
                !matches!(judge(&blob[..at]), SignatureState::Good { .. }),
                "cut at {at}"
            );
            let mut flipped = blob.clone();
            flipped[at] ^= 1;
            assert!(
                !matches!(judge(&flipped), SignatureState::Good { .. }),
                "flipped at {at}"
            );
        }
        let longer = [&blob[..], &[0]].concat();
        assert!(!matches!(judge(&longer), SignatureState::Good { .. }));
    }
}

/// OpenSSH's `PROTOCOL.u2f`: the token signs digests, flags and a counter.
#[test]
fn a_security_token_signs_too() {
    use base64ct::{Base64, Encoding as _};
    use ed25519_dalek::Signer as _;
    use sha2::{Digest as _, Sha256, Sha512};
    let string = |bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).expect("short").to_be_bytes();
        [&length[..], bytes].concat()
    };
    let kind = b"sk-ssh-ed25519@openssh.com";
    let secret = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let public = secret.verifying_key();
    let blob = [string(kind), string(public.as_bytes()), string(b"ssh:")].concat();
    let line = format!(
        "sk-ssh-ed25519@openssh.com {} ada",
        Base64::encode_string(&blob)
    );
    let payload = b"tree 1\n";
    let fields =
        |last: &[u8]| [string(b"git"), string(b""), string(b"sha512"), string(last)].concat();
    let message = [b"SSHSIG".to_vec(), fields(&Sha512::digest(payload))].concat();
    let extra = [1, 0, 0, 0, 9];
    let signed = [
        &Sha256::digest(b"ssh:")[..],
        &extra,
        &Sha256::digest(&message),
    ]
    .concat();
    let signature = secret.sign(&signed).to_bytes();
    let signature = [string(kind), string(&signature), extra.to_vec()].concat();
    let whole = [
        b"SSHSIG\0\0\0\x01".to_vec(),
        string(&blob),
        fields(&signature),
    ]
    .concat();
    let block = format!(
        "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----",
        Base64::encode_string(&whole)
    );
    let keys = [key("ada", &line)];
    assert_eq!(told(&ssh::check(&block, payload, &keys)), "good: ada");
    assert_eq!(
        told(&ssh::check(&block, b"tree 2\n", &keys)),
        "bad: the SSH signature is not of this content"
    );
}

#[test]
fn openpgp_signatures_name_their_owner() {
    let all = members();
    for commit in [
        fixture!("openpgp.commit"),
        fixture!("openpgp-subkey.commit"),
    ] {
        assert_with_gpg(commit, &all, "good: pat");
        let altered = commit.replacen("Signed", "SigneD", 1);
        assert_with_gpg(
            &altered,
            &all,
            "bad: the OpenPGP signature is not of this content",
        );
    }
    assert_with_gpg(fixture!("openpgp-stranger.commit"), &all, "unknown");
    let broken = fixture!("openpgp.commit").replacen(
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n",
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n",
        1,
    );
    assert_with_gpg(&broken, &all, "bad: its OpenPGP signature is malformed");
    // Without any such key there is nothing to check.
    let none = judged(fixture!("openpgp.commit"), &[key("ada", ED25519)]);
    assert_eq!(told(&none), "unknown");
}

#[test]
fn x509_signatures_name_their_owner() {
    let all = members();
    let commit = fixture!("x509.commit");
    assert_with("gpgsm", commit, &all, "good: cora");
    let altered = commit.replacen("Signed", "SigneD", 1);
    let bad = "bad: the X.509 signature is not of this content";
    assert_with("gpgsm", &altered, &all, bad);
    let late = commit.replacen(
        "> 1763837000 +0000\ngpgsig",
        "> 9763837000 +0000\ngpgsig",
        1,
    );
    assert_with("gpgsm", &late, &all, bad);
    assert_with(
        "gpgsm",
        fixture!("x509-expired.commit"),
        &[key("old", fixture!("x509-expired.pem"))],
        "bad: the X.509 certificate had expired when it was committed",
    );
    assert_with("gpgsm", fixture!("x509-expired.commit"), &all, "unknown");
    assert_with(
        "gpgsm",
        fixture!("x509-sha1.commit"),
        &all,
        "bad: it is signed over a hash that can be forged (MD5, SHA-1 or RIPEMD-160)",
    );
    // Without any such key there is nothing to check.
    assert_eq!(told(&judged(commit, &[])), "unknown");
}

/// A key counts as of the commit's time, so that evidence does not turn bad by getting old.
#[test]
fn openpgp_keys_that_ended() {
    let all = members();
    assert_with_gpg(fixture!("openpgp-before.commit"), &all, "good: brief");
    let expired = "bad: the OpenPGP key had expired when it was committed";
    assert_with_gpg(fixture!("openpgp-expired.commit"), &all, expired);
    let commit = fixture!("openpgp-revoked.commit");
    assert_with_gpg(commit, &all, "good: gone");
    let revoked = [key("gone", fixture!("openpgp-revoked.asc"))];
    assert_with_gpg(commit, &revoked, "bad: the OpenPGP key is revoked");
}

#[test]
fn tags_are_judged_like_commits() {
    let judged = |tag: &str| {
        told(&judge(
            &object::tag(tag.as_bytes()),
            &members(),
            &Homes::default(),
        ))
    };
    let tag = fixture!("ssh-ed25519.tag");
    assert_eq!(judged(tag), "good: ada");
    assert_eq!(judged(fixture!("unsigned.tag")), "unsigned");
    let altered = tag.replacen("tag v1", "tag v2", 1);
    assert_eq!(
        judged(&altered),
        "bad: the SSH signature is not of this content"
    );
    if has("gpg") {
        assert_eq!(judged(fixture!("openpgp.tag")), "good: pat");
    }
}

/// From the objects of a repository, whatever the user's configuration says.
#[test]
fn objects_are_read_by_id() {
    let play = Playground::new();
    let repo = play.init("main");
    play.git(&["config", "gpg.ssh.program", "/nowhere"]);
    play.git(&["config", "gpg.program", "/nowhere"]);
    play.write("commit", fixture!("ssh-ed25519.commit"));
    play.write("tag", fixture!("ssh-ed25519.tag"));
    let write = |kind| play.git(&["hash-object", "-w", "--literally", "-t", kind, kind]);
    let commit = CommitId::parse(write("commit").trim()).expect("an id");
    let tag = ObjectId::parse(write("tag").trim()).expect("an id");
    let state = repo.commit_signature(commit, &members()).expect("reads");
    assert_eq!(told(&state), "good: ada");
    let state = repo.tag_signature(tag, &members()).expect("reads");
    assert_eq!(told(&state), "good: ada");
    assert!(repo.tag_signature(commit.into(), &members()).is_err());
    let missing = CommitId::parse(&"1".repeat(40)).expect("an id");
    assert!(repo.commit_signature(missing, &members()).is_err());
}

#[test]
fn keys_tell_their_kind() {
    let kind = |text: &str| key("", text).kind();
    assert_eq!(kind(ED25519), Some(KeyKind::Ssh));
    assert_eq!(
        kind(&format!("cert-authority,no-pty {ED25519}")),
        Some(KeyKind::Ssh)
    );
    assert_eq!(kind(OPENPGP), Some(KeyKind::OpenPgp));
    let certificate = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
    assert_eq!(kind(certificate), Some(KeyKind::X509));
    assert!(key("", certificate).fingerprint().is_some());
    let two = format!("{ED25519}{}", fixture!("ssh-stranger.pub"));
    for odd in [
        "",
        "ssh-ed25519",
        "ssh-rsa AAAA",
        &two,
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ] {
        assert_eq!(kind(odd), None, "{odd}");
    }
}
