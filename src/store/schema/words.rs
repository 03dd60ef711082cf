//! What keys mean, for whoever hovers over one. A test holds these tables against what parsers ask for:
//! no key is without words, and no words are about a key that isn't there.

use super::Kind;

/// A way to a key and what it means: `[]` stands for any item, `.*` for any name.
type Table = &'static [(&'static str, &'static str)];

/// The words of one kind of file.
#[derive(Debug)]
pub(super) struct Words {
    kind: Kind,
    own: Table,
}

impl Words {
    pub(super) fn new(kind: Kind) -> Self {
        let own = match kind {
            Kind::Workspace => WORKSPACE,
            Kind::Project => PROJECT,
            Kind::Member => MEMBER,
            Kind::Case => CASE,
            Kind::Steps => STEPS,
            Kind::Plan => PLAN,
            Kind::Query => QUERY,
            Kind::Dashboard => DASHBOARD,
            Kind::Gate => GATE,
            Kind::Requirement => REQUIREMENT,
            Kind::Defect => DEFECT,
            Kind::Mute => MUTE,
            Kind::Approval => APPROVAL,
            Kind::Launch | Kind::Annotation => &[],
        };
        Self { kind, own }
    }

    /// Returns what a key means: by its whole way in this kind of file, else by the longest end of it.
    pub(super) fn of(&self, at: &str) -> Option<&'static str> {
        let own = self.own.iter().find(|(way, _)| *way == at);
        let is_end = |way: &str| {
            let before = at.strip_suffix(way);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let shared = SHARED.iter().filter(|(way, _)| is_end(way));
        let found = own.or_else(|| shared.max_by_key(|(way, _)| way.len()));
        found.map(|(_, said)| *said)
    }

    /// Returns the expression that a text fits, where a rule asks it to.
    pub(super) fn pattern(&self, at: &str) -> Option<&'static str> {
        match (self.kind, at) {
            (Kind::Workspace, "launches.branch") => Some(BRANCH),
            (Kind::Project, "key") => Some(PROJECT_KEY),
            (Kind::Case | Kind::Defect | Kind::Mute, "id") => Some(CASE_ID),
            _ => None,
        }
    }
}

/// What `model::is_project_key` takes.
const PROJECT_KEY: &str = "^[A-Z][A-Z0-9]{0,15}$";
/// What `model::is_case_id` takes.
const CASE_ID: &str = "^[A-Za-z0-9._-]{1,64}$";

/// What `git::is_branch_name` takes, by the rules of git-check-ref-format(1).
const BRANCH: &str = r"^(?!-|/|HEAD$)(?!.*(\.\.|@\{|//))(?!(.*/)?\.)(?!.*\.lock(/|$))(?!.*[./]$)[^\u0000-\u0020\u007f~^:?*\[\\]+$";

const WORKSPACE: Table = &[
    ("format", "The format of the workspace's files."),
    ("title", "What the workspace is called."),
    ("site", "Settings of the rendered site."),
    ("launches", "Where closed launches are committed."),
    (
        "launches.branch",
        "The branch that closed launches have to themselves. Without it they go to the branch that is checked out.",
    ),
    (
        "attachments",
        "Where attachments are kept: `{store: git}`, which is the default, `{store: lfs}`, or `{store: directory, path: …}`.",
    ),
    (
        "redaction",
        "What is taken out of results before anything reaches the disk: a list of `{pattern, replace}`, or `{patterns, allow}`.",
    ),
];

const PROJECT: Table = &[
    (
        "key",
        "The project's key, as `SHOP`: ids of its cases begin with it.",
    ),
    ("name", "What the project is called."),
    (
        "visibility",
        "A word for readers; git decides who reads. The default is `internal`.",
    ),
    (
        "environment",
        "Variables that tell one line of a test's history from another.",
    ),
    (
        "environment.*.default",
        "What results without the variable count as.",
    ),
    (
        "fields",
        "Custom fields that cases may have: a list, or each with the values that it may have. None declared means any may.",
    ),
    (
        "workflow",
        "The states of a case, first to last. The default is draft, review, active, outdated.",
    ),
    (
        "layers",
        "Layers that cases may have; none declared means any may.",
    ),
    ("keep", "What an append keeps of passed automated results."),
    (
        "keep.steps_of_passed",
        "Whether steps and output of passed automated results are kept. The default is `false`.",
    ),
    (
        "keep.attachments_of_passed",
        "Whether attachments of passed automated results are kept. The default is `true`.",
    ),
    (
        "keep.attachment_size",
        "The largest attachment that is kept, in bytes.",
    ),
    (
        "signatures",
        "Which commits count only where a member signed them. The default is `none`.",
    ),
    (
        "issues",
        "Prefixes of issues, as `WEB`, with the pattern of their address.",
    ),
    (
        "categories",
        "Rules that sort failures; the first that fits decides.",
    ),
    ("categories[].name", "What the category is called."),
    ("categories[].description", "What belongs there."),
    (
        "categories[].kind",
        "Where the cause of such a failure lies. The default is `other`.",
    ),
    (
        "categories[].matchers",
        "Besides what stands on the category itself, one of these must hold, where there are any.",
    ),
    (
        "gate",
        "Rules over one launch that end in pass or fail. `launch close` records the verdict.",
    ),
    ("approvals", "When a case counts as approved."),
    (
        "approvals.required",
        "How many reviewers must approve it. The default is `1`.",
    ),
    (
        "approvals.own",
        "Whether it counts that somebody approves a last change of their own. The default is `true`.",
    ),
    ("integrations", "Issue trackers, as patterns of links."),
    ("integrations[].name", "What the tracker is called."),
    (
        "integrations[].kind",
        "Which program it is. The default is `other`.",
    ),
    (
        "integrations[].pattern",
        "A regular expression that issues fit as a whole, as `WEB-\\d+`.",
    ),
    (
        "integrations[].url",
        "An issue's address, with `{id}` for the issue and `{1}` for the pattern's first group.",
    ),
    (
        "integrations[].new_issue",
        "What the address of the tracker's filled-in form needs.",
    ),
    (
        "integrations[].new_issue.site",
        "The tracker's address without a path, where it is not that of `url`.",
    ),
    (
        "integrations[].new_issue.project",
        "The repository's path (GitHub, GitLab), the project's short name (YouTrack) or its number (Jira).",
    ),
    (
        "integrations[].new_issue.type",
        "Jira's number of an issue type.",
    ),
    ("integrations[].new_issue.labels", "Labels of new issues."),
    (
        "integrations[].new_issue.url",
        "Of another tracker: the form's address, with `{title}` and `{body}`.",
    ),
    (
        "manual_valid_for",
        "How long a manual result covers a requirement, as `90d` (h, d, w). Without it, until the case's text changes.",
    ),
    ("documentation", "What results say for test cases."),
    (
        "documentation.launches",
        "A query of launches: results of those that fit may say something for test cases. Without it, all may.",
    ),
    (
        "documentation.fields",
        "Which labels of results say what a field of a case is: `owner`, `layer`, `severity`, `tags`, `section` or a custom field.",
    ),
    (
        "documentation.fields.*.label",
        "A label's name, or several, of which the first that a result has counts; an empty list for none.",
    ),
    (
        "documentation.fields.*.wins",
        "Whose word counts where file and result differ. The default is `file`: a result fills what the file leaves out.",
    ),
];

const MEMBER: Table = &[
    ("name", "The member's name."),
    (
        "emails",
        "Addresses as git has them in `user.email`; commits are told by them.",
    ),
    (
        "role",
        "What the member may do: each role may do what those after it may. The default is `reader`.",
    ),
    (
        "keys",
        "Public keys that sign commits: a line of OpenSSH, an armoured OpenPGP key, or a certificate in PEM.",
    ),
];

const CASE: Table = &[
    (
        "id",
        "The case's identity, which stays when the file moves: `SHOP-K4F7QM`.",
    ),
    ("title", "What the case is called."),
    (
        "execution",
        "Who executes it. The default is `automated` with selectors, else `manual`.",
    ),
    (
        "status",
        "A state of the project's workflow. The default is `active`, and the first where the workflow has none of that name.",
    ),
    ("layer", "One of the project's layers."),
    (
        "severity",
        "How much a failure matters. The default is `normal`.",
    ),
    (
        "owner",
        "The member who answers for it: the file's name below `members/`.",
    ),
    ("tags", "Words to find it by."),
    ("fields", "Custom fields, each with one value or a list."),
    ("automation", "The automated tests that execute it."),
    (
        "automation.selectors",
        "Full names of tests, with `*` for any characters; old names stay as aliases.",
    ),
    ("relations", "How it relates to other cases."),
    ("relations[].type", "The kind of relation, as `automates`."),
    ("relations[].case", "The other case's id."),
    ("parameters", "Names of parameters, each with its values."),
    ("combine", "How the values of parameters are combined."),
    ("aliases", "Ids that the case had before, or has elsewhere."),
];

const STEPS: Table = &[("title", "What the steps do.")];

const PLAN: Table = &[
    ("name", "What the plan is called."),
    ("description", "What it is for."),
    ("query", "A query of cases."),
    ("saved", "The name of a saved query of cases."),
    ("cases", "Ids of cases."),
    ("exclude", "Ids of cases that it leaves out."),
    ("exclude_query", "A query of cases that it leaves out."),
    (
        "environments",
        "What the cases are to run in, each by its variables; none stands for any.",
    ),
    ("assignees", "Members who execute the cases."),
];

const QUERY: Table = &[
    ("name", "What the query is called."),
    ("description", "What it answers."),
    ("of", "What is asked. The default is `cases`."),
    ("query", "The query, as in docs/query.md."),
];

const DASHBOARD: Table = &[
    ("name", "What the dashboard is called."),
    ("description", "What it is for."),
    (
        "launches",
        "A query of launches that holds for all widgets; without it, those of the branch with the most are meant.",
    ),
    ("widgets", "The figures, in their order."),
    (
        "widgets[].kind",
        "What it shows: docs/dashboards.md has the table.",
    ),
    ("widgets[].title", "Stands above what the data say."),
    (
        "widgets[].of",
        "What the query is put to, where the kind leaves a choice.",
    ),
    ("widgets[].query", "A query of what the kind counts."),
    (
        "widgets[].saved",
        "The name of a saved query, which holds beside `query`.",
    ),
    (
        "widgets[].launches",
        "A query of launches, which holds beside the dashboard's.",
    ),
    (
        "widgets[].by",
        "A field of what is counted, as queries have it: `layer`.",
    ),
    ("widgets[].metric", "Which number."),
    (
        "widgets[].interval",
        "How long a step of the time axis is. The default is `week`.",
    ),
    ("widgets[].last", "How many launches, the newest."),
    ("widgets[].days", "How many days back from now."),
    ("widgets[].limit", "How many rows or groups."),
    ("widgets[].size", "How wide it is."),
    ("widgets[].body", "A text in Markdown."),
];

const GATE: Table = &[
    ("name", "What the gate is called."),
    ("description", "What it is for."),
];

const REQUIREMENT: Table = &[("requirements", "Several requirements in one file.")];

const DEFECT: Table = &[
    (
        "id",
        "The defect's identity. The default is the file's name.",
    ),
    ("title", "What is wrong."),
    (
        "status",
        "Whether it is known to be mended. The default is `open`.",
    ),
    ("owner", "The member who answers for it."),
    (
        "matchers",
        "Which failures it explains; any matcher that holds is enough.",
    ),
];

const MUTE: Table = &[
    ("id", "The mute's identity. The default is the file's name."),
    ("reason", "Why the failures don't count."),
    ("owner", "The member who answers for it."),
    ("until", "The last day on which it holds."),
    ("cases", "Ids of cases."),
    (
        "selector",
        "A full name of tests, with `*` for any characters.",
    ),
    ("query", "A query of results, over what is stored of them."),
];

const APPROVAL: Table = &[
    (
        "approvals",
        "One line for each reviewer. `tallybook approve` writes them.",
    ),
    (
        "approvals[].by",
        "Who approves: a member's id, or `Name <email>` of whom is none.",
    ),
    ("approvals[].at", "When, as `2026-11-22T18:43:00Z`."),
    (
        "approvals[].digest",
        "What the case meant then: 64 hex digits.",
    ),
    (
        "approvals[].meaning",
        "What approving stands for, as `reviewed and approved`.",
    ),
    ("approvals[].note", "What else the reviewer has to say."),
    (
        "approvals[].own",
        "Whether the last change of the case was the reviewer's own. The default is `false`.",
    ),
    (
        "approvals[].requirements",
        "What each requirement that the case names said: its id and 16 hex digits.",
    ),
    (
        "approvals[].cases",
        "What each related case meant: its id and 16 hex digits.",
    ),
];

/// What stands in several kinds of files, or at several places of one.
const SHARED: Table = &[
    ("links", "Links to issues, requirements and pages."),
    (
        "links[].type",
        "The kind of link, as `issue` or `requirement`.",
    ),
    ("links[].name", "The issue or requirement, as `WEB-812`."),
    ("links[].url", "The address."),
    (
        "message",
        "A regular expression that is found anywhere in the message.",
    ),
    (
        "trace",
        "A regular expression that is found anywhere in the trace.",
    ),
    (
        "full_name",
        "A regular expression that is found anywhere in the test's full name.",
    ),
    ("status", "One status or several."),
    (
        "environment",
        "Variables of the result's environment, each with its value.",
    ),
    (
        "labels",
        "Labels of the result, each with one value or a list.",
    ),
    (
        "message_regex",
        "A regular expression that the whole message fits.",
    ),
    (
        "trace_regex",
        "A regular expression that the whole trace fits.",
    ),
    ("flaky", "Whether the result is flaky."),
    ("groups", "Rules over those results that a query selects."),
    ("groups[].name", "What the group is called."),
    ("groups[].query", "A query of results."),
    (
        "max_failed",
        "The most failed and broken results, muted ones left out.",
    ),
    (
        "max_new_failures",
        "The most failures that the baseline doesn't have.",
    ),
    (
        "max_unresolved",
        "The most failures with neither a defect nor a mute.",
    ),
    ("max_flaky", "The most flaky results."),
    ("min_results", "The fewest results."),
    (
        "min_pass_rate",
        "The least pass rate, in percent: `98` or `99.5%`.",
    ),
    (
        "min_requirement_coverage",
        "The least share of requirements that a passed case covers, in percent.",
    ),
    (
        "max_duration_growth",
        "How much longer than its baseline the launch may take, in percent.",
    ),
    (
        "all_planned_ran",
        "Whether all that the launch's plan selects must have run.",
    ),
    ("all_jobs", "Whether all expected jobs must be there."),
    ("no_recurrence", "Whether no closed defect may match again."),
    ("no_expired_mute", "Whether no mute may be expired."),
    (
        "no_overridden",
        "Whether no manual result may override automated ones.",
    ),
    (
        "all_approved",
        "Whether the documented cases of the results must be approved as they are.",
    ),
    ("id", "As it is known elsewhere: `REQ-4`."),
    ("title", "What is to be tested."),
    ("url", "Its address."),
    ("description", "More of it."),
    ("owner", "The member who answers for it."),
    ("parent", "The id of the requirement that it is a part of."),
    (
        "manual_valid_for",
        "How long a manual result covers it, as `90d` (h, d, w), in place of what the project says.",
    ),
    ("gap", "Why no test covers it."),
    ("gap.reason", "The reason."),
    ("gap.by", "The member who answers for it."),
    (
        "gap.until",
        "The last day on which it holds; without it, it holds for good.",
    ),
];

#[cfg(test)]
mod tests;
