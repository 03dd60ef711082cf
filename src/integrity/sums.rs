//! Lists of digests in the format of `sha256sum -c`.

use std::collections::BTreeMap;

use crate::base::Digest;

/// Reads lines of 64 hex digits, two spaces and a path. `Err` says what is wrong, with its line.
pub(crate) fn parse(bytes: &[u8]) -> Result<BTreeMap<String, Digest>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let mut out = BTreeMap::new();
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("the last line does not end".to_owned());
    }
    for (at, line) in text.split_terminator('\n').enumerate() {
        let entry = line
            .split_once("  ")
            .and_then(|(hex, path)| Some((Digest::parse(hex)?, path)));
        let Some((digest, path)) = entry.filter(|(_, path)| !path.is_empty()) else {
            return Err(format!(
                "line {} is not 64 hex digits, two spaces and a path",
                at + 1
            ));
        };
        if out.insert(path.to_owned(), digest).is_some() {
            return Err(format!("line {} repeats `{path}`", at + 1));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_exactly() {
        let digest = Digest::of(b"");
        let sums = parse(format!("{digest}  a/b c.txt\n").as_bytes()).expect("valid");
        assert_eq!(sums, BTreeMap::from([("a/b c.txt".to_owned(), digest)]));
        assert_eq!(parse(b"").expect("empty"), BTreeMap::new());
        let wrong = |text: String| parse(text.as_bytes()).expect_err("malformed");
        assert_eq!(wrong(format!("{digest}  a")), "the last line does not end");
        assert_eq!(
            wrong(format!("{digest}  a\n{digest}  a\n")),
            "line 2 repeats `a`"
        );
        for line in [
            format!("{digest} *a\n"),
            "x  a\n".into(),
            "\n".into(),
            format!("{digest}  \n"),
        ] {
            assert!(wrong(line).starts_with("line 1 is not"));
        }
        assert!(parse(b"\xff").is_err());
    }
}
