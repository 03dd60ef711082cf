//! Homes for GnuPG that hold given keys and nothing else, and running it there.

use std::collections::{BTreeMap, HashMap};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, PoisonError};

use super::TrustedKey;
use crate::base::{Digest, hash::digest_fields};
use crate::git::program::spooled;

/// How many homes are kept for the next signature; members change seldom.
const KEPT: usize = 16;

/// The homes of a repository's handle, by the keys they hold.
#[derive(Default)]
pub(in crate::git) struct Homes(Mutex<HashMap<Digest, Made>>);

/// A home, or why there is none.
type Made = Arc<Result<Home, String>>;

/// A folder with a keyring; it ends with its last user.
pub(super) struct Home {
    folder: tempfile::TempDir,
    /// Who answers for a key, by its fingerprint.
    pub(super) owners: BTreeMap<String, String>,
}

impl Homes {
    /// Returns the home that holds some keys of one kind, made where there is none. `import` puts one
    /// key into it and returns the fingerprints of what it held.
    pub(super) fn with(
        &self,
        program: &str,
        keys: &[&TrustedKey],
        import: impl Fn(&Path, &str) -> Result<Vec<String>, String>,
    ) -> Made {
        let fields = keys.iter().flat_map(|key| [&*key.owner, &*key.key]);
        let name = digest_fields([program].into_iter().chain(fields));
        // Held while one is made: whoever needs the same waits rather than making another.
        let mut homes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(home) = homes.get(&name) {
            return Arc::clone(home);
        }
        if homes.len() >= KEPT {
            homes.clear();
        }
        let made = Arc::new(Home::make(keys, import));
        homes.insert(name, Arc::clone(&made));
        made
    }
}

impl Home {
    fn make(
        keys: &[&TrustedKey],
        import: impl Fn(&Path, &str) -> Result<Vec<String>, String>,
    ) -> Result<Self, String> {
        let fail = |error: std::io::Error| format!("no temporary folder for the keys: {error}");
        let folder = tempfile::Builder::new().prefix("tallybook-keys-").tempdir();
        let folder = folder.map_err(fail)?;
        let mut owners = BTreeMap::new();
        for key in keys {
            for fingerprint in import(folder.path(), &key.key)? {
                owners
                    .entry(fingerprint)
                    .or_insert_with(|| key.owner.clone());
            }
        }
        Ok(Self { folder, owners })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that is gone with what is returned.
    pub(super) fn file(&self, bytes: &[u8]) -> Result<tempfile::NamedTempFile, String> {
        let fail = |error: std::io::Error| format!("no temporary file for it: {error}");
        let mut file = tempfile::NamedTempFile::new_in(self.path()).map_err(fail)?;
        file.write_all(bytes).map_err(fail)?;
        Ok(file)
    }
}

/// Runs a program of GnuPG in a home, and returns what it said.
///
/// # Errors
/// It isn't here, or could not be started.
pub(super) fn run(
    program: &str,
    home: &Path,
    args: &[&str],
    input: &[u8],
) -> Result<Output, String> {
    let mut command = Command::new(program);
    command.env_remove("GNUPGHOME").env("LC_ALL", "C");
    command.arg("--homedir").arg(home);
    command.args(["--no-options", "--batch", "--no-tty", "--status-fd", "1"]);
    let fail = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => format!("`{program}`, which checks it, is not on this machine"),
        _ => format!("`{program}`, which checks it, does not start: {error}"),
    };
    let input = spooled(input).map_err(fail)?;
    command.args(args).stdin(input).output().map_err(fail)
}

/// Returns the status lines of a run, each as its words.
pub(super) fn statuses(output: &Output) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("[GNUPG:] "));
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    lines.map(words).collect()
}

/// Returns the fingerprints of what an import took.
pub(super) fn imported(output: &Output) -> Vec<String> {
    let statuses = statuses(output).into_iter();
    let imported = statuses.filter(|words| words[0] == "IMPORT_OK");
    imported.filter_map(|words| words.get(2).cloned()).collect()
}

/// Whether other content with the same hash can be made: MD5, SHA-1 and RIPEMD-160, by GnuPG's numbers.
pub(super) fn is_broken_hash(number: &str) -> bool {
    matches!(number, "1" | "2" | "3")
}

pub(super) const BROKEN_HASH: &str =
    "it is signed over a hash that can be forged (MD5, SHA-1 or RIPEMD-160)";

impl std::fmt::Debug for Homes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Homes")
    }
}
