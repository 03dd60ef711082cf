//! Attributes: whether git leaves evidence alone, and how documentation merges.

use super::{Answer, Check, Condition, DoctorError, Patient};
use crate::author;
use crate::base::files;
use crate::base::path::join;
use crate::git::{Attribute, Lead};

const EVIDENCE: &str = "attributes";

/// What git is asked of evidence.
const ASKED: [&str; 5] = ["text", "filter", "ident", "working-tree-encoding", "merge"];

/// Endings of attachments that people write rules for.
const ENDINGS: [&str; 12] = [
    "png", "jpg", "txt", "log", "html", "json", "xml", "csv", "zip", "webm", "mp4", "bin",
];

/// Asks whether any conversion would touch a closed launch.
pub(super) fn evidence(patient: &Patient<'_>) -> Answer {
    let branch = launches_branch(patient);
    let source = source(patient, branch.as_deref());
    if patient.projects.is_empty() || source == Some(Source::Absent) {
        let message = "there are no closed launches to protect yet";
        return Ok(vec![Check::new(EVIDENCE, Condition::Ok, message)]);
    }
    let source = source.and_then(Source::name);
    let mut wrong = conversions(patient, source.as_deref())?;
    let mut out = Vec::new();
    let is_wrong = !wrong.is_empty() || without_lfs(patient, source.as_deref())?.is_some();
    if is_wrong && patient.repair && source.is_none() && add_lines(patient)? {
        let file = join(patient.prefix, ".gitattributes");
        let check = Check::new(
            EVIDENCE,
            Condition::Repaired,
            format!("added the lines for closed launches that were missing to `{file}`"),
        );
        out.push(check.next(format!(
            "commit it: `git add {file} && git commit -m \"Protect closed launches\"`"
        )));
        wrong = conversions(patient, source.as_deref())?;
    }
    let is_missing = source.is_none() && lines(patient)?.is_some();
    out.extend(without_lfs(patient, source.as_deref())?);
    for found in &wrong {
        out.push(explain(patient, found, source.as_deref(), is_missing)?);
    }
    if out.is_empty() {
        let line_ends = match patient.repo.setting("core.autocrlf") {
            Some(value) if value != "false" => {
                format!("; `core.autocrlf` is `{value}`, and they are exempt from it")
            }
            _ => String::new(),
        };
        let message = format!("no conversion touches closed launches{line_ends}");
        out.push(Check::new(EVIDENCE, Condition::Ok, message));
    }
    Ok(out)
}

/// Where attributes are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Commit(String),
    /// There is nothing to look into.
    Absent,
}

impl Source {
    fn name(self) -> Option<String> {
        match self {
            Self::Commit(name) => Some(name),
            Self::Absent => None,
        }
    }
}

/// The branch that closed launches have to themselves.
fn launches_branch(patient: &Patient<'_>) -> Option<String> {
    let settings = &patient.workspace.settings.as_ref()?.value;
    settings.launches["branch"].as_str().map(str::to_owned)
}

/// `None` for the working tree.
fn source(patient: &Patient<'_>, branch: Option<&str>) -> Option<Source> {
    let names = match branch {
        Some(branch) => {
            let full = format!("refs/heads/{branch}");
            let standing = patient.repo.standing(&full).ok();
            let fetched = standing
                .filter(|standing| standing.lead == Lead::Fetched)
                .and_then(|standing| standing.remote)
                .map(|remote| format!("refs/remotes/{remote}/{branch}"));
            fetched.into_iter().chain([full]).collect()
        }
        None if patient.repo.is_bare() => vec!["HEAD".to_owned()],
        None => return None,
    };
    let known = names
        .into_iter()
        .find(|name| patient.repo.resolve(name).is_ok());
    Some(known.map_or(Source::Absent, Source::Commit))
}

/// Attributes by which git would change evidence, one for each: the first path that it is found at.
fn conversions(patient: &Patient<'_>, source: Option<&str>) -> Result<Vec<Attribute>, DoctorError> {
    let paths = paths(patient);
    let mut out: Vec<Attribute> = Vec::new();
    for attribute in patient.repo.attributes(&paths, &ASKED, source)? {
        let is_told = out
            .iter()
            .any(|told| told.name == attribute.name && told.value == attribute.value);
        if !is_told && converts(patient, &attribute) {
            out.push(attribute);
        }
    }
    Ok(out)
}

/// Paths as evidence has them.
fn paths(patient: &Patient<'_>) -> Vec<String> {
    let mut paths = Vec::new();
    for folder in patient.projects.iter().map(|project| &project.folder) {
        let at = |path: &str| join(patient.prefix, &format!("projects/{folder}/{path}"));
        let launch = "launches/2026/01/launch";
        paths.extend(
            ["launch.yaml", "SHA256SUMS", "results/shard.yaml"]
                .map(|file| at(&format!("{launch}/{file}"))),
        );
        paths.extend(ENDINGS.map(|ending| at(&format!("{launch}/attachments/x.{ending}"))));
        paths.push(at("executed/x.md"));
        paths.push(at("annotations/launch/note.yaml"));
    }
    paths
}

fn converts(patient: &Patient<'_>, attribute: &Attribute) -> bool {
    let value = attribute.value.as_str();
    let is_off = matches!(value, "unset" | "unspecified");
    if value == "lfs" && attribute.path.contains(ATTACHMENTS) && by_lfs(patient) {
        return false;
    }
    match attribute.name.as_str() {
        "text" => value != "unset",
        "merge" => !matches!(value, "binary" | "unset"),
        "ident" => value == "set",
        _ => !is_off,
    }
}

/// What the paths of attachments have, and no other evidence.
const ATTACHMENTS: &str = "/attachments/";

/// Whether attachments are kept by git-lfs: then they are excepted from the lines that protect evidence,
/// and git-lfs is to have them.
fn by_lfs(patient: &Patient<'_>) -> bool {
    let settings = patient.workspace.settings.as_ref();
    settings.is_some_and(|doc| doc.value.attachments["store"] == "lfs")
}

/// Says that git-lfs does not get the attachments that the settings give it.
fn without_lfs(patient: &Patient<'_>, source: Option<&str>) -> Result<Option<Check>, DoctorError> {
    if !by_lfs(patient) {
        return Ok(None);
    }
    let paths = paths(patient).into_iter();
    let paths: Vec<String> = paths.filter(|path| path.contains(ATTACHMENTS)).collect();
    let asked = patient.repo.attributes(&paths, &["filter"], source)?;
    let Some(found) = asked.iter().find(|attribute| attribute.value != "lfs") else {
        return Ok(None);
    };
    let state = match patient.repair {
        true => Condition::Cannot,
        false => Condition::Found,
    };
    let path = &found.path;
    let message = format!(
        "attachments are in git-lfs, and git does not give them to it: checkouts hold pointers (asked of `{path}`)"
    );
    let file = join(patient.prefix, ".gitattributes");
    let line = author::LFS_ATTRIBUTES.trim();
    let next = match source {
        Some(source) => {
            format!("commit the line `{line}` to `{file}` of `{source}`, below all others")
        }
        None if lines(patient)?.is_some() => {
            format!(
                "`tallybook doctor --repair` adds the line `{line}` to `{file}`, below all others"
            )
        }
        None => format!(
            "a line below `{line}`, or in another file, takes them away: `git check-attr filter {path}`"
        ),
    };
    Ok(Some(Check::new(EVIDENCE, state, message).next(next)))
}

/// Says which line makes git change evidence, and what to do about it.
fn explain(
    patient: &Patient<'_>,
    found: &Attribute,
    source: Option<&str>,
    is_missing: bool,
) -> Result<Check, DoctorError> {
    let Attribute { path, name, value } = found;
    let what = match name.as_str() {
        "text" => "change line ends of",
        "merge" => "merge lines of",
        "filter" => "run a filter over",
        "ident" => "expand `$Id$` in",
        _ => "recode",
    };
    let line = patient.repo.who_sets(path, name, source)?;
    let place = match &line {
        Some(line) => format!("`{}` in line {} of `{}`", line.text, line.number, line.file),
        None => format!("`{name}` is {value}"),
    };
    let message = format!("git may {what} closed launches: {place} (asked of `{path}`)");
    let state = match patient.repair {
        true => Condition::Cannot,
        false => Condition::Found,
    };
    let check = Check::new(EVIDENCE, state, message);
    let file = join(patient.prefix, ".gitattributes");
    let ours = line_for(path);
    Ok(check.next(match (line, source, is_missing) {
        (_, Some(source), _) => {
            format!("commit the line `{ours}` to `{file}` of `{source}`, below all others")
        }
        (_, None, true) if !patient.repair => {
            format!("`tallybook doctor --repair` adds the missing lines to `{file}`")
        }
        (Some(line), ..) if line.file == file => format!(
            "move line {} of `{file}` above `{ours}`: of several lines the last decides",
            line.number
        ),
        (Some(line), ..) => format!(
            "take that line out of `{}`, or except `projects/*/launches/**`, `projects/*/executed/**` and \
             `projects/*/annotations/**` there as `{file}` does",
            line.file
        ),
        (None, ..) => format!("`tallybook doctor --repair` adds the missing lines to `{file}`"),
    }))
}

/// The line that protects a path.
fn line_for(path: &str) -> &'static str {
    let folder = ["executed", "annotations"].into_iter().find(|folder| {
        let at = format!("/{folder}/");
        path.contains(&at) && !path.contains("/launches/")
    });
    let start = format!("projects/*/{}/**", folder.unwrap_or("launches"));
    let mut lines = author::LAUNCH_ATTRIBUTES.lines();
    lines
        .find(|line| line.starts_with(&start))
        .unwrap_or_default()
}

/// The text of the workspace's `.gitattributes` with what is missing; `None` where nothing is.
fn lines(patient: &Patient<'_>) -> Result<Option<String>, DoctorError> {
    let old = files::read_optional(&patient.root.join(".gitattributes"))?;
    let old = String::from_utf8_lossy(&old.unwrap_or_default()).into_owned();
    Ok(author::with_launch_attributes(&old, by_lfs(patient)))
}

/// Adds the lines that are missing; whether there were any.
fn add_lines(patient: &Patient<'_>) -> Result<bool, DoctorError> {
    let Some(new) = lines(patient)? else {
        return Ok(false);
    };
    files::write_atomic(&patient.root.join(".gitattributes"), new.as_bytes())?;
    Ok(true)
}
