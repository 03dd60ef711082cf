//! Requirements that come from elsewhere, put into files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::put::field;
use crate::base::Digest;
use crate::base::text::{count, slug};
use crate::git::ChangeSet;
use crate::model::Requirement;
use crate::store::edit::{self, Put};
use crate::store::{Doc, Project, parse_requirements};

/// What an import does.
#[derive(Clone, Debug, Default)]
pub struct RequirementsChange {
    /// Empty where nothing changes. Paths are relative to the workspace.
    pub changes: ChangeSet,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Requirements of the project that are not among the imported ones; they stay.
    pub absent: Vec<String>,
    /// Files that are written in a way that can't be edited in place; they stay as they are.
    pub uneditable: Vec<String>,
}

type Model = crate::model::Requirements;

/// Brings requirements in: those that are new get a file each, `requirements/<id>.yaml`; of those that are
/// here, what the import says otherwise is set where they stand, and all else stays as a person left it.
/// What the import says nothing of stays, too, gaps and whole requirements among it.
///
/// The same import twice changes nothing.
pub fn import_requirements(
    project: &Project,
    imported: &[Requirement],
    from: &str,
) -> RequirementsChange {
    let mut out = RequirementsChange::default();
    let places = places(project);
    let mut names = Names::new(project);
    let mut seen: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut wanted: BTreeMap<usize, Vec<(usize, &Requirement)>> = BTreeMap::new();
    let mut new: Vec<(String, String)> = Vec::new();
    for one in imported {
        let place = places.exact.get(one.id.as_str());
        match place.or_else(|| places.folded.get(&one.id.to_lowercase())) {
            Some((doc, n)) => {
                seen.insert((*doc, *n));
                let here = &project.requirements[*doc].value.all[*n];
                match puts(here, one).is_empty() {
                    true => out.unchanged += 1,
                    false => wanted.entry(*doc).or_default().push((*n, one)),
                }
            }
            None => {
                let path = names.free(project, &one.id);
                new.push((path, written(one)));
            }
        }
    }
    for (doc, wanted) in wanted {
        let doc = &project.requirements[doc];
        match edited(doc, &wanted) {
            Some(text) => {
                out.changed += wanted.len();
                out.changes.write(&doc.path, text);
            }
            None => out.uneditable.push(doc.path.clone()),
        }
    }
    out.added = new.len();
    for (path, text) in new {
        out.changes.write(path, text);
    }
    let all = project.requirements.iter().enumerate();
    let all = all.flat_map(|(d, doc)| {
        doc.value
            .all
            .iter()
            .enumerate()
            .map(move |(n, one)| (d, n, one))
    });
    let absent = all.filter(|(doc, n, _)| !seen.contains(&(*doc, *n)));
    out.absent = absent.map(|(_, _, one)| one.id.clone()).collect();
    let all = count((out.added + out.changed) as u64, "requirement");
    out.changes.message = format!("Import {all} from {from}");
    out
}

/// Where requirements stand: the file, and which of it.
struct Places<'a> {
    exact: HashMap<&'a str, (usize, usize)>,
    folded: HashMap<String, (usize, usize)>,
}

fn places(project: &Project) -> Places<'_> {
    let (mut exact, mut folded) = (HashMap::new(), HashMap::new());
    for (d, doc) in project.requirements.iter().enumerate() {
        for (n, one) in doc.value.all.iter().enumerate() {
            exact.entry(one.id.as_str()).or_insert((d, n));
            folded.entry(one.id.to_lowercase()).or_insert((d, n));
        }
    }
    Places { exact, folded }
}

/// Returns the fields that an import says otherwise. What it leaves empty it says nothing of.
fn puts<'a>(here: &Requirement, one: &'a Requirement) -> Vec<(&'static str, &'a str)> {
    let optional = |key, here: &Option<String>, one: &'a Option<String>| {
        let one = one.as_deref().filter(|one| here.as_deref() != Some(one));
        one.map(|one| (key, one))
    };
    let title = (here.title != one.title).then_some(("title", one.title.as_str()));
    let fields = [
        title,
        optional("url", &here.url, &one.url),
        optional("description", &here.description, &one.description),
        optional("owner", &here.owner, &one.owner),
        optional("parent", &here.parent, &one.parent),
    ];
    fields.into_iter().flatten().collect()
}

/// Returns a file's text with what is wanted set; none where reading it back gives anything else.
fn edited(doc: &Doc<Model>, wanted: &[(usize, &Requirement)]) -> Option<String> {
    let mut model = doc.value.clone();
    let mut all: Vec<Put<'_>> = Vec::new();
    for (n, one) in wanted {
        let item = doc.value.is_list.then_some(("requirements", *n));
        let here = &mut model.all[*n];
        for (key, value) in puts(here, one) {
            all.push(Put { item, key, value });
            let own = || Some(value.to_owned());
            match key {
                "title" => value.clone_into(&mut here.title),
                "url" => here.url = own(),
                "description" => here.description = own(),
                "owner" => here.owner = own(),
                _ => here.parent = own(),
            }
        }
    }
    let text = edit::set_texts(&doc.text, &all)?;
    let (read, _) = parse_requirements(&doc.path, text.as_str().into());
    read.is_some_and(|read| read.value == model).then_some(text)
}

fn written(one: &Requirement) -> String {
    let fields = [
        field("id", Some(&one.id)),
        field("title", Some(&one.title)),
        field("url", one.url.as_deref()),
        field("description", one.description.as_deref()),
        field("owner", one.owner.as_deref()),
        field("parent", one.parent.as_deref()),
    ];
    let lines = fields.into_iter().flatten();
    lines.map(|line| line + "\n").collect()
}

/// Names of files that are taken, in lower case: on many systems two that differ in case are one.
struct Names(BTreeSet<String>);

impl Names {
    fn new(project: &Project) -> Self {
        let paths = project.entries.iter();
        Self(paths.map(|entry| entry.path.to_lowercase()).collect())
    }

    fn free(&mut self, project: &Project, id: &str) -> String {
        let stem = stem(id);
        let path = |n: usize| match n {
            1 => format!("{}/requirements/{stem}.yaml", project.path),
            n => format!("{}/requirements/{stem}-{n}.yaml", project.path),
        };
        let free = (1..)
            .map(path)
            .find(|path| self.0.insert(path.to_lowercase()));
        free.expect("numbers do not end")
    }
}

/// Returns a name for a file: the id itself where every system takes it.
fn stem(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let starts_well = id.starts_with(|c: char| c.is_ascii_alphanumeric());
    let first = id.split('.').next().unwrap_or_default().to_lowercase();
    let device = ["con", "prn", "aux", "nul"].contains(&first.as_str())
        || (first.len() == 4 && (first.starts_with("com") || first.starts_with("lpt")));
    match id.len() <= 64 && starts_well && !id.ends_with('.') && id.chars().all(is_plain) {
        true if !device => id.to_owned(),
        true => format!("{id}-requirement"),
        // Others may share a slug, and the digest tells them apart.
        false => format!(
            "{}-{}",
            slug(id, 50),
            &Digest::of(id.as_bytes()).short()[..8]
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Content;
    use crate::store::{MemoryFiles, Snapshot, load};

    fn project(files: &[(String, String)]) -> Project {
        let settings = ("projects/shop/project.yaml", "key: SHOP\nname: Shop\n");
        let mut all: MemoryFiles = [settings].into_iter().collect();
        for (path, text) in files {
            all.insert(path.as_str(), text.as_str());
        }
        let loaded = load(&Snapshot::memory(all)).expect("memory reads");
        loaded
            .workspace
            .projects
            .into_iter()
            .next()
            .expect("one project")
    }

    fn one(id: &str, title: &str, url: Option<&str>) -> Requirement {
        Requirement {
            id: id.into(),
            title: title.into(),
            url: url.map(str::to_owned),
            ..Requirement::default()
        }
    }

    fn written(changes: &ChangeSet) -> Vec<(String, String)> {
        let text = |content: &Option<Content>| match content {
            Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => panic!("a text"),
        };
        let edits = changes.edits.iter();
        edits
            .map(|edit| (edit.path.clone(), text(&edit.content)))
            .collect()
    }

    fn at(name: &str, text: &str) -> (String, String) {
        (
            format!("projects/shop/requirements/{name}"),
            text.to_owned(),
        )
    }

    #[test]
    fn an_import_sets_what_it_says_and_keeps_the_rest() {
        let here = [
            at(
                "REQ-1.yaml",
                "title: Sign in # as in the contract\ngap: {reason: r, by: alice}\n",
            ),
            at(
                "all.yaml",
                "requirements:\n# mail\n- {id: REQ-2, title: Mail} # see REQ-1\n- id: Req-3\n  title: Print\n",
            ),
            at("REQ-9.yaml", "title: Gone\n"),
        ];
        let imported = [
            one("REQ-1", "Sign in: now", Some("https://t/1")),
            one("REQ-2", "Mail", None),
            one("REQ-3", "Print", Some("https://t/3")),
            one("REQ-4", "New", None),
            one("Über 5", "Odd", None),
            one("con", "Device", None),
        ];
        let done = import_requirements(&project(&here), &imported, "r.csv");
        assert_eq!((done.added, done.changed, done.unchanged), (3, 2, 1));
        assert_eq!(
            (done.absent, done.uneditable),
            (vec!["REQ-9".to_owned()], Vec::new())
        );
        assert_eq!(done.changes.message, "Import 5 requirements from r.csv");
        let files = written(&done.changes);
        assert_eq!(
            files,
            [
                at(
                    "REQ-1.yaml",
                    "title: \"Sign in: now\" # as in the contract\ngap: {reason: r, by: alice}\nurl: \"https://t/1\"\n"
                ),
                at(
                    "all.yaml",
                    "requirements:\n# mail\n- {id: REQ-2, title: Mail} # see REQ-1\n- id: Req-3\n  title: Print\n  url: \"https://t/3\"\n"
                ),
                at("REQ-4.yaml", "id: REQ-4\ntitle: New\n"),
                at("ber-5-1db7e4ed.yaml", "id: Über 5\ntitle: Odd\n"),
                at("con-requirement.yaml", "id: con\ntitle: Device\n"),
            ]
        );
        let mut then = here.to_vec();
        then.retain(|(path, _)| files.iter().all(|(changed, _)| changed != path));
        then.extend(files);
        let again = import_requirements(&project(&then), &imported, "r.csv");
        assert!(again.changes.edits.is_empty(), "{:?}", again.changes);
        assert_eq!(again.unchanged, 6);
    }

    #[test]
    fn what_can_not_be_edited_stays() {
        let here = [at(
            "all.yaml",
            "x: &a {id: R, title: T}\nrequirements: [*a]\n",
        )];
        let done = import_requirements(&project(&here), &[one("R", "T", Some("u"))], "r.csv");
        assert!(done.changes.edits.is_empty());
        assert_eq!(done.uneditable, ["projects/shop/requirements/all.yaml"]);
    }
}
