//! OpenPGP signatures, checked by `gpg` in a home that holds the given keys alone.

use std::path::Path;

use super::armour::Armour;
use super::gnupg::{self, Home, Homes};
use super::{SignatureState, TrustedKey, object};

/// Neither agent nor network, no trust but that in the given keys.
const ALONE: [&str; 8] = [
    "--quiet",
    "--no-greeting",
    "--no-autostart",
    "--no-auto-key-retrieve",
    "--no-auto-check-trustdb",
    "--disable-dirmngr",
    "--trust-model",
    "always",
];

/// What `gpg` says of a signature; exactly one of these where there is one signature.
const VERDICTS: [&str; 6] = [
    "GOODSIG",
    "EXPSIG",
    "EXPKEYSIG",
    "REVKEYSIG",
    "BADSIG",
    "ERRSIG",
];

/// The reason of an `ERRSIG`: the public key is not here.
const NO_KEY: &str = "9";
/// The reason of an `ERRSIG`: an algorithm that this `gpg` does not know.
const UNKNOWN_ALGORITHM: &str = "4";

pub(super) fn check(
    block: &str,
    payload: &[u8],
    keys: &[TrustedKey],
    homes: &Homes,
) -> SignatureState {
    let is_key = |key: &&TrustedKey| Armour::PgpKey.only_block(&key.key).is_some();
    let keys: Vec<&TrustedKey> = keys.iter().filter(is_key).collect();
    let home = homes.with("gpg", &keys, import);
    let told = match &*home {
        Ok(home) => verify(home, block, payload).map(|said| judge(&said, home)),
        Err(reason) => Err(reason.clone()),
    };
    match told {
        Ok(state) => state,
        // Whoever made it, it was none of those who are known.
        Err(_) if keys.is_empty() => SignatureState::UnknownSigner {
            key: "an OpenPGP key".to_owned(),
        },
        Err(reason) => SignatureState::unchecked(format!("an OpenPGP signature: {reason}")),
    }
}

/// Imports one block; returns the fingerprints of its keys. One that is malformed holds none.
fn import(home: &Path, key: &str) -> Result<Vec<String>, String> {
    let mut args = ALONE.to_vec();
    args.push("--import");
    let output = gnupg::run("gpg", home, &args, key.as_bytes())?;
    Ok(gnupg::imported(&output))
}

/// Lets `gpg` hold a signature against what was signed, at the time that this gives.
fn verify(home: &Home, block: &str, payload: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let file = home.file(
        format!(
            "{block}
"
        )
        .as_bytes(),
    )?;
    let mut args = ALONE.to_vec();
    let time = object::time(payload).map(|time| time.to_string());
    if let Some(time) = &time {
        args.extend(["--ignore-time-conflict", "--faked-system-time", time]);
    }
    let path = file.path().to_string_lossy();
    args.extend(["--verify", &path, "-"]);
    Ok(gnupg::statuses(&gnupg::run(
        "gpg",
        home.path(),
        &args,
        payload,
    )?))
}

fn judge(said: &[Vec<String>], home: &Home) -> SignatureState {
    let is_verdict = |words: &&Vec<String>| VERDICTS.contains(&words[0].as_str());
    let verdicts: Vec<&Vec<String>> = said.iter().filter(is_verdict).collect();
    let verdict = match verdicts.as_slice() {
        [] => return SignatureState::bad("its OpenPGP signature is malformed"),
        [one] => *one,
        _ => return SignatureState::bad("it has several signatures"),
    };
    let word = |at: usize| verdict.get(at).map_or("", String::as_str);
    match word(0) {
        "GOODSIG" => good(said, home),
        "EXPSIG" => SignatureState::bad("the OpenPGP signature had expired when it was committed"),
        "EXPKEYSIG" => SignatureState::bad("the OpenPGP key had expired when it was committed"),
        "REVKEYSIG" => SignatureState::bad("the OpenPGP key is revoked"),
        "ERRSIG" if word(6) == NO_KEY => SignatureState::UnknownSigner {
            key: [word(7), word(1)]
                .into_iter()
                .find(|key| key.len() > 1)
                .unwrap_or_default()
                .to_owned(),
        },
        "ERRSIG" if word(6) == UNKNOWN_ALGORITHM => SignatureState::unchecked(
            "an OpenPGP signature: this machine's `gpg` does not know its algorithm",
        ),
        "ERRSIG" => SignatureState::bad("its OpenPGP signature can't be checked: `gpg` refuses it"),
        _ => SignatureState::bad("the OpenPGP signature is not of this content"),
    }
}

/// A signature that holds: by whom, and whether its hash can be trusted.
fn good(said: &[Vec<String>], home: &Home) -> SignatureState {
    let valid = said.iter().find(|words| words[0] == "VALIDSIG");
    let Some(valid) = valid.filter(|words| words.len() > 10) else {
        return SignatureState::bad(
            "its OpenPGP signature can't be checked: `gpg` does not say by which key",
        );
    };
    if gnupg::is_broken_hash(&valid[8]) {
        return SignatureState::bad(gnupg::BROKEN_HASH);
    }
    let primary = &valid[10];
    match home.owners.get(primary) {
        Some(owner) => SignatureState::Good {
            owner: owner.clone(),
            key: primary.clone(),
        },
        None => SignatureState::UnknownSigner {
            key: primary.clone(),
        },
    }
}
