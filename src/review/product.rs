//! Files of the product that changed beside the documentation, and the cases that name them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::brief::{Impact, Reach};
use super::touched::Scope;
use super::words::some;
use crate::base::text::{count, sanitize_line};
use crate::model::Case;

/// Types of links whose name is a file or a folder of the product.
const OF_SOURCES: [&str; 3] = ["source", "code", "file"];

/// Says which changed files are named by cases that changed with them and by cases that did not, and how
/// many no case names. Where cases name no files at all, nothing is said.
pub(super) fn impact(scopes: &[Scope<'_>], files: &[String], out: &mut Vec<Impact>) {
    if files.is_empty() {
        return;
    }
    let changed = Files::new(files);
    let mut linked: BTreeSet<usize> = BTreeSet::new();
    let mut names_files = false;
    for scope in scopes {
        let mut by_file: BTreeMap<usize, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
        for doc in &scope.after.cases {
            let found = changed.named_by(&doc.value, &mut names_files);
            let id = doc.value.id.as_str();
            for file in found {
                let (with, without) = by_file.entry(file).or_default();
                match scope.cases.contains_key(id) {
                    true => with.push(id),
                    false => without.push(id),
                }
            }
        }
        // Files with the same cases are one sentence.
        let mut groups: BTreeMap<(Vec<&str>, Vec<&str>), Vec<usize>> = BTreeMap::new();
        for (file, cases) in by_file {
            linked.insert(file);
            groups.entry(cases).or_default().push(file);
        }
        for ((with, without), group) in groups {
            let paths: Vec<&str> = group.iter().map(|file| files[*file].as_str()).collect();
            let them = if paths.len() == 1 { "it" } else { "them" };
            let verb = |ids: &[&str], one: &'static str, many: &'static str| match ids.len() {
                1 => one,
                _ => many,
            };
            let sentence = match (with.is_empty(), without.is_empty()) {
                (false, false) => format!(
                    "{} changed, and {} with {them}; {}, which {} {them} too, did not",
                    some(&paths),
                    some(&with),
                    some(&without),
                    verb(&without, "names", "name")
                ),
                (false, true) => {
                    format!("{} changed, and {} with {them}", some(&paths), some(&with))
                }
                _ => format!(
                    "{} changed, and {}, which {} {them}, did not",
                    some(&paths),
                    some(&without),
                    verb(&without, "names", "name")
                ),
            };
            let mut cases: Vec<String> = with.iter().map(|id| (*id).to_owned()).collect();
            cases.sort();
            out.push(Impact {
                reach: Reach::Product,
                project: scope.name.to_owned(),
                of: paths[0].to_owned(),
                sentence,
                cases,
                place: None,
            });
        }
    }
    let left = files.len() - linked.len();
    if names_files && left > 0 {
        let sentence = match linked.len() {
            0 => format!(
                "no case names {}",
                match left {
                    1 => format!(
                        "{}, the product's file that changed",
                        sanitize_line(&files[0])
                    ),
                    n => format!(
                        "any of the {} of the product that changed",
                        count(n as u64, "file")
                    ),
                }
            ),
            _ => format!(
                "no case names {} other {} of the product that changed",
                left,
                match left {
                    1 => "file",
                    _ => "files",
                }
            ),
        };
        out.push(Impact {
            reach: Reach::Product,
            project: String::new(),
            of: String::new(),
            sentence,
            cases: Vec::new(),
            place: None,
        });
    }
}

/// Changed files, by what selectors and links may call them.
struct Files<'a> {
    by_path: HashMap<&'a str, usize>,
    /// By the folders that they are in, at any depth.
    by_folder: HashMap<&'a str, Vec<usize>>,
    /// By paths from any folder on, and by such paths with points and without an extension.
    by_name: HashMap<String, Vec<usize>>,
}

impl<'a> Files<'a> {
    fn new(files: &'a [String]) -> Self {
        let mut out = Self {
            by_path: HashMap::new(),
            by_folder: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (at, path) in files.iter().enumerate() {
            out.by_path.insert(path, at);
            for (slash, _) in path.match_indices('/') {
                out.by_folder.entry(&path[..slash]).or_default().push(at);
            }
            // A file's name alone says too little, unless it is all there is.
            let starts = path.match_indices('/').map(|(slash, _)| slash + 1);
            for start in std::iter::once(0).chain(starts) {
                let rest = &path[start..];
                if start > 0 && !rest.contains('/') {
                    break;
                }
                out.by_name.entry(rest.to_owned()).or_default().push(at);
                let (folder, name) = rest.rsplit_once('/').unwrap_or(("", rest));
                let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
                if stem.is_empty() || stem == name {
                    continue;
                }
                let dotted = match folder {
                    "" => stem.to_owned(),
                    folder => format!("{}.{stem}", folder.replace('/', ".")),
                };
                out.by_name.entry(dotted).or_default().push(at);
            }
        }
        out
    }

    /// Returns the changed files that a case names: by the part of a selector that is a file or a module,
    /// by an address of a file on a git host, or by a link of type `source` to a file or a folder.
    fn named_by(&self, case: &Case, names_files: &mut bool) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        for selector in &case.automation.selectors {
            let fixed = selector.split('*').next().unwrap_or_default();
            let is_whole = fixed.len() == selector.len();
            for prefix in prefixes(fixed, is_whole) {
                // `#test_ok` and `.TestLogin#test_ok` can't name a file.
                *names_files |= prefix.trim_start_matches(['.', '/']).contains(['.', '/']);
                out.extend(self.by_name.get(prefix).into_iter().flatten());
            }
        }
        for link in &case.links {
            let by_name = link
                .name
                .as_deref()
                .filter(|_| OF_SOURCES.iter().any(|kind| link.is_of(kind)));
            let by_url = link.url.as_deref().and_then(path_in);
            for path in by_name.into_iter().chain(by_url) {
                *names_files = true;
                let path = path.trim_start_matches("./").trim_end_matches('/');
                out.extend(self.by_path.get(path));
                out.extend(self.by_folder.get(path).into_iter().flatten());
            }
        }
        out
    }
}

/// Returns what may name a file or a module at the beginning of a full name: all up to a sign that
/// parts names, longest first. Of a pattern the last part is not whole, and left out.
fn prefixes(name: &str, is_whole: bool) -> impl Iterator<Item = &str> {
    let ends = name.char_indices().rev().filter(|(at, c)| {
        let parts = matches!(c, '.' | ':' | '#' | '[' | '(' | '>' | ' ' | '$');
        parts && *at > 0
    });
    let whole = is_whole.then_some(name);
    let inner = ends.map(|(at, _)| name[..at].trim_end_matches([':', ' ', '>']));
    whole.into_iter().chain(inner)
}

/// Returns the path of a file in its repository, by its address on a git host.
fn path_in(url: &str) -> Option<&str> {
    let url = url.split(['#', '?']).next().unwrap_or_default();
    let marks = ["/blob/", "/tree/", "/src/branch/"];
    let (_, rest) = marks.iter().find_map(|mark| url.split_once(mark))?;
    let (_, path) = rest.split_once('/')?;
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Automation, Link};

    #[test]
    fn files_are_known_by_selectors_and_links() {
        let files = [
            "com/shop/PayTest.java",
            "src/auth/login.py",
            "tests/auth/test_login.py",
            "web/e2e/sign-in.spec.ts",
        ];
        let files: Vec<String> = files.iter().map(|path| (*path).to_owned()).collect();
        let changed = Files::new(&files);
        let of = |case: &Case| {
            let found = changed.named_by(case, &mut false).into_iter();
            found.map(|at| files[at].as_str()).collect::<Vec<_>>()
        };
        let selected = |selector: &str| {
            of(&Case {
                automation: Automation {
                    selectors: vec![selector.to_owned()],
                },
                ..Case::default()
            })
        };
        let test = ["tests/auth/test_login.py"];
        for selector in [
            "tests.auth.test_login.TestLogin#test_expired",
            "tests/auth/test_login.py::TestLogin::test_expired[chrome]",
            "auth.test_login#test",
            "tests.auth.test_login.*",
            "tests/auth/test_login.py",
        ] {
            assert_eq!(selected(selector), test, "{selector}");
        }
        assert_eq!(selected("com.shop.PayTest.pays"), ["com/shop/PayTest.java"]);
        assert_eq!(
            selected("e2e/sign-in.spec.ts > Sign in > expired"),
            ["web/e2e/sign-in.spec.ts"]
        );
        for selector in [
            "test_login.py::x",
            "tests.auth.test_log*",
            "tests.auth.*",
            "*",
            "",
        ] {
            assert_eq!(selected(selector), [] as [&str; 0], "{selector}");
        }
        let linked = |kind: &str, name: Option<&str>, url: Option<&str>| {
            of(&Case {
                links: vec![Link {
                    kind: Some(kind.to_owned()),
                    name: name.map(str::to_owned),
                    url: url.map(str::to_owned),
                }],
                ..Case::default()
            })
        };
        assert_eq!(
            linked("source", Some("src/auth/"), None),
            ["src/auth/login.py"]
        );
        assert_eq!(
            linked("source", Some("./src/auth/login.py"), None),
            ["src/auth/login.py"]
        );
        assert_eq!(linked("issue", Some("src/auth"), None), [] as [&str; 0]);
        let url = "https://git.example/o/r/-/blob/main/src/auth/login.py?x=1#L4";
        assert_eq!(linked("link", None, Some(url)), ["src/auth/login.py"]);
    }
}
