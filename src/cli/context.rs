//! What a command knows of its surroundings, read once.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::CommandError;
use crate::base::hash::digest_fields;
use crate::base::{Timestamp, time::Date};

/// The folder, the time, the width and the environment that a command runs with.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where the command runs: the current folder, or `-C DIR`. Absolute.
    pub cwd: PathBuf,
    /// Where the process was started, whatever `-C` says: commands to paste are for this folder.
    pub started: PathBuf,
    /// When the command started: the clock, or `TALLYBOOK_NOW`.
    pub now: Timestamp,
    /// Columns of the terminal.
    pub width: usize,
    pub vars: Vars,
    /// Whether what is derived from closed launches may be kept, and taken from where it was kept:
    /// unless `TALLYBOOK_CACHE` is `off`.
    pub caches: bool,
    seed: u64,
}

impl Context {
    /// Columns where neither `COLUMNS` nor a terminal says.
    const DEFAULT_WIDTH: usize = 100;

    /// Reads the surroundings. Fails on a `-C` that is no folder and a bad `TALLYBOOK_NOW`.
    pub(crate) fn read(folder: Option<&Path>, vars: Vars) -> Result<Self, CommandError> {
        let started = current_folder()?;
        Ok(Self {
            cwd: find_cwd(&started, folder)?,
            started,
            now: match vars.get("TALLYBOOK_NOW") {
                Some(text) => parse_time(text)
                    .map_err(|e| CommandError::usage(format!("`TALLYBOOK_NOW` is wrong: {e}")))?,
                None => clock(),
            },
            width: find_width(&vars),
            seed: match vars.get("TALLYBOOK_SEED") {
                Some(text) => first_bytes(text),
                None => RandomState::new().build_hasher().finish(),
            },
            caches: match vars.get("TALLYBOOK_CACHE") {
                None | Some("on") => true,
                Some("off") => false,
                Some(other) => {
                    let message = format!("`TALLYBOOK_CACHE` is `{other}`, expected `on` or `off`");
                    return Err(CommandError::usage(message));
                }
            },
            vars,
        })
    }

    /// Returns these surroundings at the present: a command that goes on for long asks again.
    pub(crate) fn at_present(&self) -> Self {
        let now = match self.vars.get("TALLYBOOK_NOW") {
            Some(_) => self.now,
            None => clock(),
        };
        Self {
            now,
            ..self.clone()
        }
    }

    /// Returns where random ids start from: the system's randomness, or `TALLYBOOK_SEED` for
    /// output that can be repeated.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns a secret that nobody guesses: 32 hex digits of the system's randomness, whatever `TALLYBOOK_SEED` says.
    pub(crate) fn secret(&self) -> String {
        let random = || RandomState::new().build_hasher().finish().to_string();
        let parts = [random(), random(), random(), random()];
        let digest = digest_fields(parts.iter().map(String::as_str));
        digest.to_string().chars().take(32).collect()
    }

    /// Returns a path as typed, below the folder where the command runs.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.cwd.join(path)
    }

    /// Returns the identity that the environment sets for what a person writes, as git reads it:
    /// name and email, each where given.
    pub fn author(&self) -> (Option<&str>, Option<&str>) {
        let either = |a, b| self.vars.get(a).or(self.vars.get(b));
        (
            either("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"),
            either("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"),
        )
    }
}

/// Environment variables, as they stood when the process started. Those that are empty or no
/// UTF-8 count as not set.
#[derive(Clone, Debug, Default)]
pub struct Vars(BTreeMap<String, String>);

impl Vars {
    /// Reads this process's environment.
    pub(crate) fn read() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// Makes an environment of these variables alone.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(pairs.iter().map(own).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }
}

/// Parses `2026-11-22T18:43:00Z`, or a day, which means its start in UTC.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let day = Date::parse(text).and_then(|_| Timestamp::parse(&format!("{text}T00:00:00Z")));
    Timestamp::parse(text).or(day).ok_or_else(|| {
        format!("`{text}` is no time, expected `2026-11-22T18:43:00Z` or `2026-11-22`")
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the current folder"
)]
fn current_folder() -> Result<PathBuf, CommandError> {
    Ok(std::env::current_dir()?)
}

fn find_cwd(started: &Path, folder: Option<&Path>) -> Result<PathBuf, CommandError> {
    let Some(folder) = folder else {
        return Ok(started.to_path_buf());
    };
    let path = started.join(folder);
    if !path.is_dir() {
        let message = format!("`{}` is no folder", folder.display());
        return Err(CommandError::usage(message).hint("`-C` takes the folder to run in"));
    }
    Ok(path)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
    Timestamp::from_ms(ms)
}

fn find_width(vars: &Vars) -> usize {
    let set = vars.get("COLUMNS").and_then(|c| c.parse::<u16>().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0);
    let width = set.filter(|w| *w > 0).or_else(terminal);
    width.map_or(Context::DEFAULT_WIDTH, |w| usize::from(w).clamp(40, 400))
}

fn first_bytes(text: &str) -> u64 {
    let digest = digest_fields([text]);
    let first = digest.as_bytes().first_chunk();
    u64::from_le_bytes(*first.expect("a digest has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surroundings_are_read_once() {
        let vars = Vars::from_pairs(&[
            ("TALLYBOOK_NOW", "2026-11-22T18:43:00+01:00"),
            ("TALLYBOOK_SEED", "7"),
            ("COLUMNS", "77"),
            ("GIT_AUTHOR_NAME", "Alice"),
            ("GIT_COMMITTER_NAME", "Bot"),
            ("GIT_COMMITTER_EMAIL", "bot@example.com"),
        ]);
        let context = Context::read(None, vars.clone()).expect("reads");
        assert_eq!(context.now.to_string(), "2026-11-22T17:43:00Z");
        assert_eq!(context.width, 77);
        assert_eq!(context.author(), (Some("Alice"), Some("bot@example.com")));
        assert_eq!(
            context.seed(),
            Context::read(None, vars).expect("reads").seed()
        );
        assert!(context.resolve(Path::new("x")).is_absolute());
    }

    #[test]
    fn bad_surroundings_are_told() {
        let vars = Vars::from_pairs(&[("TALLYBOOK_NOW", "yesterday")]);
        let error = Context::read(None, vars).expect_err("no time");
        assert!(
            error
                .error
                .to_string()
                .contains("`yesterday` is no time, expected"),
            "{error:?}"
        );
        let error = Context::read(Some(Path::new("/no/such")), Vars::default());
        assert_eq!(
            error.expect_err("no folder").error.to_string(),
            "`/no/such` is no folder"
        );
    }

    #[test]
    fn times_are_points_or_days() {
        let time = |text| parse_time(text).map(|t| t.to_string());
        assert_eq!(time("2026-11-22"), Ok("2026-11-22T00:00:00Z".to_owned()));
        assert!(time("2026-13-22").is_err() && time("").is_err());
    }
}
