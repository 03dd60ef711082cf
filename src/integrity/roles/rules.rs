//! The rules of a commit: its members, and which commits count only where one of them signed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::area::Area;
use super::change::{Print, is_project};
use crate::analysis::approval::email;
use crate::git::{EntryKind, GitError, Identity, ObjectId, Repo, TrustedKey};
use crate::model::{Member, RequiredSignatures, Role};
use crate::store::{parse_member, parse_project};

/// The rules of a workspace at one commit.
#[derive(Debug, Default)]
pub(super) struct Rules {
    projects: BTreeMap<String, Arc<ProjectRules>>,
}

/// The rules of a project at one commit.
#[derive(Debug, Default)]
pub(super) struct ProjectRules {
    pub(super) members: Vec<Member>,
    /// Whether there are members, readable or not. A project without is not shared yet: anybody may
    /// do anything.
    pub(super) shared: bool,
    pub(super) signatures: RequiredSignatures,
    /// `None` where the settings don't say one that reads.
    pub(super) key: Option<String>,
}

impl Rules {
    pub(super) fn project(&self, folder: &str) -> Option<&ProjectRules> {
        self.projects.get(folder).map(Arc::as_ref)
    }

    /// The projects that have members, by their folders.
    pub(super) fn shared(&self) -> impl Iterator<Item = (&str, &ProjectRules)> {
        let all = self.projects.iter();
        all.map(|(folder, rules)| (folder.as_str(), rules.as_ref()))
            .filter(|(_, rules)| rules.shared)
    }
}

impl ProjectRules {
    /// Whether a change counts only where a member signed it.
    pub(super) fn requires_signature(&self, area: Area) -> bool {
        match self.signatures {
            RequiredSignatures::None => false,
            RequiredSignatures::Closings => area.is_closing(),
            RequiredSignatures::All => true,
        }
    }

    pub(super) fn has_owner(&self) -> bool {
        self.members.iter().any(|member| member.role == Role::Owner)
    }

    /// Returns the role of whom a commit names as its author. Of several members with one address
    /// the one with the least rights counts.
    pub(super) fn role_of_author(&self, author: &Identity) -> Option<Role> {
        let wanted = author.email.to_lowercase();
        let has = |member: &&Member| has_address(member, &wanted);
        let members = self.members.iter().filter(has);
        members.map(|member| member.role).max()
    }

    /// Returns the member whom a commit names as its author, the first of several.
    pub(super) fn author(&self, author: &Identity) -> Option<&Member> {
        let wanted = author.email.to_lowercase();
        self.members
            .iter()
            .find(|member| has_address(member, &wanted))
    }

    /// Returns the member whom an approval names, by id or as `Name <email>`.
    pub(super) fn reviewer(&self, by: &str) -> Option<&Member> {
        let by_id = self.members.iter().find(|member| member.id == by);
        let by_email = || {
            let email = email(by)?;
            let has = |own: &String| own.eq_ignore_ascii_case(email);
            let mut members = self.members.iter();
            members.find(|member| member.emails.iter().any(has))
        };
        by_id.or_else(by_email)
    }

    /// Returns the role of the member whose key signed.
    pub(super) fn role_of_member(&self, id: &str) -> Option<Role> {
        let found = self.members.iter().find(|member| member.id == id);
        found.map(|member| member.role)
    }

    pub(super) fn keys(&self) -> Vec<TrustedKey> {
        let of = |member: &Member| {
            let owner = member.id.clone();
            let keys = member.keys.clone().into_iter();
            keys.map(move |key| TrustedKey {
                owner: owner.clone(),
                key,
            })
        };
        self.members.iter().flat_map(of).collect()
    }
}

/// What decides the rules of a project: the tree of its members and its settings.
type Source = (Option<(EntryKind, ObjectId)>, Option<(EntryKind, ObjectId)>);

/// Reads rules; remembers them, so that each version is read once.
#[derive(Default)]
pub(super) struct Library {
    workspaces: HashMap<ObjectId, Arc<Rules>>,
    projects: HashMap<Source, Arc<ProjectRules>>,
}

impl Library {
    /// Returns the rules of a workspace; `None` where there is no workspace.
    pub(super) fn rules(
        &mut self,
        repo: &Repo,
        print: &Print,
    ) -> Result<Option<Arc<Rules>>, GitError> {
        if !print.is_workspace() {
            return Ok(None);
        }
        let Some(projects) = print.projects() else {
            return Ok(Some(Arc::default()));
        };
        if let Some(known) = self.workspaces.get(&projects) {
            return Ok(Some(known.clone()));
        }
        let mut rules = Rules::default();
        for folder in repo.tree_of(projects).list("")? {
            // A folder that is no project yet gives nobody a free hand in what it becomes.
            if is_project(
                repo,
                Some(folder.id).filter(|_| folder.kind == EntryKind::Folder),
            )? {
                let project = self.project(repo, folder.id)?;
                rules.projects.insert(folder.name, project);
            }
        }
        let rules = Arc::new(rules);
        self.workspaces.insert(projects, rules.clone());
        Ok(Some(rules))
    }

    fn project(&mut self, repo: &Repo, tree: ObjectId) -> Result<Arc<ProjectRules>, GitError> {
        let view = repo.tree_of(tree);
        let at = |name| -> Result<_, GitError> {
            Ok(view.entry(name)?.map(|entry| (entry.kind, entry.id)))
        };
        let source = (at("members")?, at("project.yaml")?);
        if let Some(known) = self.projects.get(&source) {
            return Ok(known.clone());
        }
        let (key, signatures) = match source.1 {
            Some((_, id)) => settings(&repo.blob(id)?),
            None => (None, RequiredSignatures::None),
        };
        let mut rules = ProjectRules {
            key,
            signatures,
            // A link or a file in the place of members names nobody; it does not set the project free.
            shared: matches!(source.0, Some((kind, _)) if kind != EntryKind::Folder),
            ..ProjectRules::default()
        };
        for entry in view.list("members")? {
            rules.shared = true;
            let is_file = matches!(entry.kind, EntryKind::File | EntryKind::Executable);
            if is_file && entry.name.ends_with(".yaml") {
                let bytes = repo.blob(entry.id)?;
                rules.members.extend(member(&entry.path, bytes));
            }
        }
        let rules = Arc::new(rules);
        self.projects.insert(source, rules.clone());
        Ok(rules)
    }
}

/// Reads a member. One that does not read has no rights.
fn member(path: &str, bytes: Vec<u8>) -> Option<Member> {
    let text = String::from_utf8(bytes).ok()?;
    let (doc, _) = parse_member(path, text.into());
    doc.map(|doc| doc.value)
}

/// Reads a project's key, and which commits must be signed. What does not read asks for all: a slip must
/// not open a door.
fn settings(bytes: &[u8]) -> (Option<String>, RequiredSignatures) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (doc, _) = parse_project("project.yaml", text.into());
    let Some(doc) = doc else {
        return (None, RequiredSignatures::All);
    };
    let field = ["signatures".into()];
    let written = doc.span(&field).map(|span| &doc.text[span.range()]);
    let none = |word: &str| word.trim_matches(['"', '\'']).starts_with("none");
    let signatures = match (doc.value.signatures, doc.has(&field), written) {
        (RequiredSignatures::None, true, Some(word)) if !none(word) => RequiredSignatures::All,
        (signatures, _, _) => signatures,
    };
    (Some(doc.value.key), signatures)
}

/// Whether a member has an address, in lower case. Nobody has the empty one, which commits have that don't
/// say who made them.
fn has_address(member: &Member, wanted: &str) -> bool {
    !wanted.is_empty() && member.emails.iter().any(|own| own.to_lowercase() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, email: &str, role: Role) -> Member {
        Member {
            id: id.to_owned(),
            emails: vec![email.to_owned()],
            role,
            ..Member::default()
        }
    }

    fn author(email: &str) -> Identity {
        Identity {
            name: String::new(),
            email: email.to_owned(),
        }
    }

    #[test]
    fn an_address_of_several_members_gives_the_least_rights() {
        let rules = ProjectRules {
            members: vec![
                person("a", "A@x", Role::Owner),
                person("b", "a@X", Role::Runner),
                person("c", "c@x", Role::Writer),
            ],
            ..ProjectRules::default()
        };
        assert_eq!(rules.role_of_author(&author("a@x")), Some(Role::Runner));
        assert_eq!(rules.role_of_author(&author("C@x")), Some(Role::Writer));
        assert_eq!(rules.role_of_author(&author("d@x")), None);
        assert_eq!(rules.role_of_member("a"), Some(Role::Owner));
        assert!(rules.has_owner());
    }

    #[test]
    fn a_slip_in_the_settings_opens_no_door() {
        for (text, expected) in [
            ("key: A\n", RequiredSignatures::None),
            ("key: A\nsignatures: none # yet\n", RequiredSignatures::None),
            ("key: A\nsignatures: \"none\"\n", RequiredSignatures::None),
            (
                "key: A\nsignatures: closings\n",
                RequiredSignatures::Closings,
            ),
            ("key: A\nsignatures: closing\n", RequiredSignatures::All),
            ("key: A\nsignatures: [all]\n", RequiredSignatures::All),
            ("key: [\n", RequiredSignatures::All),
        ] {
            assert_eq!(settings(text.as_bytes()).1, expected, "{text}");
        }
    }

    #[test]
    fn signatures_are_asked_for_by_kind_of_change() {
        let rules = |signatures| ProjectRules {
            signatures,
            ..ProjectRules::default()
        };
        let closings = rules(RequiredSignatures::Closings);
        assert!(closings.requires_signature(Area::Closing));
        assert!(!closings.requires_signature(Area::Settings));
        assert!(rules(RequiredSignatures::All).requires_signature(Area::Documentation));
        assert!(!rules(RequiredSignatures::None).requires_signature(Area::Closing));
    }
}
