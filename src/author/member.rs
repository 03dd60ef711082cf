//! Members of a project: who takes part, in which role, with which keys.

use super::init::{member_file, member_id};
use super::keys::{KeyError, public_key, same_key};
use crate::base::text::{count, sanitize_line, slug};
use crate::git::ChangeSet;
use crate::model::{Member, Role};
use crate::store::{Doc, PathEntry, Project, edit, parse_member};

/// Somebody to add, or what a member is to have besides.
#[derive(Clone, Debug, Default)]
pub struct MemberRequest<'a> {
    /// A name, or the id or the name of a member who is there.
    pub name: &'a str,
    /// The file's name where it is not to follow from the name.
    pub id: Option<&'a str>,
    pub emails: &'a [String],
    /// A new member without one is a writer; one who is there keeps theirs.
    pub role: Option<Role>,
    pub keys: &'a [String],
}

/// What became of a member.
#[derive(Clone, Debug)]
pub struct MemberChange {
    pub member: Member,
    /// Whether the member is new.
    pub new: bool,
    /// Empty where nothing changes. Paths are relative to the workspace.
    pub changes: ChangeSet,
}

/// A member could not be added or removed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MemberError {
    #[error("a new member needs an email address, as git has it in `user.email`")]
    NoEmail,
    #[error("a member needs a name")]
    NoName,
    #[error("`{email}` is no email address such as `name@example.com`")]
    Email { email: String },
    #[error("the email address `{email}` belongs to the member `{member}`")]
    Taken { email: String, member: String },
    #[error("`{path}` is there already, and is about `{name}`")]
    Exists { path: String, name: String },
    #[error("`{path}` does not read as a member")]
    Unreadable { path: String },
    #[error("`{path}` is written in a way that can't be edited in place")]
    Uneditable { path: String },
    #[error("`{id}` is no name for a file: expected lower-case letters, digits and single dashes")]
    Id { id: String },
    #[error("project `{project}` has no member `{wanted}`")]
    Unknown {
        project: String,
        wanted: String,
        members: Vec<String>,
    },
    #[error(
        "`{member}` is the last owner of project `{project}`: nobody could change its settings"
    )]
    LastOwner { member: String, project: String },
    #[error(
        "project `{project}` has no owner yet, and members bind: nobody could change its settings"
    )]
    FirstOwner { project: String },
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Adds a member to a project, or gives a member who is there more addresses, keys, another role.
/// Nothing else in a file is touched, and no other member's file ever.
///
/// # Errors
/// The request is incomplete, or contradicts who is there.
pub fn add_member(
    project: &Project,
    request: &MemberRequest<'_>,
) -> Result<MemberChange, MemberError> {
    let emails: Vec<String> = request.emails.iter().map(|e| e.trim().to_owned()).collect();
    if let Some(email) = emails.iter().find(|email| !is_email(email)) {
        let email = email.clone();
        return Err(MemberError::Email { email });
    }
    let keys: Result<Vec<String>, KeyError> =
        request.keys.iter().map(|key| public_key(key)).collect();
    let keys = keys?;
    let known = find(project, request.name, request.id);
    let is_other = |doc: &&Doc<Member>| known.is_none_or(|known| known.path != doc.path);
    for other in project.members.iter().filter(is_other) {
        if let Some(email) = emails.iter().find(|email| has(&other.value.emails, email)) {
            let (email, member) = (email.clone(), other.value.id.clone());
            return Err(MemberError::Taken { email, member });
        }
    }
    match known {
        Some(doc) => edit_member(project, doc, request.role, &emails, &keys),
        None => new_member(project, request, &emails, &keys),
    }
}

/// Removes a member from a project.
///
/// # Errors
/// There is no such member, or no other owner.
pub fn remove_member(project: &Project, wanted: &str) -> Result<MemberChange, MemberError> {
    let by_email = |doc: &&Doc<Member>| has(&doc.value.emails, wanted);
    let found = find(project, wanted, None).or_else(|| project.members.iter().find(by_email));
    let Some(doc) = found else {
        return Err(MemberError::Unknown {
            project: project.name().to_owned(),
            wanted: sanitize_line(wanted),
            members: project.members.iter().map(|m| m.value.id.clone()).collect(),
        });
    };
    let member = doc.value.clone();
    if member.role == Role::Owner && owners_but(project, &member.id) == 0 {
        return Err(last_owner(project, &member));
    }
    let mut changes = ChangeSet::new(format!("Remove {} from {}", member.id, project.name()));
    changes.remove(&doc.path);
    Ok(MemberChange {
        member,
        new: false,
        changes,
    })
}

fn owners_but(project: &Project, id: &str) -> usize {
    let others = project.members.iter().filter(|doc| doc.value.id != id);
    others.filter(|doc| doc.value.role == Role::Owner).count()
}

fn last_owner(project: &Project, member: &Member) -> MemberError {
    MemberError::LastOwner {
        member: member.id.clone(),
        project: project.name().to_owned(),
    }
}

/// Finds a member by the file's name, or by name.
fn find<'p>(project: &'p Project, name: &str, id: Option<&str>) -> Option<&'p Doc<Member>> {
    let by_id = |wanted: &str| project.members.iter().find(|doc| doc.value.id == wanted);
    let by_name = || {
        let same = |doc: &&Doc<Member>| doc.value.name.trim() == name.trim();
        project.members.iter().find(same)
    };
    match id {
        Some(id) => by_id(id),
        None => by_id(name).or_else(by_name),
    }
}

fn has(emails: &[String], email: &str) -> bool {
    let wanted = email.to_lowercase();
    emails.iter().any(|known| known.to_lowercase() == wanted)
}

fn new_member(
    project: &Project,
    request: &MemberRequest<'_>,
    emails: &[String],
    keys: &[String],
) -> Result<MemberChange, MemberError> {
    let name = sanitize_line(request.name);
    if name.is_empty() {
        return Err(MemberError::NoName);
    }
    let first = emails.first().ok_or(MemberError::NoEmail)?;
    let path = free_path(project, request, &name, first)?;
    let role = request.role.unwrap_or(Role::Writer);
    if project.members.is_empty() && role != Role::Owner {
        return Err(MemberError::FirstOwner {
            project: project.name().to_owned(),
        });
    }
    let mut text = member_file(&name, first, role);
    for (key, values) in [("emails", &emails[1..]), ("keys", keys)] {
        for value in values {
            let edited = edit::add_to_list(&text, key, value);
            text = edited.ok_or_else(|| MemberError::Uneditable { path: path.clone() })?;
        }
    }
    let member = read_back(&path, &text)?;
    let mut changes = ChangeSet::new(format!(
        "Add {name} to {} as {}",
        project.name(),
        with_article(role)
    ));
    changes.write(&path, text);
    Ok(MemberChange {
        member,
        new: true,
        changes,
    })
}

/// Returns the path of a new member's file; nobody else's is there.
fn free_path(
    project: &Project,
    request: &MemberRequest<'_>,
    name: &str,
    email: &str,
) -> Result<String, MemberError> {
    let id = request
        .id
        .map_or_else(|| member_id(name, email), str::to_owned);
    if id != slug(&id, 64) {
        return Err(MemberError::Id { id });
    }
    let path = format!("{}/members/{id}.yaml", project.path);
    let is_there = |entry: &&PathEntry| same_path(&entry.path, &path);
    let Some(entry) = project.entries.iter().find(is_there) else {
        return Ok(path);
    };
    let path = entry.path.clone();
    let there = project.members.iter().find(|doc| doc.path == path);
    Err(match there {
        Some(doc) => MemberError::Exists {
            name: sanitize_line(&doc.value.name),
            path,
        },
        None => MemberError::Unreadable { path },
    })
}

/// On many systems two names that differ in case are one file.
fn same_path(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn edit_member(
    project: &Project,
    doc: &Doc<Member>,
    role: Option<Role>,
    emails: &[String],
    keys: &[String],
) -> Result<MemberChange, MemberError> {
    let path = doc.path.clone();
    let uneditable = || MemberError::Uneditable { path: path.clone() };
    let mut wanted = doc.value.clone();
    let mut text = doc.text.to_string();
    let mut said = Vec::new();
    if let Some(role) = role.filter(|role| *role != wanted.role) {
        if wanted.role == Role::Owner && owners_but(project, &wanted.id) == 0 {
            return Err(last_owner(project, &wanted));
        }
        text = edit::set_text(&text, "role", role.as_str()).ok_or_else(uneditable)?;
        wanted.role = role;
        said.push(with_article(role).to_owned());
    }
    let more = More::of(&wanted, emails, keys);
    for (field, values) in [("emails", &more.emails), ("keys", &more.keys)] {
        for value in values {
            text = edit::add_to_list(&text, field, value).ok_or_else(uneditable)?;
        }
    }
    said.extend(more.said());
    let keys = wanted.keys.len() + more.keys.len();
    let emails: Vec<String> = more.emails.into_iter().cloned().collect();
    wanted.emails.extend(emails);
    let message = format!(
        "Member {} of {}: {}",
        wanted.id,
        project.name(),
        said.join(", ")
    );
    let mut changes = ChangeSet::new(message);
    let member = read_back(&path, &text)?;
    // The edit must say what was asked for, and leave the rest alone.
    let same =
        |a: &Member, b: &Member| (&a.name, &a.emails, a.role) == (&b.name, &b.emails, b.role);
    if !same(&member, &wanted) || member.keys.len() != keys {
        return Err(uneditable());
    }
    if *text != *doc.text {
        changes.write(&path, text);
    }
    Ok(MemberChange {
        member,
        new: false,
        changes,
    })
}

/// What a member is to have and has not.
struct More<'a> {
    emails: Vec<&'a String>,
    keys: Vec<&'a String>,
}

impl<'a> More<'a> {
    fn of(member: &Member, emails: &'a [String], keys: &'a [String]) -> Self {
        let has_key = |key: &&String| member.keys.iter().any(|known| same_key(known, key));
        Self {
            emails: emails
                .iter()
                .filter(|email| !has(&member.emails, email))
                .collect(),
            keys: keys.iter().filter(|key| !has_key(key)).collect(),
        }
    }

    fn said(&self) -> Vec<String> {
        let parts = [(self.emails.len(), "address"), (self.keys.len(), "key")];
        let parts = parts.into_iter().filter(|(n, _)| *n > 0);
        parts.map(|(n, noun)| count(n as u64, noun)).collect()
    }
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Writer => "a writer",
        Role::Runner => "a runner",
        Role::Reader => "a reader",
    }
}

fn read_back(path: &str, text: &str) -> Result<Member, MemberError> {
    let (doc, _) = parse_member(path, text.into());
    let unreadable = || MemberError::Unreadable {
        path: path.to_owned(),
    };
    doc.map(|doc| doc.value).ok_or_else(unreadable)
}

/// Whether git could have this as an email address; not whether mail arrives.
fn is_email(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',');
    let parts = text.rsplit_once('@');
    text.chars().all(plain)
        && parts.is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Content, Edit};
    use crate::store::{MemoryFiles, Snapshot, load};

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBQkzRKnYoAVw1lKkUmQgm2yrnYTPxxGQqcCZRpHCDz";
    const ALICE: &str =
        "# the boss\nrole: owner # for now\nname: Alice\nemails:\n  - alice@x # work\n";

    fn project(files: &[(&str, &str)]) -> Project {
        let mut all: MemoryFiles = [("projects/shop/project.yaml", "key: SHOP\nname: Shop\n")]
            .into_iter()
            .chain(files.iter().copied())
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
            .collect();
        all.insert("tallybook.yaml".to_owned(), b"format: 1\n".to_vec());
        let loaded = load(&Snapshot::memory(all)).expect("loads");
        loaded.workspace.projects.into_iter().next().expect("one")
    }

    fn shop() -> Project {
        project(&[
            ("projects/shop/members/alice.yaml", ALICE),
            (
                "projects/shop/members/bob.yaml",
                "name: Bob B\nemails: [bob@x]\nrole: writer\n",
            ),
        ])
    }

    fn text(edit: &Edit) -> String {
        match &edit.content {
            Some(Content::Bytes(bytes)) => String::from_utf8(bytes.clone()).expect("text"),
            other => panic!("bytes, not {other:?}"),
        }
    }

    #[test]
    fn a_new_member_is_a_file_of_their_own() {
        let (emails, keys) = (["carol@x".to_owned(), "c@y".to_owned()], [KEY.to_owned()]);
        let request = MemberRequest {
            name: "Carol Danvers",
            emails: &emails,
            keys: &keys,
            ..MemberRequest::default()
        };
        let done = add_member(&shop(), &request).expect("added");
        assert!(done.new && done.member.role == Role::Writer);
        assert_eq!(
            done.changes.message,
            "Add Carol Danvers to Shop as a writer"
        );
        let [edit] = done.changes.edits.as_slice() else {
            panic!("one file")
        };
        assert_eq!(edit.path, "projects/shop/members/carol-danvers.yaml");
        let expected =
            format!("name: Carol Danvers\nemails: [carol@x, c@y]\nrole: writer\nkeys: [{KEY}]\n");
        assert_eq!(text(edit), expected);
    }

    #[test]
    fn one_who_is_there_is_edited_in_place() {
        let (emails, keys) = (["ALICE@x".to_owned(), "a@y".to_owned()], [KEY.to_owned()]);
        let request = MemberRequest {
            name: "alice",
            emails: &emails,
            keys: &keys,
            ..MemberRequest::default()
        };
        let done = add_member(&shop(), &request).expect("edited");
        assert!(!done.new);
        assert_eq!(
            done.changes.message,
            "Member alice of Shop: 1 address, 1 key"
        );
        let expected = format!("{ALICE}  - a@y\nkeys: [{KEY}]\n");
        assert_eq!(text(&done.changes.edits[0]), expected);
        let again = MemberRequest {
            emails: &emails[..1],
            keys: &[],
            ..request
        };
        let again = add_member(&shop(), &again).expect("nothing to do");
        assert!(again.changes.edits.is_empty());
    }

    #[test]
    fn nobody_is_overwritten_and_nobody_locked_out() {
        let say = |request: &MemberRequest<'_>| add_member(&shop(), request).expect_err("refused");
        let email = |text: &str| [text.to_owned()];
        let (taken, free, wrong) = (email("BOB@x"), email("new@x"), email("A <a@x>"));
        let request = |name, emails| MemberRequest {
            name,
            emails,
            ..MemberRequest::default()
        };
        let error = say(&request("Carol", &taken));
        assert_eq!(
            error.to_string(),
            "the email address `BOB@x` belongs to the member `bob`"
        );
        let error = say(&request("Bob", &free));
        assert!(matches!(error, MemberError::Exists { .. }), "{error}");
        assert_eq!(say(&request("Carol", &[])), MemberError::NoEmail);
        assert_eq!(say(&request(" ", &free)), MemberError::NoName);
        assert!(matches!(
            say(&request("Carol", &wrong)),
            MemberError::Email { .. }
        ));
        let demoted = MemberRequest {
            role: Some(Role::Reader),
            ..request("alice", &[])
        };
        assert!(matches!(say(&demoted), MemberError::LastOwner { .. }));
        let error = remove_member(&shop(), "alice@x").expect_err("refused");
        assert!(matches!(error, MemberError::LastOwner { .. }));
        assert!(matches!(
            remove_member(&shop(), "zoe"),
            Err(MemberError::Unknown { .. })
        ));
        let done = remove_member(&shop(), "Bob B").expect("removed");
        assert!(done.changes.edits[0].content.is_none());
    }
}
