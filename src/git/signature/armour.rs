//! Text blocks between `-----BEGIN …-----` and `-----END …-----`.

use base64ct::{Base64, Encoding as _};

/// The blocks that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Armour {
    SshSignature,
    PgpSignature,
    PgpKey,
    Cms,
    Certificate,
}

impl Armour {
    fn label(self) -> &'static str {
        match self {
            Self::SshSignature => "SSH SIGNATURE",
            Self::PgpSignature => "PGP SIGNATURE",
            Self::PgpKey => "PGP PUBLIC KEY BLOCK",
            Self::Cms => "SIGNED MESSAGE",
            Self::Certificate => "CERTIFICATE",
        }
    }

    /// The armours of signatures that git looks for at the end of a tag.
    pub(super) const SIGNATURES: [&str; 4] = [
        "-----BEGIN PGP SIGNATURE-----",
        "-----BEGIN PGP MESSAGE-----",
        "-----BEGIN SIGNED MESSAGE-----",
        "-----BEGIN SSH SIGNATURE-----",
    ];

    /// Returns a text without the space around it if it is one such block and nothing else.
    pub(super) fn only_block(self, text: &str) -> Option<&str> {
        let text = text.trim();
        let one = |edge: &str| text.matches(edge).count() == 1;
        let (begin, end) = (
            format!("-----BEGIN {}-----", self.label()),
            format!("-----END {}-----", self.label()),
        );
        let whole = text.starts_with(&begin) && text.ends_with(&end);
        (whole && one("-----BEGIN ") && one("-----END ")).then_some(text)
    }

    /// Returns the bytes of a block without headers.
    pub(super) fn bytes(self, block: &str) -> Option<Vec<u8>> {
        let lines = block
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("-----"));
        Base64::decode_vec(&lines.collect::<String>()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_stands_alone() {
        let block = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----";
        let read = |text: &str| Armour::Certificate.only_block(text).map(str::to_owned);
        assert_eq!(read(&format!("\n{block}\n \n")).as_deref(), Some(block));
        assert_eq!(
            Armour::Certificate.bytes(block).as_deref(),
            Some(&b"ABC"[..])
        );
        for odd in [
            format!("{block}\n{block}"),
            format!("before\n{block}"),
            format!("{block}\nafter"),
            block.replace("END CERTIFICATE", "END SIGNATURE"),
            block.replace("QUJD", "-----BEGIN SSH SIGNATURE-----"),
            String::new(),
        ] {
            assert_eq!(read(&odd), None, "{odd}");
        }
        assert_eq!(Armour::Certificate.bytes("QUJ"), None);
    }
}
