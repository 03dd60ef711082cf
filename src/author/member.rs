//! Members of a project: who takes part, in which role, with which keys.

use super::init::{member_file, member_id};
use crate::base::text::{count, sanitize_line};
use crate::git::ChangeSet;
use crate::model::{Member, Role};
use crate::store::{Doc, Project, edit, parse_member};

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
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A text is no public key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error(
        "this is a PRIVATE key: it must not get into a repository, and nothing was written; \
         give the public one (`.pub`)"
    )]
    Private,
    #[error(
        "this is no public key: expected a line of OpenSSH (`ssh-ed25519 AAAA…`), an armoured \
         OpenPGP key, or a certificate in PEM"
    )]
    Unknown,
    #[error("there is more than one key here; give them one by one")]
    Several,
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
    let id = request
        .id
        .map_or_else(|| member_id(&name, first), str::to_owned);
    if id != crate::base::text::slug(&id, 64) {
        return Err(MemberError::Id { id });
    }
    let path = format!("{}/members/{id}.yaml", project.path);
    if let Some(entry) = project
        .entries
        .iter()
        .find(|entry| same_path(&entry.path, &path))
    {
        let there = project.members.iter().find(|doc| doc.path == entry.path);
        let name = there.map_or(String::new(), |doc| sanitize_line(&doc.value.name));
        let path = entry.path.clone();
        return Err(match there {
            Some(_) => MemberError::Exists { path, name },
            None => MemberError::Unreadable { path },
        });
    }
    let role = request.role.unwrap_or(Role::Writer);
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
    let new_emails: Vec<&String> = emails.iter().filter(|e| !has(&wanted.emails, e)).collect();
    let known = |key: &&String| wanted.keys.iter().any(|k| same_key(k, key));
    let new_keys: Vec<&String> = keys.iter().filter(|key| !known(key)).collect();
    for (field, values) in [("emails", &new_emails), ("keys", &new_keys)] {
        for value in values {
            text = edit::add_to_list(&text, field, value).ok_or_else(uneditable)?;
        }
    }
    if !new_emails.is_empty() {
        said.push(count(new_emails.len() as u64, "address"));
    }
    if !new_keys.is_empty() {
        said.push(count(new_keys.len() as u64, "key"));
    }
    wanted.emails.extend(new_emails.into_iter().cloned());
    let message = format!(
        "Member {} of {}: {}",
        wanted.id,
        project.name(),
        said.join(", ")
    );
    let mut changes = ChangeSet::new(message);
    let member = read_back(&path, &text)?;
    // The edit must say what was asked for, and leave the rest alone.
    let count = wanted.keys.len() + new_keys.len();
    let same =
        (&member.name, &member.emails, member.role) == (&wanted.name, &wanted.emails, wanted.role);
    if !same || member.keys.len() != count {
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

/// Whether two texts are the same key: of a line of OpenSSH the comment doesn't count.
fn same_key(a: &str, b: &str) -> bool {
    let core = |key: &str| {
        let words: Vec<&str> = key.split_whitespace().collect();
        match words.as_slice() {
            [kind, body, ..] if is_ssh_type(kind) => format!("{kind} {body}"),
            words => words.join(" "),
        }
    };
    core(a) == core(b)
}

/// Returns a public key as a member's file holds it.
///
/// # Errors
/// The text is a private key, no key, or several.
pub fn public_key(text: &str) -> Result<String, KeyError> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim_matches(['\n', ' ', '\t', '\u{feff}']);
    let upper = text.to_ascii_uppercase();
    if upper.contains("PRIVATE KEY")
        || text.contains("AGE-SECRET-KEY")
        || text.starts_with("PuTTY-User-Key-File")
    {
        return Err(KeyError::Private);
    }
    for kind in ["PGP PUBLIC KEY BLOCK", "CERTIFICATE"] {
        let (begin, end) = (
            format!("-----BEGIN {kind}-----"),
            format!("-----END {kind}-----"),
        );
        if text.matches(&begin).count() > 1 {
            return Err(KeyError::Several);
        }
        if text.starts_with(&begin) && text.ends_with(&end) {
            let safe = text.chars().all(|c| c == '\n' || !c.is_control());
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            return match safe && lines.len() > 2 {
                true => Ok(lines.join("\n") + "\n"),
                false => Err(KeyError::Unknown),
            };
        }
    }
    if text.contains('\n') {
        let keys = text.lines().filter(|line| is_ssh_key(line)).count();
        return Err(match keys {
            0 => KeyError::Unknown,
            _ => KeyError::Several,
        });
    }
    match is_ssh_key(text) {
        true => Ok(sanitize_line(text)),
        false => Err(KeyError::Unknown),
    }
}

fn is_ssh_type(word: &str) -> bool {
    let known = ["ssh-ed25519", "ssh-rsa", "sk-ssh-ed25519@openssh.com"];
    known.contains(&word) || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-ecdsa-sha2-")
}

/// Whether a text is a line of OpenSSH: a type, and a body that begins with that type.
fn is_ssh_key(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let (Some(kind), Some(body)) = (words.next(), words.next()) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    is_ssh_type(kind) && body.starts_with("AAAA") && body.len() >= 40 && body.chars().all(plain)
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

    #[test]
    fn only_public_keys_pass() {
        assert_eq!(
            public_key(&format!(" {KEY} bob@x\n")),
            Ok(format!("{KEY} bob@x"))
        );
        let armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nmDME\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n";
        assert_eq!(public_key(armour), Ok(armour.replace("\r\n", "\n")));
        let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
        assert_eq!(public_key(pem), Ok(format!("{pem}\n")));
        for private in [
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n-----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\n",
            &format!("{KEY}\n-----BEGIN PRIVATE KEY-----"),
        ] {
            assert_eq!(public_key(private), Err(KeyError::Private));
        }
        for wrong in [
            "",
            "hello",
            "ssh-ed25519 AAAA",
            "ssh-dss AAAAB3NzaC1kc3MAAACBAJ",
            "-----BEGIN CERTIFICATE-----\n",
        ] {
            assert_eq!(public_key(wrong), Err(KeyError::Unknown), "{wrong}");
        }
        assert_eq!(
            public_key(&format!("{KEY} a\n{KEY} b")),
            Err(KeyError::Several)
        );
        assert!(same_key(&format!("{KEY} a@b"), KEY));
    }
}
