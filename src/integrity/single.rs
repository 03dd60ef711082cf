//! The verification of one closed launch: at the cost of that launch, of the heads of the others, and of
//! reading history once.

use super::annotations::Annotations;
use super::launch::{self, Checked};
use super::layout::Place;
use super::report::{Kind, Report, Violation};
use super::verify::{self, VerifyError, VerifyOptions};
use super::{chain, history, layout, roles};
use crate::base::Digest;
use crate::base::path::join;
use crate::git::{CommitId, GitError, Repo, TreeEntry, TreeView};

/// A closed launch that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedLaunch<'a> {
    /// Its folder, from the root of the repository.
    pub folder: &'a str,
    /// The digest of its `launch.yaml` as it was read: what is verified must be that.
    pub receipt: Digest,
}

/// Verifies one closed launch: its files, the executed texts that it names, what commits did to it on every path
/// through merges, who closed it, and whether a later launch means another one.
///
/// # Errors
/// As [`verify`](super::verify).
pub fn verify_launch(
    repo: Option<&Repo>,
    options: &VerifyOptions,
    asked: &AskedLaunch<'_>,
) -> Result<Report, VerifyError> {
    let repo = repo.ok_or(VerifyError::NoRepository)?;
    let mut report = Report::default();
    let commit = match &options.at {
        Some(rev) => Some(repo.resolve(rev)?),
        None => repo.head()?.commit,
    };
    let found = match commit {
        Some(commit) => {
            let tree = repo.tree(commit)?;
            layout::place_at(&tree, asked.folder)?.map(|place| (commit, tree, place))
        }
        None => None,
    };
    match found {
        Some((commit, tree, place)) => {
            let launch = Subject {
                repo,
                options,
                commit,
                tree,
                place,
            };
            launch.verify(asked.receipt, &mut report)?;
        }
        None => report.violations.push(Violation::new(
            Kind::RemovedLaunch,
            None,
            asked.folder,
            format!("`{}` is in no commit that is looked at", asked.folder),
        )),
    }
    if let Some(folder) = &options.attachments {
        verify::find_stored(folder, &mut report)?;
    }
    verify::settle(options, &mut report);
    Ok(report)
}

struct Subject<'a> {
    repo: &'a Repo,
    options: &'a VerifyOptions,
    commit: CommitId,
    tree: TreeView,
    place: Place,
}

impl Subject<'_> {
    fn verify(&self, receipt: Digest, report: &mut Report) -> Result<(), GitError> {
        let (repo, options, place) = (self.repo, self.options, &self.place);
        let executed = join(&place.project, "executed");
        verify::prefetch(repo, &self.tree, &[place.path.clone(), executed])?;
        let said = Annotations::of_launch(&self.tree, &place.project, &place.id)?;
        let launch = launch::check(&self.tree, place, &said)?;
        let history = repo.history_since(self.commit, &options.known)?;
        repo.fetch_trees(&history.steps)?;
        let tip = (self.commit, options.workspace.as_str());
        let (walked, judged) = rayon::join(
            || history::walk_launch(repo, tip, &history, &launch),
            || roles::check(repo, tip.0, tip.1, &history.steps, options.bench()),
        );
        let past = history::check(repo, walked?, std::slice::from_ref(&launch))?;
        let mut judged = judged?;
        verify::hear_documentation(repo, options, &history.steps, &past.closings, &mut judged)?;
        report.launches = 1;
        report.rights = judged.rights;
        report.notices.extend(past.notices);
        report.notices.extend(said.notices.iter().cloned());
        report.violations.extend(past.violations);
        report.violations.extend(judged.violations);
        report.violations.retain(|known| {
            self.is_mine(known) || known.launch.is_none() && launch.names_text(&known.path)
        });
        verify::add_signatures(repo, &past.closings, report)?;
        let (beside, launch) = self.beside(launch)?;
        report.violations.extend(beside);
        if launch.receipt != Some(receipt) {
            let path = join(&place.path, "launch.yaml");
            let message = "`launch.yaml` is not the one that is committed";
            let differs = Violation::new(Kind::WorktreeDiffers, Some(&place.id), path, message);
            report.violations.push(differs);
        }
        report.violations.extend(launch.violations);
        report.removed.extend(launch.removed);
        verify::acknowledge(&said, &options.workspace, report);
        // What is excused rests on who might excuse it, and on who gave that right.
        let rests = !report.acknowledged.is_empty() || !report.removed.is_empty();
        let firm = judged.firm.into_iter();
        report
            .violations
            .extend(firm.filter(|known| rests || self.is_mine(known)));
        Ok(())
    }

    fn is_mine(&self, violation: &Violation) -> bool {
        violation.launch.as_ref() == Some(&self.place.id)
    }

    /// Holds the launch against what stands beside it: the texts that it names, and the other launches.
    fn beside(&self, launch: Checked) -> Result<(Vec<Violation>, Checked), GitError> {
        let is_named = |text: &TreeEntry| launch.texts.contains(&text.path);
        let mut out = launch::check_executed(&self.tree, &self.place.project, is_named)?;
        let places = layout::launches(&self.tree, &self.options.workspace)?.into_iter();
        let others: Result<Vec<Checked>, GitError> = places
            .filter(|place| *place != self.place)
            .map(|place| launch::glance(&self.tree, &place))
            .collect();
        let mut all = others?;
        out.extend(chain::unnamed(&launch, &all));
        all.push(launch);
        out.extend(chain::check(&all).violations);
        let launch = all.pop().expect("it was put there");
        Ok((out, launch))
    }
}
