//! Attributes of paths: what git makes of them, and which line of which file says so.

use gix::bstr::ByteSlice as _;
use gix::glob::wildmatch::Mode;

use super::{GitError, Repo};
use crate::base::{files, path};

/// What git makes of one attribute of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub path: String,
    pub name: String,
    /// `set`, `unset`, `unspecified`, or a value.
    pub value: String,
}

/// A line that sets an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeLine {
    /// The file, as a person would name it.
    pub file: String,
    /// From 1.
    pub number: usize,
    pub text: String,
}

/// A file of attributes.
struct AttributeFile {
    name: String,
    /// The folder that its patterns are relative to.
    base: String,
    text: String,
}

impl Repo {
    /// Asks git for attributes of paths, in the working tree or in a commit.
    ///
    /// # Errors
    /// git is not there, or too old to look into a commit.
    pub fn attributes(
        &self,
        paths: &[String],
        names: &[&str],
        source: Option<&str>,
    ) -> Result<Vec<Attribute>, GitError> {
        let input: String = paths.iter().map(|path| format!("{path}\0")).collect();
        let source = source.map(|source| format!("--source={source}"));
        let mut args = vec!["check-attr", "-z", "--stdin"];
        args.extend(source.as_deref());
        args.extend(names);
        let out = self.program(&args, input.as_bytes())?;
        let text = |field: &[u8]| field.to_str_lossy().into_owned();
        let fields: Vec<&[u8]> = out.split(|byte| *byte == 0).collect();
        let rows = fields.chunks_exact(3).map(|fields| Attribute {
            path: text(fields[0]),
            name: text(fields[1]),
            value: text(fields[2]),
        });
        Ok(rows.collect())
    }

    /// Finds the line that decides an attribute of a path; `None` where none was found.
    pub fn who_sets(
        &self,
        at: &str,
        name: &str,
        source: Option<&str>,
    ) -> Result<Option<AttributeLine>, GitError> {
        let files = self.attribute_files(at, source)?;
        let macros: Vec<(String, String)> = files.iter().flat_map(|f| macros(&f.text)).collect();
        let lines = files.iter().rev().filter_map(|file| {
            let lines = file.text.lines().enumerate().collect::<Vec<_>>();
            let found = lines.into_iter().rev().find(|(_, line)| {
                let Some((pattern, words)) = split(line) else {
                    return false;
                };
                matches(pattern, &file.base, at) && mentions(words, name, &macros)
            });
            found.map(|(number, line)| AttributeLine {
                file: file.name.clone(),
                number: number + 1,
                text: line.trim().to_owned(),
            })
        });
        let mut lines = lines;
        Ok(lines.next())
    }

    /// The files that may set attributes of a path, the weakest first.
    fn attribute_files(
        &self,
        at: &str,
        source: Option<&str>,
    ) -> Result<Vec<AttributeFile>, GitError> {
        let mut out = Vec::new();
        let mut add = |name: String, base: &str, bytes: Option<Vec<u8>>| {
            let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            out.extend(text.map(|text| AttributeFile {
                name,
                base: base.to_owned(),
                text,
            }));
        };
        for variable in ["GIT_ATTR_SYSTEM", "GIT_ATTR_GLOBAL"] {
            // Older gits don't tell.
            let told = self.program(&["var", variable], b"").unwrap_or_default();
            let file = String::from_utf8_lossy(&told).trim().to_owned();
            if !file.is_empty() {
                let bytes = files::read_optional(file.as_ref())?;
                add(file, "", bytes);
            }
        }
        let tree = match source {
            Some(source) => Some(self.tree(self.resolve(source)?)?),
            None => None,
        };
        let ends = at.match_indices('/').map(|(end, _)| end);
        for end in std::iter::once(0).chain(ends) {
            let folder = &at[..end];
            let name = path::join(folder, ".gitattributes");
            let bytes = match (&tree, self.workdir()) {
                (Some(tree), _) => tree.read(&name)?,
                (None, Some(root)) => files::read_optional(&path::to_native(root, &name))?,
                (None, None) => None,
            };
            add(name, folder, bytes);
        }
        let own = self.common_dir().join("info/attributes");
        add(
            ".git/info/attributes".to_owned(),
            "",
            files::read_optional(&own)?,
        );
        Ok(out)
    }
}

/// Splits a line into its pattern and its attributes; `None` for comments, macros and empty lines.
fn split(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '[']) {
        return None;
    }
    if let Some(rest) = line.strip_prefix('"') {
        return rest.split_once('"');
    }
    line.split_once(char::is_whitespace)
}

/// The macros that a file defines, each with its attributes.
fn macros(text: &str) -> impl Iterator<Item = (String, String)> {
    let lines = text.lines().filter_map(|line| {
        let (name, words) = line
            .trim()
            .strip_prefix("[attr]")?
            .split_once(char::is_whitespace)?;
        Some((name.to_owned(), words.to_owned()))
    });
    lines.collect::<Vec<_>>().into_iter()
}

fn matches(pattern: &str, base: &str, at: &str) -> bool {
    let relative = match base {
        "" => Some(at),
        base => at
            .strip_prefix(base)
            .and_then(|rest| rest.strip_prefix('/')),
    };
    let (Some(relative), Some(pattern)) = (relative, gix::glob::parse(pattern)) else {
        return false;
    };
    pattern.matches_repo_relative_path(
        relative.into(),
        relative.rfind('/').map(|slash| slash + 1),
        Some(false),
        gix::glob::pattern::Case::Sensitive,
        Mode::NO_MATCH_SLASH_LITERAL,
    )
}

/// Whether attributes say something of one, be it by a macro.
fn mentions(words: &str, name: &str, macros: &[(String, String)]) -> bool {
    words.split_whitespace().any(|word| {
        let word = word.trim_start_matches(['-', '!']);
        let own = word.split('=').next().unwrap_or(word);
        let is_binary = own == "binary" && ["diff", "merge", "text"].contains(&name);
        let is_macro = macros
            .iter()
            .any(|(named, words)| named == own && own != name && mentions(words, name, &[]));
        own == name || is_binary || is_macro
    })
}

#[cfg(test)]
mod tests {
    use crate::git::testing::Playground;

    #[test]
    fn the_line_that_decides_is_found() {
        let play = Playground::new();
        let repo = play.init("main");
        play.write(
            ".gitattributes",
            "# a\na/** -text\n[attr]bits -text -merge\n*.png bits\n",
        );
        play.write("a/.gitattributes", "*.txt text=auto\n");
        let name = |path: &str, name: &str| {
            let line = repo.who_sets(path, name, None).expect("reads");
            line.map(|line| format!("{}:{} {}", line.file, line.number, line.text))
        };
        let found = |path: &str| name(path, "text").unwrap_or_default();
        assert_eq!(found("a/x.bin"), ".gitattributes:2 a/** -text");
        assert_eq!(found("a/x.png"), ".gitattributes:4 *.png bits");
        assert_eq!(found("a/b/x.txt"), "a/.gitattributes:1 *.txt text=auto");
        assert_eq!(name("a/x.png", "ident"), None);
        play.write(".git/info/attributes", "* binary\n");
        assert_eq!(found("a/b/x.txt"), ".git/info/attributes:1 * binary");
        let told = repo
            .attributes(&["a/x.png".into()], &["text", "merge", "ident"], None)
            .expect("asks");
        let values: Vec<&str> = told.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, ["unset", "unset", "unspecified"]);
    }
}
