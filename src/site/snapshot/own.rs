//! What a workspace brings to its site: templates and texts of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TEMPLATES;
use crate::base::path;
use crate::diag::{Finding, Sources};
use crate::site::input::Translation;
use crate::site::{assets, texts};
use crate::store::{self, FileKind, Files, StoreError, codes};

/// The folder among a workspace's templates that has texts in other words or languages.
const TEXTS: &str = "texts";

/// Files among the workspace's templates that are none of the site's.
///
/// # Errors
/// Where files can't be listed.
pub fn idle_templates(files: &dyn Files) -> Result<Vec<Finding>, StoreError> {
    let mut out = Vec::new();
    for folder in ["", "assets", TEXTS] {
        for entry in files.list(&path::join(TEMPLATES, folder))? {
            let name = path::join(folder, &entry.name);
            if entry.kind != FileKind::File || assets::names().any(|known| known == name) {
                continue;
            }
            if folder == TEXTS && texts::is_translation(&entry.name) {
                continue;
            }
            let message = format!("`{name}` is none of the site's templates, and does nothing");
            let finding =
                Finding::warning(codes::IDLE_TEMPLATE, path::join(TEMPLATES, &name), message);
            out.push(finding.suggest(&name, assets::names()));
        }
    }
    Ok(out)
}

/// Returns what is wrong with the texts that the workspace has for its language.
///
/// # Errors
/// Where a file can't be read.
pub fn text_findings(files: &dyn Files) -> Result<(Vec<Finding>, Sources), StoreError> {
    let language = language(files)?;
    let path = texts_path(&language);
    let text = text_of(files, &path)?;
    Ok(texts::check(&language, &path, text))
}

/// The language that the workspace's site is to speak.
fn language(files: &dyn Files) -> Result<String, StoreError> {
    let settings = store::settings(files)?;
    let language = settings.as_ref().and_then(|file| file.site_language());
    Ok(language.unwrap_or("en").to_owned())
}

/// Where a workspace has its texts of a language, which is anything that a person typed.
fn texts_path(language: &str) -> String {
    let name: String = language
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    path::join(TEMPLATES, &format!("{TEXTS}/{name}.yaml"))
}

fn text_of(files: &dyn Files, path: &str) -> Result<Option<Arc<str>>, StoreError> {
    let bytes = files.read(path)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into()))
}

/// Reads the texts of the language that the site is to speak.
pub(in crate::site) fn translation(files: &dyn Files) -> Result<Option<Translation>, StoreError> {
    let language = language(files)?;
    let path = texts_path(&language);
    let Some(text) = text_of(files, &path)? else {
        return Ok(None);
    };
    let (doc, _) = store::parse_texts(&path, text);
    Ok(doc.map(|doc| Translation {
        language,
        catalogue: doc.value,
    }))
}

/// What the workbench says, and in which language.
#[derive(Clone, Debug)]
pub struct Workbench {
    /// As a page says it: `de`, `pt-BR`.
    pub language: String,
    /// Where lines begin: `ltr`, `rtl`.
    pub direction: &'static str,
    /// The script that its page has before its own, with all texts. Nothing of it is a workspace's but texts.
    pub script: String,
}

impl Workbench {
    /// Makes it speak the language of a workspace that has these files.
    ///
    /// # Errors
    /// Where a file can't be read.
    pub fn of(files: &dyn Files) -> Result<Self, StoreError> {
        let texts = Translation::texts(translation(files)?.as_ref());
        Ok(Self::speaking(&texts))
    }

    fn speaking(own: &Arc<texts::Texts>) -> Self {
        let said = texts::within(own, texts::workbench_script);
        Self {
            language: own.language().to_owned(),
            direction: own.direction(),
            script: said + assets::embedded("assets/site.js"),
        }
    }
}

impl Default for Workbench {
    /// In English.
    fn default() -> Self {
        Self::speaking(&texts::english())
    }
}

/// Reads the workspace's own templates and assets.
pub(super) fn overrides(files: &dyn Files) -> Result<BTreeMap<String, String>, StoreError> {
    let mut out = BTreeMap::new();
    for name in assets::names() {
        if let Some(bytes) = files.read(&path::join(TEMPLATES, name))? {
            out.insert(
                name.to_owned(),
                String::from_utf8_lossy(&bytes).into_owned(),
            );
        }
    }
    Ok(out)
}
