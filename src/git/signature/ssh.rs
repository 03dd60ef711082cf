//! SSH signatures, checked in the program: OpenSSH's `PROTOCOL.sshsig`, in the namespace `git`.

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use ed25519_dalek::Verifier as _;
use sha2::{Digest as _, Sha256, Sha512};

use super::armour::Armour;
use super::{SignatureState, TrustedKey};

/// What git signs for; a signature made for something else proves nothing here.
const NAMESPACE: &[u8] = b"git";

/// Sizes of RSA keys that are accepted, in bits: what is shorter can be broken, what is longer takes
/// long.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=16_384;

/// Why a signature is not good.
#[derive(Debug, PartialEq, Eq)]
enum Flaw {
    Malformed,
    /// It does not hold.
    Wrong,
    /// It could not be trusted if it held.
    Weak(&'static str),
    /// A kind of key that isn't known here.
    Unknown(String),
}

/// A signature, taken apart.
struct Signature<'a> {
    key: &'a [u8],
    namespace: &'a [u8],
    /// The kind of signature with what belongs to it.
    signed: &'a [u8],
    /// The bytes that the key signed.
    message: Vec<u8>,
}

pub(super) fn check(block: &str, payload: &[u8], keys: &[TrustedKey]) -> SignatureState {
    let blob = Armour::SshSignature.bytes(block).unwrap_or_default();
    let Some(signature) = Signature::read(&blob, payload) else {
        return SignatureState::bad("its SSH signature is malformed");
    };
    if signature.namespace != NAMESPACE {
        let other = String::from_utf8_lossy(signature.namespace);
        return SignatureState::bad(format!(
            "its SSH signature was made for `{other}`, not for `git`"
        ));
    }
    let key = fingerprint(signature.key);
    match verify(&signature) {
        Ok(()) => match owner(signature.key, keys) {
            Some(owner) => SignatureState::Good { owner, key },
            None => SignatureState::UnknownSigner { key },
        },
        Err(Flaw::Malformed) => SignatureState::bad("its SSH signature is malformed"),
        Err(Flaw::Wrong) => SignatureState::bad("the SSH signature is not of this content"),
        Err(Flaw::Weak(why)) => SignatureState::bad(why),
        Err(Flaw::Unknown(kind)) => SignatureState::unchecked(format!(
            "an SSH signature by a key of the kind `{kind}`, which is not supported"
        )),
    }
}

/// Returns the fingerprint of a key as `ssh-keygen -l` shows it.
pub(super) fn fingerprint(blob: &[u8]) -> String {
    format!(
        "SHA256:{}",
        Base64Unpadded::encode_string(&Sha256::digest(blob))
    )
}

/// Returns the key of a line `[options] ssh-ed25519 AAAA… comment`, in binary.
pub(super) fn blob_of(line: &str) -> Option<Vec<u8>> {
    let line = line.trim();
    let mut words = line.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if !is_key_kind(word) {
            continue;
        }
        let blob = Base64::decode_vec(words.next()?).ok()?;
        let named = Reader(&blob).string() == Some(word.as_bytes());
        return (named && line.lines().count() == 1).then_some(blob);
    }
    None
}

fn is_key_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"]
        .iter()
        .any(|start| word.starts_with(start))
}

/// Who answers for a key. The text of the lines is compared, so that no key is parsed in vain.
fn owner(key: &[u8], keys: &[TrustedKey]) -> Option<String> {
    let encoded = Base64::encode_string(key);
    let is_it = |trusted: &&TrustedKey| {
        trusted.key.contains(&encoded) && blob_of(&trusted.key).as_deref() == Some(key)
    };
    keys.iter().find(is_it).map(|trusted| trusted.owner.clone())
}

impl<'a> Signature<'a> {
    fn read(blob: &'a [u8], payload: &[u8]) -> Option<Self> {
        let mut reader = Reader(blob);
        if reader.take(6)? != b"SSHSIG" || reader.number()? != 1 {
            return None;
        }
        let (key, namespace) = (reader.string()?, reader.string()?);
        let (reserved, hash) = (reader.string()?, reader.string()?);
        let signed = reader.string()?;
        let digest = match hash {
            b"sha256" => Sha256::digest(payload).to_vec(),
            b"sha512" => Sha512::digest(payload).to_vec(),
            _ => return None,
        };
        let mut message = b"SSHSIG".to_vec();
        for field in [namespace, reserved, hash, &digest] {
            let length = u32::try_from(field.len()).ok()?;
            message.extend_from_slice(&length.to_be_bytes());
            message.extend_from_slice(field);
        }
        reader.is_empty().then_some(Self {
            key,
            namespace,
            signed,
            message,
        })
    }
}

fn verify(signature: &Signature<'_>) -> Result<(), Flaw> {
    let mut key = Reader(signature.key);
    let mut signed = Reader(signature.signed);
    let kind = key.string().ok_or(Flaw::Malformed)?;
    let made_as = signed.string().ok_or(Flaw::Malformed)?;
    if kind == b"ssh-rsa" {
        return rsa(&mut key, made_as, &mut signed, &signature.message);
    }
    let check = match kind {
        b"ssh-ed25519" => ed25519,
        b"ecdsa-sha2-nistp256" => ecdsa,
        b"sk-ssh-ed25519@openssh.com" => token_ed25519,
        b"sk-ecdsa-sha2-nistp256@openssh.com" => token_ecdsa,
        other => return Err(Flaw::Unknown(String::from_utf8_lossy(other).into_owned())),
    };
    match made_as == kind {
        true => check(&mut key, &mut signed, &signature.message),
        false => Err(Flaw::Malformed),
    }
}

fn ed25519(key: &mut Reader<'_>, signed: &mut Reader<'_>, message: &[u8]) -> Result<(), Flaw> {
    let (key, signature) = ed25519_parts(key, signed).ok_or(Flaw::Malformed)?;
    if !signed.is_empty() {
        return Err(Flaw::Malformed);
    }
    key.verify_strict(message, &signature)
        .map_err(|_| Flaw::Wrong)
}

fn ed25519_parts(
    key: &mut Reader<'_>,
    signed: &mut Reader<'_>,
) -> Option<(ed25519_dalek::VerifyingKey, ed25519_dalek::Signature)> {
    let point = key.string()?.try_into().ok()?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(point).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signed.string()?).ok()?;
    Some((key, signature))
}

fn ecdsa(key: &mut Reader<'_>, signed: &mut Reader<'_>, message: &[u8]) -> Result<(), Flaw> {
    let (key, signature) = ecdsa_parts(key, signed).ok_or(Flaw::Malformed)?;
    if !signed.is_empty() {
        return Err(Flaw::Malformed);
    }
    key.verify(message, &signature).map_err(|_| Flaw::Wrong)
}

fn ecdsa_parts(
    key: &mut Reader<'_>,
    signed: &mut Reader<'_>,
) -> Option<(p256::ecdsa::VerifyingKey, p256::ecdsa::Signature)> {
    if key.string()? != b"nistp256" {
        return None;
    }
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.string()?).ok()?;
    let mut pair = Reader(signed.string()?);
    let mut bytes = [0; 64];
    for half in bytes.chunks_exact_mut(32) {
        let number = pair.positive()?;
        half.get_mut(32_usize.checked_sub(number.len())?..)?
            .copy_from_slice(number);
    }
    let signature = p256::ecdsa::Signature::from_slice(&bytes).ok()?;
    pair.is_empty().then_some((key, signature))
}

/// A key on a security token signs what it was asked to sign with a few words of its own.
fn token_ed25519(
    key: &mut Reader<'_>,
    signed: &mut Reader<'_>,
    message: &[u8],
) -> Result<(), Flaw> {
    let (point, signature) = ed25519_parts(key, signed).ok_or(Flaw::Malformed)?;
    let message = token_message(key, signed, message).ok_or(Flaw::Malformed)?;
    point
        .verify_strict(&message, &signature)
        .map_err(|_| Flaw::Wrong)
}

fn token_ecdsa(key: &mut Reader<'_>, signed: &mut Reader<'_>, message: &[u8]) -> Result<(), Flaw> {
    let (point, signature) = ecdsa_parts(key, signed).ok_or(Flaw::Malformed)?;
    let message = token_message(key, signed, message).ok_or(Flaw::Malformed)?;
    point.verify(&message, &signature).map_err(|_| Flaw::Wrong)
}

/// OpenSSH's `PROTOCOL.u2f`: digests of application and message, between them flags and a counter.
fn token_message(key: &mut Reader<'_>, signed: &mut Reader<'_>, message: &[u8]) -> Option<Vec<u8>> {
    let application = key.string()?;
    let flags_and_counter = signed.take(5)?;
    let mut out = Sha256::digest(application).to_vec();
    out.extend_from_slice(flags_and_counter);
    out.extend_from_slice(&Sha256::digest(message));
    signed.is_empty().then_some(out)
}

fn rsa(
    key: &mut Reader<'_>,
    made_as: &[u8],
    signed: &mut Reader<'_>,
    message: &[u8],
) -> Result<(), Flaw> {
    use rsa::pkcs1v15;
    let (e, n) = key.positive().zip(key.positive()).ok_or(Flaw::Malformed)?;
    let bytes = signed.string().ok_or(Flaw::Malformed)?;
    let bits = n.len() * 8;
    if bits < *RSA_BITS.start() {
        return Err(Flaw::Weak(
            "it is signed by an RSA key of less than 2048 bits",
        ));
    }
    if bits > *RSA_BITS.end() || bytes.len() > n.len() || !signed.is_empty() {
        return Err(Flaw::Malformed);
    }
    let number = rsa::BoxedUint::from_be_slice_vartime;
    let key = rsa::PublicKey::new_with_size_limits(number(n), number(e), RSA_BITS);
    let key = key.map_err(|_| Flaw::Malformed)?;
    // A signature that happens to begin with zeros may come without them.
    let mut padded = vec![0; n.len() - bytes.len()];
    padded.extend_from_slice(bytes);
    let signature = pkcs1v15::Signature::from_bytes_with_max_len(&padded, n.len());
    let signature = signature.map_err(|_| Flaw::Malformed)?;
    let held = match made_as {
        b"rsa-sha2-256" => pkcs1v15::VerifyingKey::<Sha256>::new(key).verify(message, &signature),
        b"rsa-sha2-512" => pkcs1v15::VerifyingKey::<Sha512>::new(key).verify(message, &signature),
        b"ssh-rsa" => return Err(Flaw::Weak("it is signed over SHA-1, which can be forged")),
        _ => return Err(Flaw::Malformed),
    };
    held.map_err(|_| Flaw::Wrong)
}

/// Reads the wire format of SSH (RFC 4251): every string preceded by its length.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A number above zero, without the zeros before it.
    fn positive(&mut self) -> Option<&'a [u8]> {
        let bytes = self.string()?;
        if bytes.first().is_none_or(|first| *first >= 0x80) {
            return None;
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Some(&bytes[zeros..]).filter(|bytes| !bytes.is_empty())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
