//! What shows what a tester saw: files, and addresses.

use std::path::{Path, PathBuf};

use super::{At, Session, paper};
use crate::base::files;
use crate::base::text::{self, sanitize_line};
use crate::cli::error::CommandError;
use crate::ledger::manual::{Draft, DraftFile};

impl Session<'_> {
    /// Keeps a copy of a file with a step or the whole.
    pub(super) fn attach(
        &mut self,
        draft: &mut Draft,
        at: At,
        typed: &str,
    ) -> Result<(), CommandError> {
        let path = typed.trim_matches(['"', '\'']);
        if path.is_empty() {
            self.ui.out("name the file: `attach pictures/basket.png`");
            return Ok(());
        }
        let shown = sanitize_line(path);
        let full = self.file(path);
        let bytes = match self.bytes(&full) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.ui.warn(format!("`{shown}` {why}"));
                return Ok(());
            }
        };
        let name = full.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let file = self.drafts.attach(&name, &bytes)?;
        let files = files_of(draft, at);
        if files.contains(&file) {
            self.ui.out("  it is attached already");
            return Ok(());
        }
        files.push(file);
        self.keep(draft)?;
        self.ui.out(format!("  attached {}", sanitize_line(&name)));
        Ok(())
    }

    /// The file that a path means: relative to where the command was started, or below the home folder. A path
    /// that a terminal wrote when a file was dropped on it has backslashes before blanks.
    fn file(&self, path: &str) -> PathBuf {
        let full = |path: &str| match (path.strip_prefix("~/"), self.ctx.vars.get("HOME")) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => self.ctx.started.join(path),
        };
        let as_typed = full(path);
        if as_typed.exists() {
            return as_typed;
        }
        let plain = full(&unescaped(path));
        if plain.exists() { plain } else { as_typed }
    }

    /// Reads a file as it may be kept, or says why it is not.
    fn bytes(&self, full: &Path) -> Result<Vec<u8>, String> {
        let found = full.metadata().map_err(|_| {
            let folder = full.parent().unwrap_or(full);
            format!(
                "is not there; it was looked for in `{}`: give its whole path, or drop it on the terminal",
                sanitize_line(&folder.display().to_string())
            )
        })?;
        if !found.is_file() {
            return Err("is no file; name one, as `attach pictures/basket.png`".to_owned());
        }
        let most = self.manual.keep.attachment_size;
        if found.len() > most {
            let (size, most) = (text::bytes(found.len()), text::bytes(most));
            return Err(format!(
                "has {size}, and the project keeps {most} of a file"
            ));
        }
        let bytes =
            files::read(full).map_err(|error| format!("can't be read: {}", error.source))?;
        let cleaned = self.desk.guard.clean_file(bytes);
        cleaned.map_err(|shape| format!("has what looks like a secret ({shape}), and was not kept"))
    }

    /// Keeps an address with the result.
    pub(super) fn link(&mut self, draft: &mut Draft, address: &str) -> Result<(), CommandError> {
        let is_address = address.starts_with("https://") || address.starts_with("http://");
        if !is_address || address.contains(char::is_whitespace) {
            self.ui
                .out("a link is a web address: `link https://tracker.example.com/WEB-812`");
            return Ok(());
        }
        let Some(address) = self.clean(address) else {
            return Ok(());
        };
        draft.links.push(address);
        self.keep(draft)?;
        self.ui.out("  linked");
        Ok(())
    }

    /// Lists the addresses of a case, or opens one: with the program that `BROWSER` names, else it is shown.
    pub(super) fn open(
        &mut self,
        draft: &Draft,
        number: Option<usize>,
    ) -> Result<(), CommandError> {
        let project = self.desk.project()?;
        let case = project.case(&draft.case).map(|doc| &doc.value);
        let addresses = paper::addresses(case, draft);
        if addresses.is_empty() {
            self.ui.out("  the case has no addresses");
            return Ok(());
        }
        let Some(number) = number else {
            for (at, address) in addresses.iter().enumerate() {
                self.ui.out(format!("  {}  {address}", at + 1));
            }
            self.ui.out("  `open NUMBER` opens one");
            return Ok(());
        };
        let Some(address) = number.checked_sub(1).and_then(|at| addresses.get(at)) else {
            self.ui
                .out(format!("  there are {} addresses", addresses.len()));
            return Ok(());
        };
        let started = self.ctx.vars.get("BROWSER").map(|program| {
            std::process::Command::new(program)
                .arg(address)
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
        });
        match started {
            Some(Ok(_)) => self.ui.out(format!("  opened {address}")),
            Some(Err(_)) => self.ui.warn(format!(
                "the program that `BROWSER` names does not start; open {address}"
            )),
            None => self.ui.out(format!("  open {address}")),
        }
        Ok(())
    }
}

/// A path without the backslashes by which a shell would keep its blanks.
fn unescaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        out.extend(match c {
            '\\' => chars.next(),
            c => Some(c),
        });
    }
    out
}

fn files_of(draft: &mut Draft, at: At) -> &mut Vec<DraftFile> {
    match at {
        At::Question(question) => {
            let step = draft.questions()[question];
            &mut draft.steps[step].files
        }
        At::Whole | At::End => &mut draft.files,
    }
}
