//! Envelopes with a signature (<https://github.com/secure-systems-lab/dsse>, v1.0.2), and the keys that
//! sign them.
//!
//! ECDSA takes its nonce from the message (RFC 6979) and Ed25519 by its nature, so that the same payload
//! and key give the same bytes.

use std::fmt;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::Signer as _;
use p256::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use serde_json::json;

use crate::base::Digest;

const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A private key.
pub struct SigningKey(Kind);

enum Kind {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

/// Never shows the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// A file that holds no key to sign with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("it holds no private key in PEM")]
    Absent,
    #[error("its private key is encrypted")]
    Encrypted,
    #[error("it is a key of OpenSSH, which no envelope is signed with")]
    OpenSsh,
    #[error("its private key is neither Ed25519 nor ECDSA over P-256, or is damaged")]
    Unsupported,
}

impl SigningKey {
    /// Reads a private key of Ed25519 or of ECDSA over P-256, in PEM: as PKCS#8 (`PRIVATE KEY`) or as
    /// SEC 1 (`EC PRIVATE KEY`). What else the file holds, such as parameters, is passed over.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let mut error = KeyError::Absent;
        for (label, der) in blocks(text) {
            match label {
                "PRIVATE KEY" => return Self::from_pkcs8(&der.ok_or(KeyError::Unsupported)?),
                "EC PRIVATE KEY" => return Self::from_sec1(&der.ok_or(KeyError::Encrypted)?),
                "OPENSSH PRIVATE KEY" => error = KeyError::OpenSsh,
                "RSA PRIVATE KEY" => error = KeyError::Unsupported,
                label if label.starts_with("ENCRYPTED ") => error = KeyError::Encrypted,
                _ => {}
            }
        }
        Err(error)
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_der(der) {
            return Ok(Self(Kind::Ed25519(key)));
        }
        let key = p256::SecretKey::from_pkcs8_der(der).map_err(|_| KeyError::Unsupported)?;
        Ok(Self(Kind::P256(key.into())))
    }

    fn from_sec1(der: &[u8]) -> Result<Self, KeyError> {
        let key = p256::SecretKey::from_sec1_der(der).map_err(|_| KeyError::Unsupported)?;
        Ok(Self(Kind::P256(key.into())))
    }

    /// Signs bytes: Ed25519 as it is, ECDSA over SHA-256 and in DER.
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Kind::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Kind::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }

    /// The SHA-256 of the public key as `openssl pkey -pubout -outform DER` writes it, in hex.
    fn id(&self) -> String {
        let der = match &self.0 {
            Kind::Ed25519(key) => key.verifying_key().to_public_key_der(),
            Kind::P256(key) => key.verifying_key().to_public_key_der(),
        };
        let der = der.expect("a key that was read can be written");
        Digest::of(der.as_bytes()).to_string()
    }
}

/// Returns the blocks of a PEM file; `None` for content that is not plain base64, such as one with
/// headers.
fn blocks(text: &str) -> Vec<(&str, Option<Vec<u8>>)> {
    let mut out = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line
            .strip_prefix("-----BEGIN ")
            .and_then(|l| l.strip_suffix("-----"))
        else {
            continue;
        };
        let body: String = lines
            .by_ref()
            .take_while(|line| !line.starts_with("-----"))
            .collect();
        out.push((label, Base64::decode_vec(&body).ok()));
    }
    out
}

/// Writes a statement into an envelope with one signature: one line of JSON, without a line break.
pub fn envelope(key: &SigningKey, statement: &str) -> String {
    let signature = key.sign(&pae(PAYLOAD_TYPE, statement.as_bytes()));
    json!({
        "payloadType": PAYLOAD_TYPE,
        "payload": Base64::encode_string(statement.as_bytes()),
        "signatures": [{"keyid": key.id(), "sig": Base64::encode_string(&signature)}],
    })
    .to_string()
}

/// What is signed: type and body, each preceded by its length.
fn pae(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len()).into_bytes();
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl genpkey` and `openssl ecparam -genkey` for these tests.
    const ED25519: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJHWr44wYYkSrM94U7Vxfq5MTel9DCWqgL2DsN8T2UGE\n\
        -----END PRIVATE KEY-----\n";
    const P256: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+UWv7zXRG/dmwuhA\n\
        0T9j1aNsBewM4ERtRR7L4J26U3yhRANCAAQ9zYlfxH8D32n/LhL6x7o/EB6u22Cw\n\
        +N6Y5aeiC33UsOfOCzsYDGcr/Du//T9536X682re2Fiw9ZAEi61aXuMX\n\
        -----END PRIVATE KEY-----\n";
    const SEC1: &str = "-----BEGIN EC PARAMETERS-----\n\
        BggqhkjOPQMBBw==\n\
        -----END EC PARAMETERS-----\n\
        -----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIAJpm4fMorMPZGVZs3xrJI7G1i5YoFobJNT/AXg9ukkooAoGCCqGSM49\n\
        AwEHoUQDQgAEbJlnbZG5gw2M4j+TZYnZGqg2+MHldCfNehyz7LgocNRQafrl8ddS\n\
        5kYGoYiAwR/4CLuir3HTulrofL2Blgo0Vw==\n\
        -----END EC PRIVATE KEY-----\n";

    /// The vector of the specification.
    #[test]
    fn type_and_body_are_kept_apart() {
        let pae = |kind, body: &str| String::from_utf8(pae(kind, body.as_bytes())).expect("text");
        assert_eq!(
            pae("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(pae("", ""), "DSSEv1 0  0 ");
        assert_eq!(pae("a", "ü"), "DSSEv1 1 a 2 ü");
    }

    fn verified(key: &SigningKey, envelope: &str) -> bool {
        use ed25519_dalek::Verifier as _;
        let envelope: serde_json::Value = serde_json::from_str(envelope).expect("JSON");
        let decode = |value: &serde_json::Value| Base64::decode_vec(value.as_str().expect("text"));
        let body = decode(&envelope["payload"]).expect("base64");
        let sig = decode(&envelope["signatures"][0]["sig"]).expect("base64");
        let message = pae(envelope["payloadType"].as_str().expect("text"), &body);
        match &key.0 {
            Kind::Ed25519(key) => {
                let signature = ed25519_dalek::Signature::from_slice(&sig).expect("64 bytes");
                key.verifying_key().verify(&message, &signature).is_ok()
            }
            Kind::P256(key) => {
                let signature = p256::ecdsa::Signature::from_der(&sig).expect("DER");
                key.verifying_key().verify(&message, &signature).is_ok()
            }
        }
    }

    #[test]
    fn envelopes_verify_and_are_the_same_every_time() {
        for pem in [ED25519, P256, SEC1] {
            let key = SigningKey::from_pem(pem).expect("a key");
            let made = envelope(&key, "{\"a\":1}");
            assert!(verified(&key, &made), "{made}");
            assert_eq!(envelope(&key, "{\"a\":1}"), made);
            assert_ne!(envelope(&key, "{\"a\":2}"), made);
            let altered = made.replacen("eyJhIjoxfQ==", "eyJhIjoyfQ==", 1);
            assert!(altered != made && !verified(&key, &altered));
        }
    }

    /// The ids are what `openssl pkey -pubout -outform DER | sha256sum` says.
    #[test]
    fn keys_have_the_ids_that_openssl_gives() {
        let id = |pem| SigningKey::from_pem(pem).expect("a key").id();
        assert_eq!(
            id(ED25519),
            "3c3e33f3338ddea7e609b77ccafc6d84ebbb78e2d494ede0b13311fa4e97a163"
        );
        assert_eq!(
            id(P256),
            "eaf64869fd29cdf4d816babd95bfc76bbf7df8e53d3c3fbe7152c03267e3fee0"
        );
        assert_eq!(
            id(SEC1),
            "40bf27399b5bfb2239f2d3206e4076f16da6adf1bf3d4e5c9ec83aac9e2e7507"
        );
    }

    #[test]
    fn what_is_no_key_is_told() {
        let read = |label: &str, body: &str| {
            let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
            SigningKey::from_pem(&pem).expect_err("no key")
        };
        assert_eq!(
            SigningKey::from_pem("").expect_err("no key"),
            KeyError::Absent
        );
        assert_eq!(read("PUBLIC KEY", "AAAA"), KeyError::Absent);
        assert_eq!(read("ENCRYPTED PRIVATE KEY", "AAAA"), KeyError::Encrypted);
        assert_eq!(
            read("ENCRYPTED SIGSTORE PRIVATE KEY", "AAAA"),
            KeyError::Encrypted
        );
        assert_eq!(
            read("EC PRIVATE KEY", "DEK-Info: AES-256-CBC,1F"),
            KeyError::Encrypted
        );
        assert_eq!(read("OPENSSH PRIVATE KEY", "AAAA"), KeyError::OpenSsh);
        assert_eq!(read("PRIVATE KEY", "AAAA"), KeyError::Unsupported);
        assert_eq!(read("PRIVATE KEY", "!"), KeyError::Unsupported);
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = SigningKey::from_pem(ED25519).expect("a key");
        assert_eq!(format!("{key:?}"), "SigningKey(..)");
    }
}
