//! Who signed the commits that brought closed launches: by the keys that the members of the project
//! had in the commit before, so that no commit can first grant itself a key.
//!
//! On a branch that closed launches have to themselves there are no members: then those of the
//! documentation count that closed the launch, if it is part of what `HEAD` leads to.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use super::report::{Kind, Violation};
use crate::base::path::join;
use crate::base::text;
use crate::git::{CommitId, GitError, ObjectId, Repo, SignatureState, TreeView, TrustedKey};
use crate::model::{ProjectFile, RequiredSignatures};
use crate::store::{parse_member, parse_project};

/// A commit that brought a launch.
#[derive(Clone, Debug)]
pub(super) struct Closing {
    pub(super) commit: CommitId,
    /// The launch's id.
    pub(super) launch: String,
    /// Its `launch.yaml` today.
    pub(super) path: String,
    /// The path of its project in the commit.
    pub(super) project: String,
    /// Who closed it, as the launch says: `Name <email>`.
    pub(super) by: Option<String>,
    /// The commit whose documentation closed it, as the launch says.
    pub(super) documentation: Option<CommitId>,
    /// Those of the launches that it names as previous.
    pub(super) earlier: Vec<CommitId>,
    /// A shallow clone left out what came before.
    pub(super) is_cut: bool,
}

/// Who signed the closings of launches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// Closings that a member signed.
    pub signed: usize,
    pub unsigned: usize,
    /// Closings with a signature by no member's key.
    pub unknown: usize,
    /// Closings whose signature does not hold.
    pub bad: usize,
    /// Closings whose signature can't be checked here.
    pub unchecked: usize,
    /// Each closing, by launch.
    pub closings: Vec<ClosingSignature>,
}

/// The signature of one commit that brought a launch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClosingSignature {
    pub launch: String,
    #[serde(serialize_with = "as_hex")]
    pub commit: CommitId,
    pub state: Signed,
    /// The member whose key signed.
    pub member: Option<String>,
    /// The key's fingerprint.
    pub key: Option<String>,
    /// Why it is bad, or can't be checked.
    pub reason: Option<String>,
    /// Whether the project required a member's signature.
    pub required: bool,
}

/// What a closing's signature is, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signed {
    Signed,
    Unsigned,
    UnknownSigner,
    Unchecked,
    Bad,
}

fn as_hex<S: Serializer>(id: &CommitId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// What was found of signatures.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) signatures: Signatures,
    pub(super) violations: Vec<Violation>,
    pub(super) notices: Vec<String>,
    /// Launches that name somebody else than their commits, which CI may do on behalf of people.
    pub(super) on_behalf: Vec<String>,
}

/// Holds closings against the keys of the members who were there before.
pub(super) fn check(repo: &Repo, closings: &[Closing]) -> Result<Found, GitError> {
    let library = Library::new(repo);
    let judged: Result<Vec<_>, GitError> = closings
        .par_iter()
        .map(|closing| library.judge(closing))
        .collect();
    let mut found = Found::default();
    let mut on_behalf = BTreeMap::new();
    for (closing, (signature, other)) in closings.iter().zip(judged?) {
        on_behalf.extend(other.map(|said| (closing.launch.as_str(), said)));
        found.note(closing, signature);
    }
    found.on_behalf = on_behalf_of(on_behalf);
    found.signatures.closings.sort();
    found.signatures.closings.dedup();
    let unchecked = found.signatures.unchecked as u64;
    let first = found.signatures.closings.iter();
    let mut first = first.filter(|closing| closing.state == Signed::Unchecked);
    if let Some(reason) = first.next().and_then(|closing| closing.reason.as_deref()) {
        let closings = text::count(unchecked, "closing");
        let notice = format!("the signatures of {closings} can't be checked here: {reason}");
        found.notices.push(notice);
    }
    Ok(found)
}

/// How many launches are named of which others say that they closed them.
const NAMED: usize = 3;

/// Says which launches name somebody else than their commits: each, or where they are many, how many.
fn on_behalf_of(launches: BTreeMap<&str, String>) -> Vec<String> {
    if launches.len() <= NAMED {
        return launches.into_values().collect();
    }
    let names: Vec<String> = launches
        .keys()
        .take(NAMED)
        .map(|id| text::sanitize_line(id))
        .collect();
    vec![format!(
        "{} name somebody else as who closed them than their commits: {} and {} more",
        text::count(launches.len() as u64, "launch"),
        text::ticked(&names, "and"),
        text::thousands((launches.len() - NAMED) as u64)
    )]
}

/// Returns the address in `Name <email>`.
fn email(person: &str) -> Option<&str> {
    let (_, rest) = person.rsplit_once('<')?;
    rest.split('>').next().filter(|email| !email.is_empty())
}

impl Found {
    /// Whether a commit that did what it may not is told here, and why: it lacks a signature.
    pub(super) fn says_more_than(&self, known: &Violation) -> bool {
        let is_it = |closing: &ClosingSignature| {
            closing.required
                && closing.state != Signed::Signed
                && Some(closing.commit) == known.commit
                && Some(&closing.launch) == known.launch.as_ref()
        };
        known.kind == Kind::NotAllowed && self.signatures.closings.iter().any(is_it)
    }

    fn note(&mut self, closing: &Closing, signature: ClosingSignature) {
        let counts = &mut self.signatures;
        *match signature.state {
            Signed::Signed => &mut counts.signed,
            Signed::Unsigned => &mut counts.unsigned,
            Signed::UnknownSigner => &mut counts.unknown,
            Signed::Unchecked => &mut counts.unchecked,
            Signed::Bad => &mut counts.bad,
        } += 1;
        self.violations.extend(signature.violation(closing));
        counts.closings.push(signature);
    }
}

impl ClosingSignature {
    fn new(closing: &Closing, state: SignatureState, required: bool) -> Self {
        let mut out = Self {
            launch: closing.launch.clone(),
            commit: closing.commit,
            state: Signed::Unsigned,
            member: None,
            key: None,
            reason: None,
            required,
        };
        let shown = |text: &str| Some(text::sanitize_line(text));
        match state {
            SignatureState::Unsigned => {}
            SignatureState::Good { owner, key } => {
                out.state = Signed::Signed;
                (out.member, out.key) = (shown(&owner), shown(&key));
            }
            SignatureState::UnknownSigner { key } => {
                out.state = Signed::UnknownSigner;
                out.key = shown(&key);
            }
            SignatureState::Unchecked { reason } => {
                out.state = Signed::Unchecked;
                out.reason = shown(&reason);
            }
            SignatureState::Bad { reason } => {
                out.state = Signed::Bad;
                out.reason = shown(&reason);
            }
        }
        out
    }

    /// A signature that does not hold is always one; what is missing only where it was required.
    fn violation(&self, closing: &Closing) -> Option<Violation> {
        let reason = self.reason.as_deref().unwrap_or_default();
        let (kind, how) = match (self.state, self.required) {
            (Signed::Bad, _) => (
                Kind::BadSignature,
                format!("with a bad signature: {reason}"),
            ),
            (Signed::Signed, _) | (_, false) => return None,
            (Signed::Unsigned, true) => (
                Kind::UnsignedClosing,
                "without a signature, which the project requires".to_owned(),
            ),
            (Signed::UnknownSigner, true) => (
                Kind::UnsignedClosing,
                format!(
                    "with a signature by no member's key (`{}`), and the project requires a member's",
                    self.key.as_deref().unwrap_or_default()
                ),
            ),
            (Signed::Unchecked, true) => (
                Kind::UnsignedClosing,
                format!(
                    "with a signature that can't be checked here, and the project requires one: {reason}"
                ),
            ),
        };
        let message = format!(
            "commit `{}` closed launch `{}` {how}",
            self.commit.short(),
            self.launch
        );
        let violation = Violation::new(kind, Some(&self.launch), &closing.path, message);
        Some(violation.by(self.commit))
    }
}

/// What a project said of signatures at one moment.
#[derive(Debug, Default)]
struct Rules {
    keys: Vec<TrustedKey>,
    /// The members' ids, each with all addresses.
    people: Vec<(String, Vec<String>)>,
    required: bool,
}

/// What decides the rules of a project: the tree of its members and its settings.
type Source = (Option<ObjectId>, Option<ObjectId>);

/// Reads rules, and remembers them.
struct Library<'a> {
    repo: &'a Repo,
    rules: Mutex<HashMap<Source, Arc<Rules>>>,
    /// All that `HEAD` leads to, children before parents.
    documented: OnceLock<HashMap<CommitId, usize>>,
}

impl<'a> Library<'a> {
    fn new(repo: &'a Repo) -> Self {
        Self {
            repo,
            rules: Mutex::default(),
            documented: OnceLock::new(),
        }
    }

    /// Judges one closing. Of a merge that brought a launch itself every parent has a say.
    fn judge(&self, closing: &Closing) -> Result<(ClosingSignature, Option<String>), GitError> {
        let mut all = self.before(closing)?;
        if all.is_empty() {
            all.push(Arc::default());
        }
        let signature = self.signature(closing, &all)?;
        let other = self.other(closing, &signature, &all)?;
        Ok((signature, other))
    }

    /// Says where a launch names somebody else as who closed it than its commit: than the member who signed it,
    /// else than its author. A member's addresses are one person's.
    fn other(
        &self,
        closing: &Closing,
        signature: &ClosingSignature,
        all: &[Arc<Rules>],
    ) -> Result<Option<String>, GitError> {
        let by = closing.by.as_deref().filter(|_| !closing.is_cut);
        let Some((by, named)) = by.and_then(|by| Some((by, email(by)?))) else {
            return Ok(None);
        };
        let has = |emails: &[String], wanted: &str| {
            emails
                .iter()
                .any(|email| email.eq_ignore_ascii_case(wanted))
        };
        let mut people = all.iter().flat_map(|rules| &rules.people);
        let author = self.repo.commit_info(closing.commit)?.author;
        let (is_same, who) = match &signature.member {
            Some(member) => (
                people.any(|(id, emails)| id == member && has(emails, named)),
                format!("`{member}` signed commit"),
            ),
            None => (
                author.email.eq_ignore_ascii_case(named)
                    || people.any(|(_, emails)| has(emails, named) && has(emails, &author.email)),
                format!("{} made commit", text::sanitize_line(&author.to_string())),
            ),
        };
        Ok((!is_same).then(|| {
            format!(
                "launch `{}` names {} as who closed it, and {who} `{}`, which brought it",
                text::sanitize_line(&closing.launch),
                text::truncate(&text::sanitize_line(by), 120),
                closing.commit.short()
            )
        }))
    }

    fn signature(
        &self,
        closing: &Closing,
        all: &[Arc<Rules>],
    ) -> Result<ClosingSignature, GitError> {
        let mut out: Option<ClosingSignature> = None;
        for rules in all {
            let state = self.repo.commit_signature(closing.commit, &rules.keys)?;
            let state = match state {
                SignatureState::UnknownSigner { .. } if closing.is_cut => {
                    SignatureState::Unchecked {
                        reason: "this is a shallow clone, which lacks the members of that time"
                            .to_owned(),
                    }
                }
                state => state,
            };
            let one = ClosingSignature::new(closing, state, rules.required);
            out = match out {
                Some(worse) if (worse.state, worse.required) >= (one.state, one.required) => {
                    Some(worse)
                }
                _ => Some(one),
            };
        }
        Ok(out.expect("there is one set of rules at least"))
    }

    /// Returns the rules that held before a closing.
    fn before(&self, closing: &Closing) -> Result<Vec<Arc<Rules>>, GitError> {
        let mut out = Vec::new();
        if closing.is_cut {
            return Ok(out);
        }
        for parent in self.repo.commit_info(closing.commit)?.parents {
            out.extend(self.at(parent, &closing.project)?);
        }
        if out.is_empty() {
            for documentation in self.documentation(closing)? {
                out.extend(self.at(documentation, &closing.project)?);
            }
        }
        Ok(out)
    }

    /// Returns the commits whose documentation binds a closing on a branch without any. The launch names
    /// one, which its closer wrote: so it can't step back behind the launches before it, nor go without.
    fn documentation(&self, closing: &Closing) -> Result<Vec<CommitId>, GitError> {
        let known = self.documented()?;
        let at = |id: &CommitId| known.get(id).copied();
        let newest = closing.earlier.iter().filter(|id| at(id).is_some());
        let newest = newest.min_by_key(|id| at(id)).copied();
        let named = closing.documentation.filter(|id| at(id).is_some());
        Ok(match (named, newest) {
            (Some(named), Some(newest)) if at(&newest) < at(&named) => vec![newest, named],
            (Some(named), _) => vec![named],
            (None, Some(newest)) => vec![newest],
            (None, None) => self.repo.head()?.commit.into_iter().collect(),
        })
    }

    fn documented(&self) -> Result<&HashMap<CommitId, usize>, GitError> {
        if let Some(known) = self.documented.get() {
            return Ok(known);
        }
        let steps = match self.repo.head()?.commit {
            Some(head) => self.repo.history(head)?.steps,
            None => Vec::new(),
        };
        let all = steps.into_iter().enumerate();
        let all = all.map(|(at, step)| (step.id, at)).collect();
        Ok(self.documented.get_or_init(|| all))
    }

    /// Returns the rules of a project in a commit; `None` where the commit has no such project.
    fn at(&self, commit: CommitId, project: &str) -> Result<Option<Arc<Rules>>, GitError> {
        let tree = self.repo.tree(commit)?;
        let id = |name: &str| -> Result<Option<ObjectId>, GitError> {
            Ok(tree.entry(&join(project, name))?.map(|entry| entry.id))
        };
        let source = (id("members")?, id("project.yaml")?);
        if source == (None, None) {
            return Ok(None);
        }
        let known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = known.get(&source) {
            return Ok(Some(Arc::clone(rules)));
        }
        drop(known);
        let rules = Arc::new(Rules::read(&tree, project)?);
        let mut known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(Arc::clone(known.entry(source).or_insert(rules))))
    }
}

impl Rules {
    /// A member that does not read has no keys; settings that do not read ask for signatures: a slip
    /// must not open a door.
    fn read(tree: &TreeView, project: &str) -> Result<Self, GitError> {
        let mut out = Self::default();
        if let Some(bytes) = tree.read(&join(project, "project.yaml"))? {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (doc, _) = parse_project("project.yaml", text.into());
            let required = |file: &ProjectFile| file.signatures != RequiredSignatures::None;
            out.required = doc.is_none_or(|doc| required(&doc.value));
        }
        let folder = join(project, "members");
        for file in tree.list(&folder)? {
            if !file.name.ends_with(".yaml") {
                continue;
            }
            let Some(bytes) = tree.read(&join(&folder, &file.name))? else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (doc, _) = parse_member(&file.name, text.into());
            let Some(member) = doc.map(|doc| doc.value) else {
                continue;
            };
            out.people.push((member.id.clone(), member.emails.clone()));
            out.keys.extend(member.keys.iter().map(|key| TrustedKey {
                owner: member.id.clone(),
                key: key.clone(),
            }));
        }
        Ok(out)
    }
}
