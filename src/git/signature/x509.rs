//! X.509 signatures, checked by `gpgsm` against the given certificates alone.
//!
//! The certificate of a signature must be one of those that are given: no authority is asked, and none
//! can add a signer. So a chain, a list of revoked certificates or a trusted root are of no matter.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::armour::Armour;
use super::gnupg::{self, Home, Homes};
use super::{SignatureState, TrustedKey, object};
use crate::base::Timestamp;

/// Neither agent nor network.
const ALONE: [&str; 4] = [
    "--quiet",
    "--no-autostart",
    "--disable-dirmngr",
    "--disable-crl-checks",
];

pub(super) fn check(
    block: &str,
    payload: &[u8],
    keys: &[TrustedKey],
    homes: &Homes,
) -> SignatureState {
    let is_key = |key: &&TrustedKey| Armour::Certificate.only_block(&key.key).is_some();
    let keys: Vec<&TrustedKey> = keys.iter().filter(is_key).collect();
    let home = homes.with("gpgsm", &keys, import);
    let told = match &*home {
        Ok(home) => verify(home, block, payload).map(|said| judge(&said, home, payload)),
        Err(reason) => Err(reason.clone()),
    };
    match told {
        Ok(state) => state,
        // Whoever made it, it was none of those who are known.
        Err(_) if keys.is_empty() => SignatureState::UnknownSigner {
            key: "an X.509 certificate".to_owned(),
        },
        Err(reason) => SignatureState::unchecked(format!("an X.509 signature: {reason}")),
    }
}

/// Imports one certificate; returns its fingerprint. One that is malformed has none.
fn import(home: &Path, key: &str) -> Result<Vec<String>, String> {
    let mut args = ALONE.to_vec();
    args.push("--import");
    let output = gnupg::run("gpgsm", home, &args, key.as_bytes())?;
    Ok(gnupg::imported(&output))
}

fn verify(home: &Home, block: &str, payload: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let signature = home.file(format!("{block}\n").as_bytes())?;
    let content = home.file(payload)?;
    let mut args = ALONE.to_vec();
    let (signature_path, content_path) = (
        signature.path().to_string_lossy(),
        content.path().to_string_lossy(),
    );
    args.extend(["--verify", &signature_path, &content_path]);
    let output = gnupg::run("gpgsm", home.path(), &args, b"")?;
    Ok(gnupg::statuses(&output))
}

/// `gpgsm` calls a signature good before it asks whether the certificate is trusted, which is ours to
/// say.
fn judge(said: &[Vec<String>], home: &Home, payload: &[u8]) -> SignatureState {
    let all = |name: &str| said.iter().filter(|words| words[0] == name).count();
    if all("BADSIG") > 0 {
        return SignatureState::bad("the X.509 signature is not of this content");
    }
    let valid = said.iter().find(|words| words[0] == "VALIDSIG");
    let valid = match valid.filter(|words| words.len() > 8) {
        Some(valid) if all("VALIDSIG") == 1 && all("GOODSIG") == 1 => valid,
        Some(_) => return SignatureState::bad("it has several signatures"),
        None => return SignatureState::bad("its X.509 signature is malformed"),
    };
    if gnupg::is_broken_hash(&valid[8]) {
        return SignatureState::bad(gnupg::BROKEN_HASH);
    }
    let (fingerprint, ends) = (&valid[1], &valid[4]);
    let Some(owner) = home.owners.get(fingerprint) else {
        return SignatureState::UnknownSigner {
            key: fingerprint.clone(),
        };
    };
    if object::time(payload).is_some_and(|time| compact(time) > *ends) {
        return SignatureState::bad("the X.509 certificate had expired when it was committed");
    }
    SignatureState::Good {
        owner: owner.clone(),
        key: fingerprint.clone(),
    }
}

/// A time as `gpgsm` writes it: `20261122T184300`.
fn compact(seconds: u64) -> String {
    let ms = i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000);
    Timestamp::from_ms(ms).format("%Y%m%dT%H%M%S")
}

/// Returns the SHA-256 of a certificate, in hex.
pub(super) fn fingerprint(pem: &str) -> Option<String> {
    let der = Armour::Certificate.bytes(pem)?;
    let digest = Sha256::digest(der);
    Some(digest.iter().map(|byte| format!("{byte:02X}")).collect())
}
