//! Who should look at a change: those whose cases, plans, approvals and rules it touches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::brief::Reviewer;
use super::change::{Effect, Item, Noun, State, Subject};
use super::kind::Kind;
use super::report::{Input, Review};
use super::touched::{Reached, Scope, Weight};
use super::words::some;
use crate::analysis::approval::Approvals;
use crate::base::text::{list, sanitize_line};
use crate::git::Identity;
use crate::model::{Member, Role};
use crate::store::{Doc, Loaded, Project};

/// What somebody has to do with a change. The order is that in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Owns,
    Approved,
    Assigned,
    Decides,
}

/// What is one person's of a change, by what they have to do with it.
type Share = BTreeMap<Tie, BTreeSet<Subject>>;

/// Returns who should be asked, the one with the most first, and never an author of the change.
pub fn reviewers(
    input: &Input<'_>,
    (review, reached): (&Review, &Reached<'_>),
    authors: &[Identity],
) -> Vec<Reviewer> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    let mut people = People::default();
    let sides = [input.after, input.before];
    let projects = sides.into_iter().flat_map(|side| &side.workspace.projects);
    projects.for_each(|project| people.learn(project));
    for scope in &reached.scopes {
        of_cases(scope, &people, &mut shares);
        of_items(scope, &people, &mut shares);
    }
    let rules = review.items.iter().filter(is_rule);
    decided(input, rules, &people, &mut shares);
    let authors: BTreeSet<String> = authors
        .iter()
        .flat_map(|one| people.names_of(one))
        .collect();
    shares.retain(|who, _| !authors.contains(&who.to_lowercase()));
    if shares.is_empty() {
        // What weakens testing is not for its author alone to see.
        let weakening = |item: &&Item| item.effect() == Some(Effect::Weakens);
        let items = review.items.iter().filter(weakening);
        decided(input, items, &people, &mut shares);
        shares.retain(|who, _| !authors.contains(&who.to_lowercase()));
    }
    let mut out: Vec<Reviewer> = shares
        .into_iter()
        .map(|(name, share)| people.reviewer(name, share))
        .collect();
    out.sort_by(|one, other| {
        let key = |who: &Reviewer| (std::cmp::Reverse(who.subjects.len()), who.name.clone());
        key(one).cmp(&key(other))
    });
    out
}

fn put(shares: &mut BTreeMap<String, Share>, who: String, tie: Tie, subject: Subject) {
    let share = shares.entry(who).or_default();
    share.entry(tie).or_default().insert(subject);
}

/// Owners of touched cases on both sides, and those who approved what is another case now.
fn of_cases(scope: &Scope<'_>, people: &People<'_>, shares: &mut BTreeMap<String, Share>) {
    let outdated = |item: &&&Item| {
        item.changes
            .iter()
            .any(|change| change.kind == Kind::ApprovalOutdated)
    };
    let approved: BTreeSet<&str> = scope
        .items
        .iter()
        .filter(outdated)
        .map(|item| item.subject.id.as_str())
        .collect();
    let approvals = (!approved.is_empty()).then(|| Approvals::new(scope.before));
    for (id, touched) in &scope.cases {
        if touched.weight == Weight::Wording {
            continue;
        }
        let doc = touched.after.or(touched.before);
        let subject = || Subject {
            project: scope.name.to_owned(),
            noun: Noun::Case,
            id: (*id).to_owned(),
            title: doc.map(|doc| doc.value.title.clone()).unwrap_or_default(),
        };
        for owner in touched.sides().filter_map(|doc| doc.value.owner.as_deref()) {
            if let Some(who) = people.known(owner) {
                put(shares, who, Tie::Owns, subject());
            }
        }
        let before = touched.before.filter(|_| approved.contains(id));
        if let (Some(approvals), Some(before)) = (&approvals, before) {
            for who in approvals.standing(before).reviewers() {
                if let Some(who) = people.known(who) {
                    put(shares, who, Tie::Approved, subject());
                }
            }
        }
    }
}

/// Those for whom changed plans are, and who own changed mutes and defects.
fn of_items(scope: &Scope<'_>, people: &People<'_>, shares: &mut BTreeMap<String, Share>) {
    let projects = [scope.before, scope.after];
    for item in &scope.items {
        let id = item.subject.id.as_str();
        let (tie, names): (Tie, Vec<&str>) = match item.subject.noun {
            Noun::Plan => {
                let plans = projects.into_iter().filter_map(|project| project.plan(id));
                let names = plans.flat_map(|doc| &doc.value.assignees);
                (Tie::Assigned, names.map(String::as_str).collect())
            }
            Noun::Mute => {
                let mutes = projects.into_iter().flat_map(|project| &project.mutes);
                let mutes = mutes.filter(|doc| doc.value.id == id);
                (
                    Tie::Owns,
                    mutes.map(|doc| doc.value.owner.as_str()).collect(),
                )
            }
            Noun::Defect => {
                let defects = projects.into_iter().flat_map(|project| &project.defects);
                let defects = defects.filter(|doc| doc.value.id == id);
                let owners = defects.filter_map(|doc| doc.value.owner.as_deref());
                (Tie::Owns, owners.collect())
            }
            _ => continue,
        };
        for who in names.into_iter().filter_map(|name| people.known(name)) {
            put(shares, who, tie, item.subject.clone());
        }
    }
}

/// Whether a change is for owners of the project to decide: rules, gates, mutes and members.
fn is_rule(item: &&Item) -> bool {
    match item.subject.noun {
        Noun::Workspace | Noun::Member | Noun::Gate | Noun::Mute => true,
        Noun::Project => item.state != State::Added,
        Noun::File | Noun::Requirement => item.effect() == Some(Effect::Rules),
        _ => false,
    }
}

/// Owners of the projects of some changes.
fn decided<'i>(
    input: &Input<'_>,
    items: impl Iterator<Item = &'i Item>,
    people: &People<'_>,
    shares: &mut BTreeMap<String, Share>,
) {
    for item in items {
        let name = item.subject.project.as_str();
        let is_of = |project: &&Project| {
            name.is_empty() || project.key().unwrap_or(&project.folder) == name
        };
        // Who is an owner by this very change decides nothing yet.
        let projects = |side: &'_ Loaded| -> Vec<String> {
            let projects = side.workspace.projects.iter().filter(is_of);
            let members = projects.flat_map(|project| &project.members);
            let owners = members.filter(|doc| doc.value.role == Role::Owner);
            owners.map(|doc| doc.value.id.clone()).collect()
        };
        let mut owners = projects(input.before);
        if owners.is_empty() {
            owners = projects(input.after);
        }
        for who in owners.iter().filter_map(|who| people.known(who)) {
            put(shares, who, Tie::Decides, item.subject.clone());
        }
    }
}

/// Members of all projects, by what files and commits call them.
#[derive(Default)]
struct People<'a> {
    by_id: BTreeMap<String, &'a Member>,
    /// Names and addresses in lower case → ids.
    by_name: HashMap<String, &'a str>,
}

impl<'a> People<'a> {
    fn learn(&mut self, project: &'a Project) {
        for Doc { value: member, .. } in &project.members {
            self.by_id.entry(member.id.to_lowercase()).or_insert(member);
            let names = member.emails.iter().chain([&member.name]);
            for name in names.filter(|name| !name.is_empty()) {
                self.by_name
                    .entry(name.to_lowercase())
                    .or_insert(&member.id);
            }
        }
    }

    /// Returns the id of whom a file names, by id, name, address or `Name <email>`; else the name as it
    /// stands. None of nobody.
    fn known(&self, name: &str) -> Option<String> {
        let name = name.trim();
        let folded = name.to_lowercase();
        let folded = folded.trim_start_matches('@');
        if folded.is_empty() {
            return None;
        }
        if let Some(member) = self.by_id.get(folded) {
            return Some(member.id.clone());
        }
        let email = crate::analysis::approval::email(name).map(str::to_lowercase);
        let by_email = email.and_then(|email| self.by_name.get(&email));
        let found = by_email.or_else(|| self.by_name.get(folded));
        Some(found.map_or(name, |id| *id).to_owned())
    }

    /// Returns all that files may call the author of a commit, in lower case.
    fn names_of(&self, author: &Identity) -> Vec<String> {
        let (name, email) = (author.name.to_lowercase(), author.email.to_lowercase());
        let by_email = self.by_name.get(&email);
        let id = by_email.or_else(|| self.by_name.get(&name));
        let id = id.map(|id| id.to_lowercase());
        let handle = handle_of(&email).map(|handle| handle.trim_start_matches('@').to_owned());
        let whole = format!("{name} <{email}>");
        let all = [Some(name), Some(email), Some(whole), id, handle];
        all.into_iter().flatten().collect()
    }

    fn reviewer(&self, name: String, share: Share) -> Reviewer {
        let member = self.by_id.get(&name.to_lowercase());
        let emails = member.into_iter().flat_map(|member| &member.emails);
        let known = emails.filter_map(|email| handle_of(email)).next();
        let written = name.starts_with('@').then(|| name.clone());
        let why = share.iter().map(|(tie, subjects)| because(*tie, subjects));
        let why: Vec<String> = why.collect();
        let subjects: BTreeSet<Subject> = share.into_values().flatten().collect();
        Reviewer {
            handle: known.or(written),
            why: list(&why, "and"),
            subjects: subjects.into_iter().collect(),
            name,
        }
    }
}

fn because(tie: Tie, subjects: &BTreeSet<Subject>) -> String {
    let ids: Vec<String> = subjects
        .iter()
        .map(|subject| match subject.noun {
            Noun::Case => subject.id.clone(),
            Noun::Workspace => "the workspace".to_owned(),
            noun => format!("{} {}", noun.as_str(), subject.id),
        })
        .collect();
    let some = some(&ids);
    match tie {
        Tie::Owns => format!("owns {some}"),
        Tie::Approved => format!("approved {some} as before"),
        Tie::Assigned => format!("is to execute {some}"),
        Tie::Decides => format!("decides on {some}"),
    }
}

/// Returns how the owner of an address that a host gives out is addressed there: `@octocat` of
/// `49699333+octocat@users.noreply.github.com`.
fn handle_of(email: &str) -> Option<String> {
    let (local, host) = email.split_once('@')?;
    let host = host.to_lowercase();
    let login = match host.as_str() {
        "users.noreply.github.com" => local.split_once('+').map_or(local, |(_, login)| login),
        "users.noreply.gitlab.com" => local.split_once('-').map_or(local, |(_, login)| login),
        _ => return None,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_login = !login.is_empty() && login.chars().all(plain);
    is_login.then(|| format!("@{}", sanitize_line(login)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_hosts_give_out_name_an_account() {
        for (email, handle) in [
            (
                "49699333+octocat@users.noreply.github.com",
                Some("@octocat"),
            ),
            ("octocat@users.noreply.github.com", Some("@octocat")),
            ("123-mona-lisa@users.noreply.gitlab.com", Some("@mona-lisa")),
            ("1+dependabot[bot]@users.noreply.github.com", None),
            ("alice@example.org", None),
            ("@", None),
        ] {
            assert_eq!(handle_of(email).as_deref(), handle, "{email}");
        }
    }
}
