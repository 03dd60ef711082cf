//! Mutes: made for cases or tests, and ended.

use super::ids::draw_id;
use super::put::is_free;
use crate::base::Timestamp;
use crate::base::text::{closest, sanitize_line};
use crate::base::time::Date;
use crate::git::ChangeSet;
use crate::model::Mute;
use crate::store::{Doc, Project, parse_mute, scalar};

/// A mute to make.
#[derive(Clone, Debug)]
pub struct NewMute<'a> {
    pub cases: &'a [String],
    /// A full name, `*` for any characters.
    pub selector: Option<&'a str>,
    pub reason: &'a str,
    pub owner: &'a str,
    /// The last day on which it holds.
    pub until: Date,
    pub now: Timestamp,
    /// What the random id is drawn from.
    pub seed: u64,
}

/// What became of a mute.
#[derive(Clone, Debug)]
pub struct MuteChange {
    pub mute: Mute,
    /// Paths are relative to the workspace.
    pub changes: ChangeSet,
}

/// A mute could not be made or ended.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MuteError {
    #[error("a mute needs a reason")]
    NoReason,
    #[error("a mute needs cases or a selector")]
    Nothing,
    #[error("the mute would end on {until}, which is past")]
    Past { until: Date },
    #[error("project `{project}` has no case `{wanted}`{}", suggestion.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    UnknownCase {
        project: String,
        wanted: String,
        suggestion: Option<String>,
    },
    #[error("project `{project}` has no mute `{wanted}`{}", suggestion.as_ref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default())]
    Unknown {
        project: String,
        wanted: String,
        suggestion: Option<String>,
    },
    #[error("`{path}` would not read as it was meant")]
    Unreadable { path: String },
}

/// Makes a mute's file.
///
/// # Errors
/// It covers nothing, has no reason or an end that is past, or names a case that isn't there.
pub fn new_mute(project: &Project, new: &NewMute<'_>) -> Result<MuteChange, MuteError> {
    let reason = sanitize_line(new.reason);
    if reason.is_empty() {
        return Err(MuteError::NoReason);
    }
    if new.cases.is_empty()
        && new
            .selector
            .is_none_or(|selector| selector.trim().is_empty())
    {
        return Err(MuteError::Nothing);
    }
    if new.until.end() < new.now {
        return Err(MuteError::Past { until: new.until });
    }
    let cases: Result<Vec<String>, MuteError> = new
        .cases
        .iter()
        .map(|case| known_case(project, case))
        .collect();
    let cases = cases?;
    let taken = |id: &str| {
        let known = project.mutes.iter().any(|doc| doc.value.id == id);
        known || !is_free(project, &format!("{}/mutes/{id}.yaml", project.path))
    };
    let id = draw_id("MUTE", new.seed, 0, taken);
    let path = format!("{}/mutes/{id}.yaml", project.path);
    let mut text = format!(
        "id: {id}\nreason: {}\nowner: {}\nuntil: {}\n",
        scalar(&reason),
        scalar(new.owner),
        new.until
    );
    if !cases.is_empty() {
        let cases: Vec<String> = cases.iter().map(|case| scalar(case)).collect();
        text.push_str(&format!("cases: [{}]\n", cases.join(", ")));
    }
    if let Some(selector) = new.selector {
        text.push_str(&format!("selector: {}\n", scalar(selector)));
    }
    let (doc, _) = parse_mute(&path, text.as_str().into());
    let said = |mute: &Mute| {
        (
            &mute.reason,
            &mute.cases,
            mute.selector.as_deref(),
            mute.until,
        ) == (&reason, &cases, new.selector, Some(new.until))
    };
    let Some(mute) = doc.map(|doc| doc.value).filter(said) else {
        return Err(MuteError::Unreadable { path });
    };
    let mut changes = ChangeSet::new(format!(
        "Mute {} until {}: {reason}",
        covered(&mute),
        new.until
    ));
    changes.write(path, text);
    Ok(MuteChange { mute, changes })
}

/// Ends a mute: its file goes, and what closed launches decided by it stays.
///
/// # Errors
/// There is no such mute.
pub fn end_mute(project: &Project, wanted: &str) -> Result<MuteChange, MuteError> {
    let same = |doc: &&Doc<Mute>| doc.value.id.eq_ignore_ascii_case(wanted);
    let Some(doc) = project.mutes.iter().find(same) else {
        let ids = project.mutes.iter().map(|doc| doc.value.id.as_str());
        return Err(MuteError::Unknown {
            project: project.name().to_owned(),
            wanted: sanitize_line(wanted),
            suggestion: closest(wanted, ids).map(str::to_owned),
        });
    };
    let mute = doc.value.clone();
    let mut changes = ChangeSet::new(format!("End mute {} of {}", mute.id, covered(&mute)));
    changes.remove(&doc.path);
    Ok(MuteChange { mute, changes })
}

/// Returns what a mute covers, in few words.
pub fn covered(mute: &Mute) -> String {
    match (mute.cases.as_slice(), &mute.selector) {
        ([one], None) if mute.query.is_none() => one.clone(),
        (cases, selector) => {
            let all = cases.iter().map(String::as_str).chain(selector.as_deref());
            let all = all.chain(mute.query.as_deref());
            sanitize_line(&all.collect::<Vec<_>>().join(", "))
        }
    }
}

fn known_case(project: &Project, wanted: &str) -> Result<String, MuteError> {
    if let Some(doc) = project.case(wanted) {
        return Ok(doc.value.id.clone());
    }
    let ids = project.cases.iter().map(|doc| doc.value.id.as_str());
    Err(MuteError::UnknownCase {
        project: project.name().to_owned(),
        wanted: sanitize_line(wanted),
        suggestion: closest(wanted, ids).map(str::to_owned),
    })
}
