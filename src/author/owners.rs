//! `CODEOWNERS` for hosts that ask reviewers by path: from the owners of cases and of projects.
//!
//! On GitHub the last line that fits a path wins; on GitLab the last one of each section. So a
//! folder's line stands before the lines of what is in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::{self, join};
use crate::base::text::{count, sanitize_line};
use crate::model::Role;
use crate::store::{Project, Workspace};

/// Which host's rules of writing hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnersFormat {
    GitHub,
    GitLab,
}

/// The lines of a workspace, and what they leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// Between the lines that mark where it begins and ends, both included.
    pub text: String,
    /// Whether nothing stands between these.
    pub is_empty: bool,
    pub notices: Vec<String>,
}

/// The lines around what is ours in a file that others write too.
const BEGIN: &str = "# tallybook: begin (`tallybook codeowners` writes these lines)";
const END: &str = "# tallybook: end";

/// Writes the owners of a workspace that stands at `prefix` of its repository.
pub fn codeowners(workspace: &Workspace, prefix: &str, format: OwnersFormat) -> Owners {
    let mut writer = Writer {
        prefix,
        format,
        lines: vec![BEGIN.to_owned()],
        notices: Vec::new(),
    };
    writer.workspace(workspace);
    for project in &workspace.projects {
        writer.project(project);
    }
    let is_empty = writer.lines.len() == 1;
    writer.lines.push(END.to_owned());
    Owners {
        is_empty,
        text: writer.lines.join("\n") + "\n",
        notices: writer.notices,
    }
}

/// Whether a file has lines of ours.
pub fn has_owners(file: &str) -> bool {
    file.lines()
        .any(|line| line.starts_with("# tallybook: begin"))
}

/// Puts the lines into a file, in the place of those that it has, else at its end; all else stays.
/// `None` where the file has a beginning without an end.
pub fn put_owners(file: &str, lines: &str) -> Option<String> {
    let is = |line: &str, mark: &str| line.trim_end().starts_with(mark);
    let mut at = 0;
    let (mut begin, mut end) = (None, None);
    for line in file.split_inclusive('\n') {
        if is(line, "# tallybook: begin") && begin.is_none() {
            begin = Some(at);
        }
        at += line.len();
        if is(line, END) && begin.is_some() && end.is_none() {
            end = Some(at);
        }
    }
    match (begin, end) {
        (Some(begin), Some(end)) => Some(format!("{}{lines}{}", &file[..begin], &file[end..])),
        (Some(_), None) => None,
        (None, _) if file.trim().is_empty() => Some(lines.to_owned()),
        (None, _) => Some(format!("{}\n\n{lines}", file.trim_end())),
    }
}

struct Writer<'a> {
    prefix: &'a str,
    format: OwnersFormat,
    lines: Vec<String>,
    notices: Vec<String>,
}

/// A folder of cases.
#[derive(Default)]
struct Section<'a> {
    /// Owners of the cases here, by the file's path.
    cases: Vec<(&'a str, &'a str)>,
    folders: BTreeMap<&'a str, Section<'a>>,
}

impl Writer<'_> {
    fn workspace(&mut self, workspace: &Workspace) {
        let mut all = BTreeSet::new();
        for project in &workspace.projects {
            all.extend(owners(project));
        }
        if all.is_empty() {
            return;
        }
        self.heading("Tallybook");
        for file in ["tallybook.yaml", ".gitattributes"] {
            self.line(file, &all);
        }
    }

    fn project(&mut self, project: &Project) {
        let all = owners(project);
        let mut emails = BTreeMap::new();
        for member in &project.members {
            let email = member.value.emails.iter().find(|email| is_writable(email));
            emails.extend(email.map(|email| (member.value.id.as_str(), email.clone())));
        }
        self.notice_unknown(project, &emails);
        let mut root = Section::default();
        for case in &project.cases {
            let owner = case.value.owner.as_deref();
            let Some(owner) = owner.and_then(|owner| emails.get(owner)) else {
                continue;
            };
            let mut section = &mut root;
            for folder in case.section() {
                section = section.folders.entry(folder).or_default();
            }
            section.cases.push((&case.path, owner));
        }
        if all.is_empty() && emails.is_empty() {
            return;
        }
        self.heading(&heading(project));
        let cases = join(&project.path, "cases");
        if !all.is_empty() {
            self.line(&format!("{cases}/"), &all);
        }
        let inherited = all.first().filter(|_| all.len() == 1);
        self.section(&root, &cases, inherited.map(String::as_str));
        if !all.is_empty() {
            for part in ["project.yaml", "members/", "gates/", "mutes/"] {
                self.line(&join(&project.path, part), &all);
            }
        }
    }

    /// Writes one line for a folder most of whose cases share an owner, then one for each case of
    /// somebody else, then its folders.
    fn section(&mut self, section: &Section<'_>, path: &str, inherited: Option<&str>) {
        let own = majority(section).or(inherited);
        if let Some(owner) = own.filter(|owner| Some(*owner) != inherited) {
            self.line(&format!("{path}/"), &BTreeSet::from([owner.to_owned()]));
        }
        for (case, owner) in &section.cases {
            if Some(*owner) != own {
                self.line(case, &BTreeSet::from([(*owner).to_owned()]));
            }
        }
        for (name, folder) in &section.folders {
            self.section(folder, &join(path, name), own);
        }
    }

    fn notice_unknown(&mut self, project: &Project, emails: &BTreeMap<&str, String>) {
        let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
        for owner in project
            .cases
            .iter()
            .filter_map(|case| case.value.owner.as_deref())
        {
            if !emails.contains_key(owner) {
                *unknown.entry(owner).or_default() += 1;
            }
        }
        for (owner, cases) in unknown {
            self.notices.push(format!(
                "`{}` owns {} of {} and is no member with an email address",
                sanitize_line(owner),
                count(cases, "case"),
                project.name()
            ));
        }
    }

    fn heading(&mut self, name: &str) {
        let line = match self.format {
            OwnersFormat::GitHub => format!("# {name}"),
            OwnersFormat::GitLab => format!("[{name}]"),
        };
        self.lines.push(line);
    }

    fn line(&mut self, path: &str, owners: &BTreeSet<String>) {
        let pattern = escape(&join(self.prefix, path), self.format);
        let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
        self.lines.push(format!("/{pattern} {}", owners.join(" ")));
    }
}

/// Returns who has more than half of the cases in a folder that have an owner, folders in it
/// included.
fn majority<'a>(section: &Section<'a>) -> Option<&'a str> {
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open = vec![section];
    while let Some(section) = open.pop() {
        for (_, owner) in &section.cases {
            *tally.entry(owner).or_default() += 1;
        }
        open.extend(section.folders.values());
    }
    let all: usize = tally.values().sum();
    let most = tally.into_iter().find(|(_, cases)| cases * 2 > all);
    most.map(|(owner, _)| owner)
}

/// The addresses of a project's owners.
fn owners(project: &Project) -> BTreeSet<String> {
    let owners = project.members.iter().map(|doc| &doc.value);
    let owners = owners.filter(|member| member.role == Role::Owner);
    let first = owners.filter_map(|m| m.emails.iter().find(|email| is_writable(email)));
    first.cloned().collect()
}

/// Whether an address can stand on a line whose words are separated by spaces.
fn is_writable(email: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '#' && c != '\\';
    email.chars().all(plain) && email.contains('@') && !email.starts_with('@')
}

/// A section's name must not hold brackets; equal names would become one section.
fn heading(project: &Project) -> String {
    let name = sanitize_line(project.name());
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '[' | ']' | '^'))
        .collect();
    format!("{} ({})", plain.trim(), path::file_name(&project.path))
}

/// Writes a path as a pattern that fits it. What a pattern reads otherwise and a host does not
/// escape becomes `?`, which fits any one character.
fn escape(path: &str, format: OwnersFormat) -> String {
    let mut out = String::new();
    for c in path.chars() {
        match (c, format) {
            (' ', _) => out.push_str("\\ "),
            ('#', OwnersFormat::GitLab) => out.push_str("\\#"),
            ('#' | '*' | '?' | '[' | ']' | '{' | '}' | '\\', _) => out.push('?'),
            (c, _) if c.is_control() || c.is_whitespace() => out.push('?'),
            (c, _) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryFiles, Snapshot, load};

    fn workspace(files: &[(&str, String)]) -> Workspace {
        let member = |id: &str, role: &str| {
            let text = format!("name: {id}\nemails: [{id}@x, other@{id}]\nrole: {role}\n");
            (
                format!("projects/shop/members/{id}.yaml"),
                text.into_bytes(),
            )
        };
        let mut all: MemoryFiles = [
            ("tallybook.yaml".to_owned(), b"format: 1\n".to_vec()),
            (
                "projects/shop/project.yaml".to_owned(),
                b"key: SHOP\nname: '[Shop]'\n".to_vec(),
            ),
            member("alice", "owner"),
            member("bob", "writer"),
            member("carol", "runner"),
        ]
        .into_iter()
        .collect();
        for (path, owner) in files {
            let text = format!("---\nid: X-{path}\ntitle: t\nowner: {owner}\n---\n");
            all.insert(format!("projects/shop/cases/{path}.md"), text.into_bytes());
        }
        load(&Snapshot::memory(all)).expect("loads").workspace
    }

    fn cases(cases: &[(&str, &str)]) -> Workspace {
        let cases: Vec<_> = cases.iter().map(|(p, o)| (*p, (*o).to_owned())).collect();
        workspace(&cases)
    }

    #[test]
    fn a_section_has_one_line_and_exceptions_follow() {
        let workspace = cases(&[
            ("auth/a", "bob"),
            ("auth/b", "bob"),
            ("auth/odd one#", "carol"),
            ("auth/deep/c", "bob"),
            ("pay/x", "carol"),
            ("pay/y", "dave"),
            ("top", "alice"),
        ]);
        let made = codeowners(&workspace, "qa tests", OwnersFormat::GitHub);
        let expected = format!(
            "{BEGIN}\n# Tallybook\n/qa\\ tests/tallybook.yaml alice@x\n/qa\\ tests/.gitattributes alice@x\n\
             # Shop (shop)\n/qa\\ tests/projects/shop/cases/ alice@x\n\
             /qa\\ tests/projects/shop/cases/auth/ bob@x\n\
             /qa\\ tests/projects/shop/cases/auth/odd\\ one?.md carol@x\n\
             /qa\\ tests/projects/shop/cases/pay/ carol@x\n\
             /qa\\ tests/projects/shop/project.yaml alice@x\n/qa\\ tests/projects/shop/members/ alice@x\n\
             /qa\\ tests/projects/shop/gates/ alice@x\n/qa\\ tests/projects/shop/mutes/ alice@x\n{END}\n"
        );
        assert_eq!(made.text, expected);
        let notice = "`dave` owns 1 case of [Shop] and is no member with an email address";
        assert_eq!(made.notices, [notice]);
        let gitlab = codeowners(&workspace, "", OwnersFormat::GitLab).text;
        assert!(gitlab.contains("[Tallybook]\n") && gitlab.contains("[Shop (shop)]\n"));
        assert!(gitlab.contains("/projects/shop/cases/auth/odd\\ one\\#.md carol@x"));
    }

    #[test]
    fn without_members_nobody_is_asked() {
        let files: MemoryFiles = [
            ("tallybook.yaml", "format: 1\n"),
            ("projects/a/project.yaml", "key: A\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into_iter()
        .collect();
        let workspace = load(&Snapshot::memory(files)).expect("loads").workspace;
        let made = codeowners(&workspace, "", OwnersFormat::GitHub);
        assert_eq!(made.text, format!("{BEGIN}\n{END}\n"));
        assert!(made.is_empty);
    }

    #[test]
    fn only_our_lines_are_replaced() {
        let lines = format!("{BEGIN}\n/x a@b\n{END}\n");
        let file = format!("* @team\n\n# tallybook: begin\n/old c@d\n{END}\n/docs/ @docs\n");
        let expected = format!("* @team\n\n{lines}/docs/ @docs\n");
        assert_eq!(put_owners(&file, &lines), Some(expected.clone()));
        assert_eq!(put_owners(&expected, &lines), Some(expected));
        assert_eq!(put_owners("", &lines), Some(lines.clone()));
        assert_eq!(
            put_owners("* @team", &lines),
            Some(format!("* @team\n\n{lines}"))
        );
        assert_eq!(put_owners(&format!("{BEGIN}\n/x\n"), &lines), None);
    }
}
