//! Commits, judged: what each changed, by whose rules, and who made it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::approved::{brought, may_name};
use super::area::{Area, by_launch, names_members, who_may};
use super::change::{Change, Changes, Print, changes};
use super::merge::{Graph, Parent, own_changes};
use super::rules::{Library, ProjectRules, Rules};
use crate::base::path::join;
use crate::base::text::{sanitize_line, thousands, truncate};
use crate::git::{
    CommitId, CommitInfo, GitError, Identity, ObjectId, Repo, SignatureState, Step, TrustedKey,
};
use crate::integrity::report::{Kind, Rights, Violation};
use crate::model::Role;

/// Judges the commits of a history, one by one. What it read it remembers.
pub(crate) struct Court<'a> {
    repo: &'a Repo,
    graph: Graph<'a>,
    library: Library,
    prints: HashMap<(ObjectId, String), Arc<Print>>,
    /// Rules that bind a commit besides those of its parents, unless it follows from this one: the
    /// branch that rules are taken from, as it stood before.
    bench: Option<CommitId>,
    /// Commits whose rights were judged, by how.
    by_author: BTreeSet<CommitId>,
    by_signature: BTreeSet<CommitId>,
}

/// Whom a commit is by, as far as a project goes.
struct Standing {
    role: Option<Role>,
    /// The member whose key signed, where that counts.
    signer: Option<String>,
    /// `by signature` or `by author`.
    by: &'static str,
}

impl<'a> Court<'a> {
    pub(crate) fn new(repo: &'a Repo, bench: Option<CommitId>) -> Self {
        Self {
            repo,
            graph: Graph::new(repo),
            library: Library::default(),
            prints: HashMap::new(),
            bench,
            by_author: BTreeSet::new(),
            by_signature: BTreeSet::new(),
        }
    }

    /// How many commits were judged, by what.
    pub(crate) fn rights(&self) -> Rights {
        Rights {
            by_signature: self.by_signature.len(),
            by_author: self.by_author.difference(&self.by_signature).count(),
        }
    }

    fn print(&mut self, root: ObjectId, workspace: &str) -> Result<Arc<Print>, GitError> {
        let key = (root, workspace.to_owned());
        if let Some(known) = self.prints.get(&key) {
            return Ok(known.clone());
        }
        let print = Arc::new(Print::of(self.repo, root, workspace)?);
        self.prints.insert(key, print.clone());
        Ok(print)
    }

    fn print_at(&mut self, commit: CommitId, workspace: &str) -> Result<Arc<Print>, GitError> {
        let root = self.graph.step(commit)?.tree;
        self.print(root, workspace)
    }

    /// Judges what one commit did to one workspace.
    ///
    /// # Errors
    /// Objects are missing or damaged.
    pub(crate) fn judge(
        &mut self,
        step: &Step,
        workspace: &str,
    ) -> Result<Vec<Violation>, GitError> {
        let now = self.print(step.tree, workspace)?;
        let mut before = Vec::new();
        for parent in &step.parents {
            before.push((*parent, self.print_at(*parent, workspace)?));
        }
        if !before.is_empty() && before.iter().all(|(_, print)| **print == *now) {
            return Ok(Vec::new());
        }
        let changes = self.changes(&before, &now, workspace)?;
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let commit = self.repo.commit_info(step.id)?;
        let mut all: Vec<Arc<Rules>> = Vec::new();
        for (_, print) in &before {
            all.extend(self.library.rules(self.repo, print)?);
        }
        let mut found = Vec::new();
        for rules in &all {
            let case = Case {
                commit: &commit,
                step,
                workspace,
                changes: &changes,
                note: "",
            };
            found.extend(self.hear(&case, rules)?);
            found.extend(self.last_owners(&case, rules, &now)?);
        }
        // A shallow clone cuts parents off; what they are is known all the same.
        if commit.parents.is_empty() && now.is_workspace() {
            found.extend(self.hear_by_itself((&commit, step), workspace, &changes, &now)?);
        }
        if found.is_empty() {
            found = self.hear_by_bench((&commit, step), workspace, &changes)?;
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The rules of a workspace at a commit; `None` where it has no such workspace.
    pub(super) fn rules_at(
        &mut self,
        commit: CommitId,
        workspace: &str,
    ) -> Result<Option<Arc<Rules>>, GitError> {
        let print = self.print_at(commit, workspace)?;
        self.library.rules(self.repo, &print)
    }

    /// Whom a commit names as its author.
    pub(super) fn author(&self, commit: CommitId) -> Result<Identity, GitError> {
        Ok(self.repo.commit_info(commit)?.author)
    }

    /// Whether one commit is reachable from another, or the same.
    pub(crate) fn follows(&mut self, commit: CommitId, from: CommitId) -> Result<bool, GitError> {
        self.graph.is_ancestor(from, commit)
    }

    /// Whether a project of a workspace has members at a commit.
    pub(crate) fn is_shared(
        &mut self,
        commit: CommitId,
        workspace: &str,
    ) -> Result<bool, GitError> {
        let rules = self.rules_at(commit, workspace)?;
        Ok(rules.is_some_and(|rules| rules.shared().next().is_some()))
    }

    /// The keys of the members of each shared project of a workspace at a commit, with their roles.
    pub(crate) fn keys(
        &mut self,
        commit: CommitId,
        workspace: &str,
    ) -> Result<Vec<Vec<(TrustedKey, Role)>>, GitError> {
        let rules = self.rules_at(commit, workspace)?.unwrap_or_default();
        let of = |project: &ProjectRules| {
            let keys = project.keys().into_iter();
            keys.filter_map(|key| Some((project.role_of_member(&key.owner)?, key)))
                .map(|(role, key)| (key, role))
                .collect()
        };
        Ok(rules.shared().map(|(_, project)| of(project)).collect())
    }

    /// Where a branch that held `old` is to hold `new`, which does not follow from it: returns a path
    /// of the settings that would be as they were before `old`. What new commits changed is judged
    /// with them.
    pub(crate) fn turned_back(
        &mut self,
        old: CommitId,
        new: CommitId,
        workspace: &str,
    ) -> Result<Option<String>, GitError> {
        if !self.is_shared(old, workspace)? {
            return Ok(None);
        }
        let mut parents = Vec::new();
        let now = self.print_at(new, workspace)?;
        for id in [old, new] {
            let print = self.print_at(id, workspace)?;
            parents.push(Parent {
                id,
                changes: changes(self.repo, &print, &now)?,
                print: Print::clone(&print),
            });
        }
        let own = own_changes(&mut self.graph, &mut self.library, workspace, &parents)?;
        let settings = own
            .into_iter()
            .filter(|(_, change)| change.area == Area::Settings);
        Ok(settings.map(|(path, _)| join(workspace, &path)).next())
    }

    /// What a commit changed: against its parent, or against nothing; of a merge what is its own.
    fn changes(
        &mut self,
        before: &[(CommitId, Arc<Print>)],
        now: &Print,
        workspace: &str,
    ) -> Result<Changes, GitError> {
        match before {
            [] => Ok(beginning(changes(self.repo, &Print::default(), now)?, now)),
            [(_, only)] => changes(self.repo, only, now),
            several => {
                let mut parents = Vec::new();
                for (id, print) in several {
                    parents.push(Parent {
                        id: *id,
                        print: Print::clone(print),
                        changes: changes(self.repo, print, now)?,
                    });
                }
                own_changes(&mut self.graph, &mut self.library, workspace, &parents)
            }
        }
    }

    /// Holds a commit against the rules of the branch that rules are taken from. A commit that
    /// follows from that branch has its rules, or later ones, from its parents.
    fn hear_by_bench(
        &mut self,
        (commit, step): (&CommitInfo, &Step),
        workspace: &str,
        changes: &Changes,
    ) -> Result<Vec<Violation>, GitError> {
        let Some(bench) = self.bench.filter(|bench| *bench != commit.id) else {
            return Ok(Vec::new());
        };
        let Some(rules) = self.rules_at(bench, workspace)? else {
            return Ok(Vec::new());
        };
        let case = Case {
            commit,
            step,
            workspace,
            changes,
            note: " by today's rules",
        };
        let found = self.hear(&case, &rules)?;
        let follows = !found.is_empty() && self.graph.is_ancestor(bench, commit.id)?;
        Ok(if follows { Vec::new() } else { found })
    }

    /// Holds the first commit of a history against the rules that it brings: it may create the workspace,
    /// whoever makes it. What it closes, or says of closed launches, takes a member who may, and what the
    /// project wants signed is signed. There must be somebody who can change its settings later.
    fn hear_by_itself(
        &mut self,
        (commit, step): (&CommitInfo, &Step),
        workspace: &str,
        changes: &Changes,
        now: &Print,
    ) -> Result<Vec<Violation>, GitError> {
        let rules = self.library.rules(self.repo, now)?.unwrap_or_default();
        let is_held = |change: &Change| {
            let project = change.project.as_deref();
            let project = project.and_then(|folder| rules.project(folder));
            change.area.is_closing()
                || project.is_some_and(|rules| rules.requires_signature(change.area))
        };
        let held = changes.iter().filter(|(_, change)| is_held(change));
        let held = held.map(|(path, change)| (path.clone(), change.clone()));
        let held: Changes = held.collect();
        let case = |changes, note| Case {
            commit,
            step,
            workspace,
            changes,
            note,
        };
        let mut found = self.hear(&case(&held, " by the rules that it brings"), &rules)?;
        found.extend(self.last_owners(&case(changes, ""), &Rules::default(), now)?);
        Ok(found)
    }

    /// Holds all that a commit changed against rules; one violation for each kind of change in each
    /// project, and for each launch that it is about: what is said of one says nothing of another.
    fn hear(&mut self, case: &Case<'_>, rules: &Rules) -> Result<Vec<Violation>, GitError> {
        let mut groups: BTreeMap<(Option<&str>, Area), Vec<&str>> = BTreeMap::new();
        for (path, change) in case.changes {
            let project = change.project.as_deref();
            groups.entry((project, change.area)).or_default().push(path);
        }
        let mut standings = Standings::new();
        let mut out = Vec::new();
        for ((project, area), paths) in groups {
            let own = project.and_then(|folder| Some((folder, rules.project(folder)?)));
            let judges: Vec<(&str, &ProjectRules)> = match own {
                Some((folder, own)) if !own.shared => match names_members(folder, &paths) {
                    // Its first owner could change what belongs to no project.
                    true => rules.shared().collect(),
                    false => continue,
                },
                Some(own) => vec![own],
                None => rules.shared().collect(),
            };
            // What belongs to no project that is there is a matter of the workspace.
            let needs = match (project, own) {
                (Some(_), None) => Role::Owner,
                _ => area.needs(),
            };
            let asked = (area, needs);
            if let Some(refusal) = self.refusal(case, &judges, asked, &mut standings)? {
                out.extend(
                    by_launch(area, &paths)
                        .iter()
                        .map(|paths| case.violation(area, paths, &refusal)),
                );
            } else if area == Area::Approvals
                && let Some((_, rules)) = own
            {
                out.extend(self.in_others_names(case, rules, &paths)?);
            }
        }
        Ok(out)
    }

    /// Holds approvals against whom the commit is by.
    fn in_others_names(
        &mut self,
        case: &Case<'_>,
        rules: &ProjectRules,
        paths: &[&str],
    ) -> Result<Option<Violation>, GitError> {
        // The first commit of a history may set up what it likes.
        if case.step.parents.is_empty() {
            return Ok(None);
        }
        let standing = self.standing(case.commit, rules, Area::Approvals)?;
        let signer = standing.ok().and_then(|standing| standing.signer);
        let mut wrong: Vec<(&str, String)> = Vec::new();
        for path in paths {
            let names = brought(self.repo, case.step, case.workspace, path, case.changes)?;
            let may = |by: &String| may_name(rules, case.commit, signer.as_deref(), by);
            let name = names.into_iter().find(|by| !may(by));
            wrong.extend(name.map(|by| (*path, by)));
        }
        let Some((_, by)) = wrong.first() else {
            return Ok(None);
        };
        let refused = Refused {
            who: String::new(),
            why: format!(
                " in the name of `{}`; one approves as oneself",
                truncate(&sanitize_line(by), 120)
            ),
        };
        let paths: Vec<&str> = wrong.iter().map(|(path, _)| *path).collect();
        Ok(Some(case.violation(Area::Approvals, &paths, &refused)))
    }

    /// Asks each of the projects that may allow a change; says what the last of them refused.
    fn refusal(
        &mut self,
        case: &Case<'_>,
        judges: &[(&str, &ProjectRules)],
        (area, needs): (Area, Role),
        standings: &mut Standings,
    ) -> Result<Option<Refused>, GitError> {
        let mut refused = None;
        for (folder, rules) in judges {
            let key = ((*folder).to_owned(), rules.requires_signature(area));
            if !standings.contains_key(&key) {
                let standing = self.standing(case.commit, rules, area)?;
                standings.insert(key.clone(), standing);
            }
            refused = Some(match &standings[&key] {
                Ok(standing) if standing.role.is_some_and(|role| role.covers(needs)) => {
                    return Ok(None);
                }
                Ok(standing) => {
                    let role = standing.role.map_or("no member", Role::as_str);
                    Refused {
                        who: format!(" ({role}, {})", standing.by),
                        why: format!("; {}", who_may(needs)),
                    }
                }
                Err(why) => Refused {
                    who: String::new(),
                    why: format!(" {why}"),
                },
            });
        }
        Ok(refused)
    }

    /// Finds out whom a commit is by. `Err` says what its signature lacks.
    fn standing(
        &mut self,
        commit: &CommitInfo,
        rules: &ProjectRules,
        area: Area,
    ) -> Result<Result<Standing, String>, GitError> {
        if !rules.requires_signature(area) {
            self.by_author.insert(commit.id);
            return Ok(Ok(Standing {
                role: rules.role_of_author(&commit.author),
                signer: None,
                by: "by author",
            }));
        }
        let state = self.repo.commit_signature(commit.id, &rules.keys())?;
        let lacks = match state {
            SignatureState::Good { owner, .. } => {
                self.by_signature.insert(commit.id);
                return Ok(Ok(Standing {
                    role: rules.role_of_member(&owner),
                    signer: Some(owner),
                    by: "by signature",
                }));
            }
            SignatureState::Unsigned => {
                "without a signature, which the project requires".to_owned()
            }
            SignatureState::UnknownSigner { key } => {
                format!(
                    "with a signature by no member's key (`{}`)",
                    sanitize_line(&key)
                )
            }
            SignatureState::Bad { reason } => {
                format!("with a bad signature: {}", sanitize_line(&reason))
            }
            SignatureState::Unchecked { reason } => format!(
                "with a signature that can't be checked here: {}",
                sanitize_line(&reason)
            ),
        };
        Ok(Err(lacks))
    }

    /// A project without an owner could never change its settings again.
    fn last_owners(
        &mut self,
        case: &Case<'_>,
        before: &Rules,
        now: &Print,
    ) -> Result<Vec<Violation>, GitError> {
        let settings = |change: &Change| change.area == Area::Settings;
        let touched: BTreeSet<&str> = case
            .changes
            .values()
            .filter(|change| settings(change))
            .filter_map(|change| change.project.as_deref())
            .collect();
        let after = self.library.rules(self.repo, now)?.unwrap_or_default();
        let mut out = Vec::new();
        for folder in touched {
            let (was, is) = (before.project(folder), after.project(folder));
            let had = was.is_some_and(ProjectRules::has_owner);
            let begins = was.is_none_or(|rules| !rules.shared);
            let lacks =
                |rules: &ProjectRules| !rules.has_owner() && (had || begins && rules.shared);
            if is.is_some_and(lacks) {
                let path = join(case.workspace, &format!("projects/{folder}/members"));
                let message = format!(
                    "{} left the project `{}` without an owner, so that nobody could change its \
                     settings",
                    case.subject(),
                    sanitize_line(folder)
                );
                let violation = Violation::new(Kind::NotAllowed, None, path, message);
                out.push(violation.by(case.commit.id));
            }
        }
        Ok(out)
    }
}

/// What a commit without parents brings. The branch of closed launches begins with the attributes of
/// git that keep them as they are: whoever closes the first launch brings them.
fn beginning(mut changes: Changes, now: &Print) -> Changes {
    if now.is_workspace() {
        return changes;
    }
    if let Some(change) = changes.get_mut(".gitattributes") {
        change.area = Area::Closing;
    }
    changes
}

/// Whom a commit is by in each project, where it must be signed and where not.
type Standings = HashMap<(String, bool), Result<Standing, String>>;

/// What is said around what a commit did that it may not.
struct Refused {
    who: String,
    why: String,
}

/// Names an author in a sentence.
pub(super) fn named(author: &Identity) -> String {
    let author = match author {
        nobody if nobody.email.is_empty() => format!("{} (no address)", nobody.name),
        author => author.to_string(),
    };
    truncate(&sanitize_line(&author), 120)
}

/// What is judged.
struct Case<'a> {
    commit: &'a CommitInfo,
    step: &'a Step,
    workspace: &'a str,
    changes: &'a Changes,
    /// What is said of the rules, where they are not the parents'.
    note: &'static str,
}

impl Case<'_> {
    fn subject(&self) -> String {
        let author = named(&self.commit.author);
        format!("commit `{}` by {author}", self.commit.id.short())
    }

    fn violation(&self, area: Area, paths: &[&str], refused: &Refused) -> Violation {
        let Refused { who, why } = refused;
        let more = match paths.len() - 1 {
            0 => String::new(),
            rest => format!(" and {} more", thousands(rest as u64)),
        };
        // The launch itself says more than a text that came with it.
        let first = paths.iter().find(|path| area.launch(path).is_some());
        let first = first.unwrap_or(&paths[0]);
        let message = format!(
            "{}{who} {}{more}{why}{}",
            self.subject(),
            area.done(first),
            self.note
        );
        let path = join(self.workspace, first);
        Violation::new(Kind::NotAllowed, area.launch(first), path, message).by(self.commit.id)
    }
}
