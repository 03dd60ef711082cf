//! Whether what reviewers approved is what a case says today.
//!
//! **Invariant:** how a text is written outdates nothing, and neither do owner, workflow state, tags, fields or the
//! place of a file: what is compared is [`meaning::digest`].

use std::collections::{BTreeMap, BTreeSet};

use super::executed::{SharedByPath, shared};
use super::meaning;
use super::requirements::Named;
use crate::base::hash::{Digest, Hasher};
use crate::base::text::{count, sanitize_line, ticked};
use crate::model::{Approval, ApprovalRules, Case, OrderedMap, Requirement};
use crate::store::{Doc, Project};

/// How a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// As many reviewers as the project asks for approved what it says today.
    Approved,
    /// They did, and something that it builds on changed since.
    Suspect,
    /// It meant something else when it was approved.
    Outdated,
    /// Nobody approved it, or fewer than the project asks for.
    None,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Approved, Self::Suspect, Self::Outdated, Self::None];

    /// Returns the name for programs, and in queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Suspect => "suspect",
            Self::Outdated => "outdated",
            Self::None => "none",
        }
    }

    /// Returns the name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "not approved",
            other => other.as_str(),
        }
    }
}

/// What became of one approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    Fresh,
    /// The case is as it was; these are not.
    Suspect(Vec<Changed>),
    /// The case meant something else.
    Outdated,
}

/// Something that an approved case builds on, and that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    pub kind: Upstream,
    pub id: String,
    /// Whether it is no longer there.
    pub gone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Upstream {
    Requirement,
    Case,
}

impl Upstream {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requirement => "requirement",
            Self::Case => "case",
        }
    }
}

/// One approval, held against today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<'a> {
    pub approval: &'a Approval,
    /// The member's id, where the reviewer is one; else as the file says.
    pub reviewer: &'a str,
    pub holds: Holds,
    /// Whether it counts towards what the project asks for: not where it is of the reviewer's own change
    /// and the project takes none of those.
    pub counts: bool,
}

/// How a case stands, and by which approvals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    pub state: State,
    pub required: u64,
    /// The newest of each reviewer, newest last.
    pub approvals: Vec<Judged<'a>>,
}

/// What an approval commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    pub digest: Digest,
    /// What each requirement that the case names says, by its id.
    pub requirements: OrderedMap<String>,
    /// What each case that it is related to means, by its id.
    pub cases: OrderedMap<String>,
}

/// The approvals of a project at one snapshot, ready to be asked case by case.
#[derive(Clone, Debug)]
pub struct Approvals<'a> {
    project: &'a Project,
    rules: ApprovalRules,
    shared: SharedByPath<'a>,
    /// By id and alias; an id goes before an alias.
    cases: BTreeMap<&'a str, &'a Doc<Case>>,
    requirements: Named<'a>,
    /// By the id that the case has today.
    approvals: BTreeMap<&'a str, Vec<&'a Approval>>,
}

impl<'a> Approvals<'a> {
    pub fn new(project: &'a Project) -> Self {
        let settings = project.settings.as_ref();
        let mut out = Self {
            project,
            rules: settings.map_or_else(ApprovalRules::default, |doc| doc.value.approvals),
            shared: shared(project),
            cases: BTreeMap::new(),
            requirements: Named::new(project.all_requirements()),
            approvals: BTreeMap::new(),
        };
        for doc in &project.cases {
            out.cases.entry(&doc.value.id).or_insert(doc);
        }
        for doc in &project.cases {
            for alias in &doc.value.aliases {
                out.cases.entry(alias).or_insert(doc);
            }
        }
        for doc in &project.approvals {
            let said = doc.value.case.as_str();
            let id = out.cases.get(said).map_or(said, |doc| &doc.value.id);
            let all = out.approvals.entry(id).or_default();
            all.extend(&doc.value.all);
        }
        out
    }

    /// What the project asks of approvals.
    pub fn rules(&self) -> ApprovalRules {
        self.rules
    }

    /// Returns the case of an id or an alias.
    pub fn case(&self, id: &str) -> Option<&'a Doc<Case>> {
        self.cases.get(id).copied()
    }

    /// Returns what approving a case as it is would commit to.
    pub fn seal(&self, case: &Doc<Case>) -> Seal {
        let links = case.value.links.iter();
        let links = links.filter(|link| link.is_of("requirement"));
        let requirements: BTreeMap<&str, String> = links
            .filter_map(|link| self.requirements.of_link(link))
            .map(|one| (one.id.as_str(), requirement_digest(one).short()))
            .collect();
        let related = case.value.relations.iter();
        let cases: BTreeMap<&str, String> = related
            .filter_map(|relation| self.case(&relation.case))
            .filter(|doc| doc.value.id != case.value.id)
            .map(|doc| (doc.value.id.as_str(), self.digest(doc).short()))
            .collect();
        let ordered = |map: BTreeMap<&str, String>| {
            let pairs = map.into_iter();
            pairs.map(|(id, digest)| (id.to_owned(), digest)).collect()
        };
        Seal {
            digest: self.digest(case),
            requirements: ordered(requirements),
            cases: ordered(cases),
        }
    }

    /// Returns how a case stands.
    pub fn standing(&self, case: &Doc<Case>) -> Standing<'a> {
        let newest = self.newest(&case.value.id);
        let mut out = Standing {
            state: State::None,
            required: self.rules.required,
            approvals: Vec::new(),
        };
        if newest.is_empty() {
            return out;
        }
        let digest = self.digest(case).to_string();
        let judged = newest.into_iter().map(|(reviewer, approval)| Judged {
            approval,
            reviewer,
            holds: match approval.digest == digest {
                true => self.upstream(case, approval),
                false => Holds::Outdated,
            },
            counts: self.rules.own || !approval.own,
        });
        out.approvals = judged.collect();
        out.state = self.state(&out);
        out
    }

    fn state(&self, standing: &Standing<'_>) -> State {
        let counting = || standing.approvals.iter().filter(|one| one.counts);
        let many = |holds: fn(&Holds) -> bool| {
            let holding = counting().filter(|one| holds(&one.holds));
            holding.count() as u64
        };
        let fresh = many(|holds| *holds == Holds::Fresh);
        let valid = many(|holds| *holds != Holds::Outdated);
        match self.rules.required {
            required if fresh >= required => State::Approved,
            required if valid >= required => State::Suspect,
            _ if counting().count() as u64 > valid => State::Outdated,
            _ => State::None,
        }
    }

    /// Returns each reviewer's newest approval of a case, newest last.
    fn newest(&self, case: &str) -> Vec<(&'a str, &'a Approval)> {
        let all = self.approvals.get(case).into_iter().flatten();
        let mut all: Vec<&Approval> = all.copied().collect();
        // Of two at one time the later in the file counts: the sort is stable.
        all.sort_by_key(|approval| approval.at);
        let mut seen = BTreeSet::new();
        let mut out: Vec<(&str, &Approval)> = Vec::new();
        for approval in all.into_iter().rev() {
            let reviewer = reviewer(self.project, &approval.by);
            if seen.insert(reviewer.to_lowercase()) {
                out.push((reviewer, approval));
            }
        }
        out.reverse();
        out
    }

    /// Holds what a case builds on against what it was at an approval. What came later, and what the case
    /// no longer names, makes nothing suspect.
    fn upstream(&self, case: &Doc<Case>, approval: &Approval) -> Holds {
        let mut changed = BTreeSet::new();
        for (id, digest) in approval.requirements.iter() {
            let now = self.requirements.of_id(id);
            let is_same = now.is_some_and(|one| requirement_digest(one).short() == *digest);
            if !is_same {
                changed.insert(Changed {
                    kind: Upstream::Requirement,
                    id: id.to_owned(),
                    gone: now.is_none(),
                });
            }
        }
        for (id, digest) in approval.cases.iter() {
            let now = self.case(id);
            let mut related = case.value.relations.iter();
            let is_related = related.any(|relation| match now {
                Some(now) => self
                    .case(&relation.case)
                    .is_some_and(|doc| doc.path == now.path),
                None => relation.case == id,
            });
            let is_same = now.is_some_and(|doc| self.digest(doc).short() == *digest);
            if is_related && !is_same {
                changed.insert(Changed {
                    kind: Upstream::Case,
                    id: id.to_owned(),
                    gone: now.is_none(),
                });
            }
        }
        match changed.is_empty() {
            true => Holds::Fresh,
            false => Holds::Suspect(changed.into_iter().collect()),
        }
    }

    fn digest(&self, case: &Doc<Case>) -> Digest {
        meaning::digest(case, &self.shared)
    }
}

impl Standing<'_> {
    /// Those whose approval is of what the case says today.
    pub fn reviewers(&self) -> impl Iterator<Item = &str> {
        let valid = self.approvals.iter();
        let valid = valid.filter(|one| one.holds != Holds::Outdated);
        valid.map(|one| one.reviewer)
    }

    /// What changed that the case builds on, each once.
    pub fn changed(&self) -> Vec<&Changed> {
        let all = self.approvals.iter().flat_map(|one| match &one.holds {
            Holds::Suspect(changed) => changed.as_slice(),
            _ => &[],
        });
        all.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Says how the case stands, and why, in one line without the dates.
    pub fn words(&self) -> String {
        let fresh = self.of(|one| one.counts && one.holds == Holds::Fresh);
        match self.state {
            State::Approved => format!("approved by {}", listed(&fresh)),
            State::Suspect => {
                let by = self.of(|one| one.counts && one.holds != Holds::Outdated);
                let changed = self.changed();
                let changed: Vec<String> = changed.into_iter().map(Changed::words).collect();
                format!(
                    "suspect: approved by {}, and {} since",
                    listed(&by),
                    changed.join(", ")
                )
            }
            State::Outdated => {
                let by = self.of(|one| one.counts && one.holds == Holds::Outdated);
                format!("outdated: it changed since {} approved it", listed(&by))
            }
            State::None if self.approvals.is_empty() => "not approved".to_owned(),
            State::None => self.partly(),
        }
    }

    fn partly(&self) -> String {
        let by = self.of(|one| one.counts && one.holds != Holds::Outdated);
        match by.as_slice() {
            [] => format!(
                "not approved: {} changed it, and one's own change needs somebody else",
                listed(&self.of(|one| !one.counts))
            ),
            by => format!(
                "not approved: {} of {}, by {}",
                by.len(),
                count(self.required, "approval"),
                listed(by)
            ),
        }
    }

    fn of(&self, wanted: impl Fn(&Judged<'_>) -> bool) -> Vec<&str> {
        let wanted = self.approvals.iter().filter(|one| wanted(one));
        wanted.map(|one| one.reviewer).collect()
    }
}

impl Changed {
    /// ``requirement `REQ-4` changed``
    pub fn words(&self) -> String {
        let what = match self.gone {
            true => "is gone",
            false => "changed",
        };
        format!(
            "{} `{}` {what}",
            self.kind.as_str(),
            sanitize_line(&self.id)
        )
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| sanitize_line(name)).collect();
    ticked(&names, "and")
}

/// Returns the digest of what a requirement says: its id, title and description.
pub fn requirement_digest(requirement: &Requirement) -> Digest {
    let mut out = Hasher::new();
    out.field("tallybook requirement 1").field(&requirement.id);
    out.field(&meaning::plain(&requirement.title));
    let description = requirement.description.as_deref().unwrap_or_default();
    out.field(&meaning::plain(description));
    out.finish()
}

/// Returns the id of the member whom an approval names, by id or as `Name <email>`; else what it says.
pub fn reviewer<'a>(project: &'a Project, by: &'a str) -> &'a str {
    let members = || project.members.iter().map(|doc| &doc.value);
    let by_id = members().find(|member| member.id == by);
    let by_email = || {
        let email = email(by)?;
        let own = |own: &String| own.eq_ignore_ascii_case(email);
        members().find(|member| member.emails.iter().any(own))
    };
    by_id.or_else(by_email).map_or(by, |member| &member.id)
}

/// Returns the address of `Name <email>`.
pub fn email(by: &str) -> Option<&str> {
    let (_, rest) = by.rsplit_once('<')?;
    rest.strip_suffix('>').map(str::trim)
}

#[cfg(test)]
mod tests;
