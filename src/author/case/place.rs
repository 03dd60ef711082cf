//! Where a case's file stands.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::CaseError;
use crate::base::text::{is_unsafe_to_show, line, slug};
use crate::store::{FileKind, PathEntry, Project};

/// The longest name of a folder or a file, in characters.
const NAME: usize = 100;
/// How deep sections may lie.
const DEEP: usize = 20;
/// How deep sections of another tool lie, which may be put below others.
const SECTIONS: usize = 15;
/// The longest name that is made of a title, in bytes.
const SLUG: usize = 60;

/// Paths that are taken, those of one change among them. On many systems two names that differ in
/// case are one.
#[derive(Debug)]
pub(super) struct Shelf<'p> {
    project: &'p Project,
    taken: BTreeSet<String>,
    /// What is there by its path in lower case, exact ones first.
    entries: HashMap<String, Vec<&'p PathEntry>>,
    /// The number that the next file gets whose path is made of a title.
    numbers: HashMap<String, usize>,
}

impl<'p> Shelf<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        let mut entries: HashMap<String, Vec<&PathEntry>> = HashMap::new();
        for entry in &project.entries {
            let lower = entry.path.to_lowercase();
            entries.entry(lower).or_default().push(entry);
        }
        let paths = project.entries.iter();
        Self {
            project,
            taken: paths.map(|entry| entry.path.to_lowercase()).collect(),
            entries,
            numbers: HashMap::new(),
        }
    }

    /// Returns the folder of a section, as `auth/sign-in`; of names that differ in case alone from those
    /// of folders that are there, those are meant.
    ///
    /// # Errors
    /// A part is no name for a folder, or a file stands in the way.
    pub(super) fn folder(&self, section: &str) -> Result<String, CaseError> {
        let mut folder = format!("{}/cases", self.project.path);
        // A link would lead elsewhere.
        let own = self.entries.get(&folder.to_lowercase());
        let mut own = own.into_iter().flatten().filter(|e| e.path == folder);
        if own.any(|entry| entry.kind != FileKind::Folder) {
            return Err(CaseError::Taken { path: folder });
        }
        let section = section.trim_end_matches('/');
        if section.is_empty() {
            return Ok(folder);
        }
        let parts: Vec<&str> = section.split('/').collect();
        if parts.len() > DEEP {
            return Err(CaseError::Name {
                name: line(section, NAME),
                what: "section",
                why: format!("it is {} folders deep, at most {DEEP} are", parts.len()),
            });
        }
        for part in parts {
            check_name(part, "section")?;
            let wanted = format!("{folder}/{part}");
            let same = self.entries.get(&wanted.to_lowercase());
            let same = same.map(Vec::as_slice).unwrap_or_default();
            let exact = same.iter().find(|entry| entry.path == wanted);
            folder = match exact.or_else(|| same.first()) {
                Some(entry) if entry.kind == FileKind::Folder => entry.path.clone(),
                Some(entry) => {
                    let path = entry.path.clone();
                    return Err(CaseError::Taken { path });
                }
                None => wanted,
            };
        }
        Ok(folder)
    }

    /// Takes a path for a case: of the name that was given, which must be free, else of one made of
    /// the title.
    ///
    /// # Errors
    /// The given name is none, or taken.
    pub(super) fn take(
        &mut self,
        folder: &str,
        name: Option<&str>,
        title: &str,
        id: &str,
    ) -> Result<String, CaseError> {
        if let Some(name) = name {
            let name = name.strip_suffix(".md").unwrap_or(name);
            check_name(name, "file")?;
            let path = format!("{folder}/{name}.md");
            return match self.taken.insert(path.to_lowercase()) {
                true => Ok(path),
                false => Err(CaseError::Taken { path }),
            };
        }
        let stem = stem(title, id);
        let path = |n: usize| match n {
            1 => format!("{folder}/{stem}.md"),
            n => format!("{folder}/{stem}-{n}.md"),
        };
        let first = path(1).to_lowercase();
        let mut n = self.numbers.get(&first).copied().unwrap_or(1);
        while !self.taken.insert(path(n).to_lowercase()) {
            n += 1;
        }
        self.numbers.insert(first, n + 1);
        Ok(path(n))
    }
}

/// Returns a name for a case's file: its title's slug, else its id.
fn stem(title: &str, id: &str) -> String {
    match words(title) {
        Some(words) => words,
        None => id.to_lowercase(),
    }
}

/// The words of a name in ASCII, whole ones as far as there is room; none where there are none, or a system
/// takes them for something else.
fn words(name: &str) -> Option<String> {
    let name = unaccented(name);
    if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (cut, more) = (slug(&name, SLUG), slug(&name, SLUG + 1));
    let is_whole = more.len() == cut.len() || more[cut.len()..].starts_with('-');
    let whole = cut.rfind('-').filter(|at| !is_whole && *at > SLUG / 2);
    let words = cut[..whole.unwrap_or(cut.len())].to_owned();
    (!is_device(&words)).then_some(words)
}

/// Returns a text with Latin letters as ASCII has them: `ü` is `u`, `ß` is `ss`.
fn unaccented(text: &str) -> String {
    let mut out = String::new();
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'þ' | 'Þ' => out.push_str("th"),
            'ø' | 'Ø' => out.push('o'),
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
            'ł' | 'Ł' => out.push('l'),
            'ħ' | 'Ħ' => out.push('h'),
            'ı' => out.push('i'),
            // What joins letters of a word: `don't` is one.
            '\'' | '’' => {}
            c => out.push(c),
        }
    }
    out
}

/// Refuses what is no name for a folder or a file on every system.
pub(super) fn check_name(name: &str, what: &'static str) -> Result<(), CaseError> {
    let characters = name.chars().count();
    let why = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.starts_with('.') {
        "it begins with a dot".to_owned()
    } else if characters > NAME {
        format!("it has {characters} characters, expected at most {NAME}")
    } else if name.contains(|c| is_unsafe_to_show(c) || c.is_control()) {
        "it has characters that can't be seen".to_owned()
    } else if let Some(c) = name.chars().find(|c| "/\\<>:\"|?*".contains(*c)) {
        format!("it has a `{c}`")
    } else if name.ends_with(['.', ' ']) || name.starts_with([' ', '-', '~']) {
        "it begins or ends with a character that shells or systems take for something else"
            .to_owned()
    } else if is_device(name) {
        "it is a device on some systems".to_owned()
    } else {
        return Ok(());
    };
    let name = line(name, NAME);
    Err(CaseError::Name { name, what, why })
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_lowercase();
    let is_numbered = |prefix: &str| {
        let mut rest = stem.strip_prefix(prefix).unwrap_or_default().chars();
        matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
    };
    matches!(&*stem, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || is_numbered("com")
        || is_numbered("lpt")
}

/// Returns the names of sections that groups of a test get: what can be no name for a folder goes.
pub(super) fn sections<'a>(groups: impl IntoIterator<Item = &'a str>) -> String {
    let slugs = groups.into_iter().filter_map(words);
    slugs.take(DEEP).collect::<Vec<_>>().join("/")
}

/// Folders that sections of another tool become.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FolderNames {
    /// With `/` between them; each is a name on every system.
    pub(super) path: String,
    /// Whether one is called otherwise than its section, letter case and blanks apart.
    pub(super) changed: bool,
    /// How many of the innermost ones are left out.
    pub(super) lost: usize,
}

/// Returns names of folders for sections: lower case, `-` between words, letters of all scripts.
pub(super) fn folder_names(sections: &[&str]) -> FolderNames {
    let mut out = FolderNames::default();
    let named = |name: &&&str| !name.trim().is_empty();
    let mut parts: Vec<String> = Vec::new();
    for name in sections.iter().filter(named) {
        if parts.len() == SECTIONS {
            out.lost += 1;
            continue;
        }
        let mut part = String::new();
        for c in name.nfc().flat_map(char::to_lowercase) {
            match c.is_alphanumeric() && !is_unsafe_to_show(c) {
                true => part.push(c),
                false if !part.ends_with('-') && !part.is_empty() => part.push('-'),
                false => {}
            }
            if part.len() >= SLUG {
                break;
            }
        }
        let mut part = part.trim_end_matches('-').to_owned();
        if part.is_empty() {
            part.push_str("section");
        }
        if is_device(&part) {
            part.push_str("-section");
        }
        let words = name.split_whitespace().collect::<Vec<_>>().join("-");
        out.changed |= words.to_lowercase() != part;
        parts.push(part);
    }
    out.path = parts.join("/");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(paths: &[(&str, FileKind)]) -> Project {
        let entries = paths.iter().map(|(path, kind)| PathEntry {
            path: (*path).to_owned(),
            kind: *kind,
            size: None,
        });
        Project {
            folder: "p".into(),
            path: "projects/p".into(),
            entries: entries.collect(),
            ..Project::default()
        }
    }

    #[test]
    fn sections_are_folders_and_nothing_else() {
        let project = project(&[
            ("projects/p/cases", FileKind::Folder),
            ("projects/p/cases/Auth", FileKind::Folder),
            ("projects/p/cases/x.md", FileKind::File),
        ]);
        let shelf = Shelf::new(&project);
        let folder = |section: &str| shelf.folder(section);
        assert_eq!(folder("").as_deref(), Ok("projects/p/cases"));
        assert_eq!(folder("auth/b/").as_deref(), Ok("projects/p/cases/Auth/b"));
        assert_eq!(folder("Ünï").as_deref(), Ok("projects/p/cases/Ünï"));
        let long = "a".repeat(101);
        let deep = "a/".repeat(21);
        for wrong in [
            "..",
            "../x",
            "a/../b",
            "/etc",
            "a//b",
            ".git",
            "a\\b",
            "C:x",
            "a\nb",
            "nul",
            "COM1.x",
            "a.",
            " a",
            "-a",
            "~",
            "\u{202e}a",
            &long,
            &deep,
        ] {
            assert!(
                matches!(folder(wrong), Err(CaseError::Name { .. })),
                "{wrong}"
            );
        }
        assert!(matches!(folder("X.md"), Err(CaseError::Taken { .. })));
    }

    #[test]
    fn sections_of_others_become_folders() {
        let path = |names: &[&str]| {
            let names = folder_names(names);
            (names.path, names.changed, names.lost)
        };
        let same = |text: &str| (text.to_owned(), false, 0);
        assert_eq!(
            path(&["Sign in", " ", "Ünï 商品"]),
            same("sign-in/ünï-商品")
        );
        let all = ["..", "/etc/passwd", "NUL", "a\\b\u{202e}", "COM1"];
        let written = "section/etc-passwd/nul-section/a-b/com1-section";
        assert_eq!(path(&all), (written.to_owned(), true, 0));
        assert_eq!(path(&["a"; 20]).2, 5);
        let shelf = project(&[]);
        assert!(Shelf::new(&shelf).folder(written).is_ok());
        assert_eq!(path(&["e\u{301}"]).0, "é");
    }

    #[test]
    fn titles_give_names_that_read() {
        let long = "Sign in with a password that expired while the person was looking at the page";
        for (title, name) in [
            (
                "Anmelden mit ungültigem Passwort",
                "anmelden-mit-ungultigem-passwort",
            ),
            ("Größe ändern: Łódź, Æbler", "grosse-andern-lodz-aebler"),
            ("Don't panic", "dont-panic"),
            ("-1", "1"),
            ("null", "null"),
            ("😀 pays 🎉", "pays"),
            (
                long,
                "sign-in-with-a-password-that-expired-while-the-person-was",
            ),
            ("---", "p-a1"),
            ("…", "p-a1"),
            ("שלום", "p-a1"),
            ("Con", "p-a1"),
        ] {
            assert_eq!(stem(title, "P-A1"), name, "{title}");
        }
        let one_word = "x".repeat(80);
        assert_eq!(stem(&one_word, "P-A1").len(), SLUG);
    }

    #[test]
    fn names_are_free_on_every_system() {
        let project = project(&[("projects/p/cases/Sign-In.md", FileKind::File)]);
        let mut shelf = Shelf::new(&project);
        let folder = "projects/p/cases";
        let mut take = |name: Option<&str>, title: &str| shelf.take(folder, name, title, "P-A1");
        assert_eq!(
            take(None, "Sign in!").as_deref(),
            Ok("projects/p/cases/sign-in-2.md")
        );
        assert_eq!(
            take(None, "sign in").as_deref(),
            Ok("projects/p/cases/sign-in-3.md")
        );
        assert_eq!(
            take(None, "商品").as_deref(),
            Ok("projects/p/cases/p-a1.md")
        );
        assert_eq!(
            take(None, "Aux").as_deref(),
            Ok("projects/p/cases/p-a1-2.md")
        );
        assert!(matches!(
            take(Some("SIGN-IN.md"), ""),
            Err(CaseError::Taken { .. })
        ));
        assert!(matches!(
            take(Some("../x"), ""),
            Err(CaseError::Name { .. })
        ));
    }
}
