//! Where a result stands that no label puts into a suite: lists and queries go by the same names.

/// The deepest suite that is kept; what is deeper counts to it.
pub const DEEPEST: usize = 12;

/// Returns the suites of a test without labels for them, the outermost first: the producer's path, else the parts of the
/// full name.
pub fn told_by_names(title_path: &[String], full_name: &str, name: &str) -> Vec<String> {
    let named = title_path.iter().filter(|part| !part.trim().is_empty());
    let mut path: Vec<String> = named.cloned().collect();
    if path.is_empty() {
        path = split_full_name(full_name, name);
    }
    if path.last().is_some_and(|last| last == name) {
        path.pop();
    }
    path.truncate(DEEPEST);
    path
}

/// Returns the parts of a full name above the name of the test.
pub fn split_full_name(full_name: &str, name: &str) -> Vec<String> {
    let base = full_name.strip_suffix(name).unwrap_or(full_name);
    let has_paths = base.contains('/') || base.contains("::") || base.contains(" > ");
    let parts: Vec<&str> = if has_paths {
        base.split(['/', '#'])
            .flat_map(|p| p.split("::"))
            .flat_map(|p| p.split(" > "))
            .collect()
    } else {
        base.split(['.', '#', ':', ' ']).collect()
    };
    let mut parts: Vec<String> = parts
        .into_iter()
        .map(|p| p.trim().trim_end_matches('.'))
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect();
    if base.len() == full_name.len() && !full_name.is_empty() {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_give_groups() {
        let split = |full: &str, name: &str| split_full_name(full, name).join("|");
        assert_eq!(
            split("tests.auth.TestLogin#test_x", "test_x"),
            "tests|auth|TestLogin"
        );
        assert_eq!(
            split("tests/a.py::TestX::test_y[1]", "test_y[1]"),
            "tests|a.py|TestX"
        );
        assert_eq!(
            split("login.spec.ts > signs in > works", "works"),
            "login.spec.ts|signs in"
        );
        assert_eq!(split("com.acme.Foo.bar", "another name"), "com|acme|Foo");
        assert_eq!(split("", "x"), "");
        assert_eq!(split("x", "x"), "");
    }

    #[test]
    fn the_path_of_the_producer_comes_first() {
        let path = [
            " ".to_owned(),
            "login.spec.ts".to_owned(),
            "works".to_owned(),
        ];
        let told = |path: &[String]| told_by_names(path, "manual/mail/clients", "works");
        assert_eq!(told(&path), ["login.spec.ts"]);
        assert_eq!(told(&path[..1]), ["manual", "mail"]);
    }
}
