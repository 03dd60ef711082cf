//! The files of an import.

use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::author::case::{ForeignPlace, Losses};
use crate::base::text::{bytes, line, sanitize_line};
use crate::base::{files, path as paths};
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::exchange::cases::{CaseSource, MAX_CASE_BYTES};
use crate::ingest::decoded;

/// Files of one import.
const FILES: usize = 20_000;
/// Bytes of one import.
const BYTES: u64 = 256 << 20;
/// What is taken of folders, by the ends of names.
const ENDS: [&str; 7] = ["feature", "md", "markdown", "csv", "tsv", "xml", "txt"];

#[derive(Debug, Default)]
pub(super) struct Input {
    pub(super) sources: Vec<CaseSource>,
    /// Characters that could not be read.
    pub(super) losses: Losses,
    bytes: u64,
}

impl Input {
    /// Reads files, and those of folders whose names tell that they may hold cases.
    pub(super) fn read(ctx: &Context, given: &[PathBuf]) -> Result<Self, CommandError> {
        let mut out = Self::default();
        for path in given {
            let full = ctx.resolve(path);
            if !full.is_dir() {
                out.file(&full, name(path), None)?;
                continue;
            }
            let before = out.sources.len();
            let walk = WalkDir::new(&full).sort_by_file_name().into_iter();
            let is_wanted = |entry: &DirEntry| {
                entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
            };
            for entry in walk.filter_entry(is_wanted) {
                let entry = entry.map_err(|error| {
                    let why = line(&error.to_string(), 300);
                    CommandError::usage(format!("a folder can't be read: {why}"))
                })?;
                let end = entry.path().extension().and_then(|end| end.to_str());
                let end = end.map(str::to_ascii_lowercase).unwrap_or_default();
                if !entry.file_type().is_file() || !ENDS.contains(&end.as_str()) {
                    continue;
                }
                let below = entry.path().strip_prefix(&full).unwrap_or(entry.path());
                let below = paths::from_native(below)
                    .unwrap_or_else(|| sanitize_line(&below.to_string_lossy().replace('\\', "/")));
                let folders = paths::parent(&below).split('/');
                let folders = folders.filter(|part| !part.is_empty()).map(str::to_owned);
                let folders = folders.collect();
                let name = match name(path).as_str() {
                    "." | "" => below,
                    own => format!("{own}/{below}"),
                };
                out.file(entry.path(), name, Some(folders))?;
            }
            if out.sources.len() == before {
                let shown = line(&path.to_string_lossy(), 200);
                let error = CommandError::usage(format!("there is nothing to import in `{shown}`"));
                let ends = crate::base::text::ticked(&ENDS, "or");
                return Err(error.hint(format!("files of folders are taken that end in {ends}")));
            }
        }
        Ok(out)
    }

    fn file(
        &mut self,
        path: &Path,
        name: String,
        listed: Option<Vec<String>>,
    ) -> Result<(), CommandError> {
        let is_listed = listed.is_some();
        let folders = listed.unwrap_or_default();
        let read = files::read(path)?;
        self.bytes += read.len() as u64;
        let too_much = |what: &str, is: u64, most: u64| {
            let message = format!("{what} has {}, expected at most {}", bytes(is), bytes(most));
            CommandError::usage(message).hint("split it")
        };
        if read.len() > MAX_CASE_BYTES {
            let what = format!("`{}`", sanitize_line(&name));
            return Err(too_much(&what, read.len() as u64, MAX_CASE_BYTES as u64));
        }
        if self.bytes > BYTES {
            return Err(too_much("the import", self.bytes, BYTES));
        }
        if self.sources.len() >= FILES {
            let error = CommandError::usage(format!("the import has more than {FILES} files"));
            return Err(error.hint("split it"));
        }
        let name = sanitize_line(&name);
        let (mut text, replaced) = decoded(&read);
        let windows = (replaced > 0).then(|| of_windows(&read, &text)).flatten();
        if replaced > 0 {
            let at = ForeignPlace {
                path: name.as_str().into(),
                line: text
                    .split('\u{fffd}')
                    .next()
                    .unwrap_or_default()
                    .lines()
                    .count()
                    .max(1),
            };
            let why = match windows {
                Some(_) => {
                    "not UTF-8, read as Windows-1252; save the file as UTF-8 where words are wrong"
                }
                None => "not UTF-8, replaced by U+FFFD; save the file as UTF-8",
            };
            let shown = format!("{replaced} of the file");
            self.losses.add("characters", why, &at, &shown);
        }
        text = windows.unwrap_or(text);
        self.sources.push(CaseSource {
            name: name.into(),
            folders,
            is_listed,
            text: text.into(),
        });
        Ok(())
    }
}

/// Returns a text in the encoding in which spreadsheets save it on Windows; none where it may be damaged UTF-8, or
/// no text.
fn of_windows(bytes: &[u8], text: &str) -> Option<String> {
    let is_other = text.chars().all(|c| c.is_ascii() || c == '\u{fffd}');
    (is_other && !bytes.contains(&0)).then(|| {
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
        text.into_owned()
    })
}

/// What a file is called: as it was typed, where that is a path below here, else by its last name.
fn name(path: &Path) -> String {
    let mut parts = path.components().filter(|part| *part != Component::CurDir);
    let is_below = parts.all(|part| matches!(part, Component::Normal(_)));
    let own: PathBuf = match is_below {
        true => path
            .components()
            .filter(|part| *part != Component::CurDir)
            .collect(),
        false => path.file_name().map(PathBuf::from).unwrap_or_default(),
    };
    paths::from_native(&own).unwrap_or_else(|| own.to_string_lossy().replace('\\', "/"))
}
