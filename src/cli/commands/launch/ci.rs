//! What well-known CI systems say of a run in their variables.
//!
//! GitHub: "Default environment variables" of its Actions documentation. GitLab: "Predefined CI/CD
//! variables reference".

use crate::cli::context::Vars;
use crate::model::{Job, Source};

/// Where the code under test came from; empty outside CI.
pub(in crate::cli) fn source(vars: &Vars) -> Source {
    let get = |name: &str| vars.get(name).map(str::to_owned);
    if vars.get("GITHUB_ACTIONS").is_some() {
        let server = vars
            .get("GITHUB_SERVER_URL")
            .unwrap_or("https://github.com");
        return Source {
            repository: get("GITHUB_REPOSITORY").map(|repo| format!("{server}/{repo}")),
            branch: get("GITHUB_HEAD_REF").or_else(|| get("GITHUB_REF_NAME")),
            commit: get("GITHUB_SHA"),
            pull_request: pull_request(vars),
        };
    }
    if vars.get("GITLAB_CI").is_some() {
        return Source {
            repository: get("CI_PROJECT_URL"),
            branch: get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
                .or_else(|| get("CI_COMMIT_REF_NAME")),
            commit: get("CI_COMMIT_SHA"),
            pull_request: get("CI_MERGE_REQUEST_IID"),
        };
    }
    Source::default()
}

/// `refs/pull/17/merge` → `17`.
fn pull_request(vars: &Vars) -> Option<String> {
    let number = vars
        .get("GITHUB_REF")?
        .strip_prefix("refs/pull/")?
        .split('/')
        .next()?;
    Some(number.to_owned())
}

/// The job that runs; named `local` outside CI.
pub(super) fn job(vars: &Vars) -> Job {
    let get = |name: &str| vars.get(name).map(str::to_owned);
    let (name, url, attempt) = if vars.get("GITHUB_ACTIONS").is_some() {
        let server = vars
            .get("GITHUB_SERVER_URL")
            .unwrap_or("https://github.com");
        let url = get("GITHUB_REPOSITORY")
            .zip(get("GITHUB_RUN_ID"))
            .map(|(repo, run)| format!("{server}/{repo}/actions/runs/{run}"));
        (get("GITHUB_JOB"), url, get("GITHUB_RUN_ATTEMPT"))
    } else if vars.get("GITLAB_CI").is_some() {
        (get("CI_JOB_NAME"), get("CI_JOB_URL"), None)
    } else {
        (None, None, None)
    };
    Job {
        name: name.unwrap_or_else(|| "local".to_owned()),
        url,
        attempt: attempt.and_then(|n| n.parse().ok()),
        ..Job::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github_names_branch_and_pull_request() {
        let vars = Vars::from_pairs(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_REF", "refs/pull/17/merge"),
            ("GITHUB_HEAD_REF", "fix"),
            ("GITHUB_SHA", "abc"),
            ("GITHUB_JOB", "e2e"),
            ("GITHUB_RUN_ID", "5"),
            ("GITHUB_RUN_ATTEMPT", "2"),
        ]);
        let source = source(&vars);
        assert_eq!(source.pull_request.as_deref(), Some("17"));
        assert_eq!(source.branch.as_deref(), Some("fix"));
        let job = job(&vars);
        assert_eq!((job.name.as_str(), job.attempt), ("e2e", Some(2)));
        assert_eq!(
            job.url.as_deref(),
            Some("https://github.com/a/b/actions/runs/5")
        );
    }

    #[test]
    fn outside_ci_nothing_is_known() {
        assert!(source(&Vars::default()).is_empty());
        assert_eq!(job(&Vars::default()).name, "local");
    }
}
