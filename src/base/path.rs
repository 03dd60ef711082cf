//! Paths as git writes them: relative, `/` between parts, no `.` or `..`.

use std::path::{Component, Path, PathBuf};

/// Joins two relative paths with `/`; an empty side adds nothing.
pub fn join(base: &str, path: &str) -> String {
    match (base.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => base.to_owned(),
        _ => format!("{base}/{path}"),
    }
}

/// Returns the part after the last `/`.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Returns what precedes the last `/`, or an empty path.
pub fn parent(path: &str) -> &str {
    path.rfind('/').map_or("", |i| &path[..i])
}

/// Returns the extension without its dot, or an empty text.
pub fn extension(path: &str) -> &str {
    file_name(path)
        .rsplit_once('.')
        .map_or("", |(stem, ext)| if stem.is_empty() { "" } else { ext })
}

/// Resolves a link target such as `../steps/x.md` against the folder of `from`; `None` where it
/// is absolute, has a scheme, or climbs out of the root.
pub fn resolve(from: &str, target: &str) -> Option<String> {
    if target.starts_with('/') || target.contains('\\') || target.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = parent(from).split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Resolves `.` and `..` by name alone, for paths that may be in a commit only.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// Turns a path with `/` into one of this system, below `root`.
pub fn to_native(root: &Path, path: &str) -> PathBuf {
    let mut out = root.to_path_buf();
    out.extend(path.split('/').filter(|part| !part.is_empty()));
    out
}

/// Turns a relative path of this system into one with `/`; `None` where it is not UTF-8.
pub fn from_native(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved_by_name() {
        let normal = |path: &str| normal(Path::new(path)).display().to_string();
        assert_eq!(normal("/a/./b/../c"), "/a/c");
        assert_eq!(normal("/../.."), "/");
    }

    #[test]
    fn links_resolve_below_the_root_only() {
        let from = "projects/shop/cases/a/b.md";
        assert_eq!(
            resolve(from, "../../steps/x.md").as_deref(),
            Some("projects/shop/steps/x.md")
        );
        assert_eq!(
            resolve(from, "./c.md").as_deref(),
            Some("projects/shop/cases/a/c.md")
        );
        assert_eq!(resolve(from, "../../../../../x.md"), None);
        assert_eq!(resolve(from, "/etc/passwd"), None);
        assert_eq!(resolve(from, "https://example.com"), None);
    }

    #[test]
    fn parts_of_a_path() {
        assert_eq!(
            (file_name("a/b.md"), parent("a/b.md"), extension("a/b.md")),
            ("b.md", "a", "md")
        );
        assert_eq!(
            (parent("b"), extension(".gitignore"), join("", "x")),
            ("", "", "x".to_owned())
        );
    }
}
