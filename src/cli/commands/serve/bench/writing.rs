//! Test cases in the workbench: listed, made, written with what they look like and what is wrong, moved.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bench, Done, refused};
use crate::base::{Digest, Timestamp, files, path as paths};
use crate::cli::change;
use crate::cli::commands::serve::problem;
use crate::cli::error::CommandError;
use crate::cli::place::{self, Place, store_error};
use crate::diag::render::items;
use crate::git::ChangeSet;
use crate::serve::Refused;
use crate::site;
use crate::store::{Loaded, MAX_FILE, Snapshot};
use crate::validate;

/// A case by its id.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Of {
    project: String,
    case: String,
    /// Where its file was: one that does not parse any more has no id.
    #[serde(default)]
    path: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Text {
    #[serde(flatten)]
    of: Of,
    text: String,
    /// What the page knows of the file.
    #[serde(default)]
    digest: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct New {
    project: String,
    title: String,
    #[serde(default)]
    section: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Move {
    #[serde(flatten)]
    of: Of,
    to: String,
}

/// The documentation of the working tree.
struct Documents {
    place: Place,
    snapshot: Snapshot,
    loaded: Loaded,
}

impl Documents {
    /// Returns the path of a case's file, from the workspace.
    fn path(&self, of: &Of) -> Result<String, Refused> {
        let project = self.loaded.workspace.project(&of.project);
        let gone = || refused("there is no such case any more");
        let project = project.ok_or_else(gone)?;
        if let Some(case) = project.case(&of.case) {
            return Ok(case.path.clone());
        }
        let known = of.path.as_deref().filter(|path| {
            let below = path.strip_prefix(&format!("{}/cases/", project.path));
            below.is_some_and(|below| {
                below.ends_with(".md")
                    && below
                        .split('/')
                        .all(|part| !matches!(part, "" | "." | ".."))
            })
        });
        let there = known.filter(|path| matches!(self.snapshot.docs.size(path), Ok(Some(_))));
        there.map(str::to_owned).ok_or_else(gone)
    }
}

impl Bench {
    fn documents(&self) -> Result<Documents, Refused> {
        let place = Place::find(&self.ctx)?;
        let snapshot = place.writing_snapshot()?;
        let loaded = place::load(&snapshot)?;
        Ok(Documents {
            place,
            snapshot,
            loaded,
        })
    }

    /// All cases, with where they stand.
    pub(super) fn cases(&self) -> Done {
        let documents = self.documents()?;
        let projects = documents.loaded.workspace.projects.iter().map(|project| {
            let cases = project.cases.iter().map(|doc| {
                let folder = paths::parent(&doc.path);
                let section = folder.split_once("/cases/").map_or("", |(_, section)| section);
                json!({
                    "id": doc.value.id,
                    "title": doc.value.title,
                    "section": section,
                    "execution": doc.value.execution,
                    "owner": doc.value.owner,
                })
            });
            json!({"project": project.folder, "name": project.name(), "cases": cases.collect::<Vec<_>>()})
        });
        Ok(json!({"projects": projects.collect::<Vec<_>>()}))
    }

    /// A case's file as it is, what it looks like, and what is wrong with it.
    pub(super) fn text(&self, of: &Of) -> Done {
        let documents = self.documents()?;
        let path = documents.path(of)?;
        let text = documents.text(&path)?;
        let mut shown = documents.checked(&path, &text, self.ctx.now)?;
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("path".to_owned(), json!(path));
            shown.insert("digest".to_owned(), json!(digest(&text)));
            shown.insert("text".to_owned(), json!(text));
        }
        Ok(shown)
    }

    /// What a text would look like, and what would be wrong with it; nothing is written.
    pub(super) fn check(&self, of: &Text) -> Done {
        let documents = self.documents()?;
        let path = documents.path(&of.of)?;
        documents.checked(&path, &of.text, self.ctx.now)
    }

    /// Writes a case's file, if it is still the one that the page knows.
    pub(super) fn save(&mut self, of: &Text) -> Done {
        self.desk = None;
        let documents = self.documents()?;
        let path = documents.path(&of.of)?;
        // Other servers of this workspace write one after the other.
        let lock = change::lock(&documents.place)?;
        let there = documents.text(&path)?;
        if digest(&there) != of.digest {
            return Err(Refused {
                is_outdated: true,
                message: "the file was changed elsewhere meanwhile".to_owned(),
                now: Some(Box::new(json!({"text": there, "digest": digest(&there)}))),
                ..Refused::default()
            });
        }
        if of.text.len() as u64 > MAX_FILE {
            return Err(refused("that is more text than a case may have"));
        }
        // A page ends lines as browsers do; the file goes on as it was.
        let text = of.text.replace("\r\n", "\n");
        let text = match there.contains("\r\n") {
            true => text.replace('\n', "\r\n"),
            false => text,
        };
        let native = paths::to_native(&documents.place.root, &path);
        let read_only =
            std::fs::metadata(&native).is_ok_and(|known| known.permissions().readonly());
        if read_only {
            return Err(refused(format!("`{path}` may not be written")));
        }
        files::write_atomic(&native, text.as_bytes()).map_err(CommandError::from)?;
        drop(lock);
        let mut shown = documents.checked(&path, &text, self.ctx.now)?;
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("digest".to_owned(), json!(digest(&text)));
        }
        Ok(shown)
    }

    /// Makes a case, as `case new` does, and returns its id.
    pub(super) fn new_case(&mut self, new: &New) -> Done {
        let title = format!("--title={}", new.title.trim());
        let section = format!("--section={}", new.section.trim().trim_matches('/'));
        let project = format!("--project={}", new.project);
        let mut words = vec!["case", "new", &title, &project];
        if section.len() > "--section=".len() {
            words.push(&section);
        }
        let said = self.command(&words)?;
        let path = said["answer"].as_str().unwrap_or_default().trim();
        let documents = self.documents()?;
        let project = documents.loaded.workspace.project(&new.project);
        let made = project.and_then(|project| project.cases.iter().find(|doc| doc.path == path));
        let made = made.ok_or_else(|| refused("the case was made, and can't be found"))?;
        Ok(json!({"case": made.value.id}))
    }

    /// Moves a case to another section, as `case move` does.
    pub(super) fn move_case(&mut self, of: &Move) -> Done {
        let project = format!("--project={}", of.of.project);
        let to = match of.to.trim().trim_matches('/') {
            "" => ".",
            to => to,
        };
        self.command(&["case", "move", &project, "--", &of.of.case, to])
    }
}

impl Documents {
    fn text(&self, path: &str) -> Result<String, Refused> {
        let bytes = self.snapshot.docs.read(path).map_err(store_error)?;
        let bytes = bytes.ok_or_else(|| refused(format!("`{path}` is gone")))?;
        String::from_utf8(bytes).map_err(|_| refused(format!("`{path}` is no text")))
    }

    fn checked(&self, path: &str, text: &str, now: Timestamp) -> Done {
        if text.len() as u64 > MAX_FILE {
            return Err(refused("that is more text than a case may have"));
        }
        let mut changes = ChangeSet::new("a text that is written");
        changes.write(path, text);
        let after = self.snapshot.changed(&changes).map_err(store_error)?;
        let report = validate::check(&after, now).map_err(store_error)?;
        let items = items(&report.findings, &report.sources, &self.place.prefix);
        let own = paths::join(&self.place.prefix, path);
        let findings = items.iter().filter(|item| item.path == own).map(|item| {
            let line = item.range.map(|(from, _)| from.line);
            let problem = problem(item);
            json!({"level": problem.level, "code": problem.code, "line": line, "message": problem.message, "help": problem.help})
        });
        let findings: Vec<Value> = findings.collect();
        let body = text
            .strip_prefix("---")
            .and_then(|rest| rest.split_once("\n---"));
        let body = body.map_or(text, |(_, body)| {
            body.split_once('\n').map_or("", |(_, body)| body)
        });
        Ok(json!({"findings": findings, "html": site::markdown_html(body)}))
    }
}

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}
