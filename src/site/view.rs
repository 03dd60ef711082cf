//! View models: what the templates see, ready to print.
//!
//! Numbers and dates come as text in one form (`1,204`, `22 Nov 2026, 18:43`); fields that end in
//! `_html` are sanitised and are the only ones that templates may mark safe. `href`s are relative
//! to the page.

pub mod case;
pub mod dashboard;
pub mod document;
pub mod launch;
pub mod project;
pub mod review;
pub mod sheet;

use serde::Serialize;

/// What every page has around its content.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Frame {
    /// The language that the page speaks: `en`, `pt-BR`.
    pub language: String,
    /// Where its lines begin: `ltr`, `rtl`.
    pub direction: &'static str,
    /// The text of the `<title>`.
    pub title: String,
    /// From the page to the site's root: empty, or `../` once or more.
    pub root: String,
    /// The path to the page, outermost first; the last is the page itself.
    pub crumbs: Vec<Crumb>,
    /// The project's sections; none on the workspace's page.
    pub sections: Vec<Section>,
    /// The script files that fill the search box, blanks between them; none where there is nothing to search.
    pub search: Option<String>,
    pub css: String,
    pub theme_js: String,
    pub site_js: String,
    /// Scripts that the page's own needs.
    pub more_js: Vec<String>,
    /// The page's own script, as the results' view has one.
    pub page_js: Option<String>,
    pub stamp: Stamp,
}

#[derive(Clone, Debug, Serialize)]
pub struct Crumb {
    pub name: String,
    pub href: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Section {
    pub name: String,
    pub href: String,
    pub current: bool,
    pub count: Option<String>,
}

/// What a page that stands alone has of styles and scripts, as they are.
#[derive(Clone, Debug, Serialize)]
pub struct Inline {
    /// The content security policy, which allows these texts by their digests.
    pub policy: String,
    /// The first of the styles, so that what is drawn before the others came is in its letters and colours.
    pub basis_css: String,
    pub css: String,
    /// Runs before anything is drawn.
    pub head_js: String,
    pub body_js: String,
}

/// The facts that decide the site's bytes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stamp {
    /// Empty for a working tree.
    pub documentation: String,
    pub launches: String,
    /// There may be closed launches that could not be seen.
    pub unavailable: bool,
    pub now: When,
    pub version: String,
    /// Which launches the site begins with, where it does not have all: `1 Nov 2026`.
    pub since: String,
}

/// A point in time, in UTC.
#[derive(Clone, Debug, Default, Serialize)]
pub struct When {
    /// `22 Nov 2026, 18:43`.
    pub text: String,
    /// `22 Nov 2026`.
    pub day: String,
    /// `18:43`.
    pub clock: String,
    /// RFC 3339.
    pub iso: String,
}

/// One status with its number.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    /// The status's name in files: also the class and the shape.
    pub status: &'static str,
    pub label: String,
    pub n: u64,
    pub text: String,
    /// Where the status's results are listed.
    pub href: Option<String>,
}

/// Totals of a launch or of a group.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Worst first; statuses without results are left out, failed and passed excepted.
    pub parts: Vec<Count>,
    /// Results that count in a status: overridden ones stand apart.
    pub total: u64,
    pub total_text: String,
    /// Overridden results, where there are any; the label has their number.
    pub overridden: Option<Count>,
    pub bar: Vec<Segment>,
    /// The bar in words.
    pub text: String,
}

/// A part of a horizontal bar, in thousandths of its width.
#[derive(Clone, Debug, Serialize)]
pub struct Segment {
    pub status: &'static str,
    pub x: u32,
    pub width: u32,
}

/// What a page means, in one sentence.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// `blocked`, `accounted`, `ready` or `empty`.
    pub tone: &'static str,
    /// `Blocked`, `Ready`.
    pub lead: String,
    pub text: String,
    /// A second sentence, in text size.
    pub detail: String,
}

/// Statuses of one test over launches, oldest first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Strip {
    pub ticks: Vec<Tick>,
    /// The width of the drawing.
    pub width: u32,
    /// The strip in words: `failed 3 of the last 12`.
    pub text: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// A status, or `absent`.
    pub status: &'static str,
    pub x: u32,
    pub title: String,
    pub href: Option<String>,
}

/// A row of a list of launches.
#[derive(Clone, Debug, Serialize)]
pub struct LaunchRow {
    pub name: String,
    pub id: String,
    pub href: String,
    pub opened: When,
    pub branch: String,
    /// Abbreviated.
    pub commit: String,
    pub by: String,
    /// How long the launch ran, where that is known.
    pub took: String,
    /// The same in milliseconds; empty where it is not known.
    pub took_ms: String,
    pub counts: Counts,
    pub verdict: Verdict,
    pub unresolved: u64,
    pub unresolved_text: String,
    pub broken: u64,
    pub skipped: u64,
    /// The launch that supersedes it.
    pub superseded_by: Option<String>,
    pub pass_rate: String,
    /// The pass rate without its denominator, `98 %`.
    pub rate: String,
    /// The same from 0 to 1, to put launches in order by; empty where there is none.
    pub rate_share: String,
}

impl LaunchRow {
    /// Returns the row with its links as a page above the folder has them.
    #[must_use]
    pub fn below(mut self, folder: &str) -> Self {
        let counts = { self.counts.parts.iter_mut() }.chain(&mut self.counts.overridden);
        let links = counts.filter_map(|count| count.href.as_mut());
        for href in links.chain([&mut self.href]) {
            *href = format!("{folder}/{href}");
        }
        self
    }
}

/// A count of transitions: `2 new`, `3 fixed`.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    pub kind: &'static str,
    pub text: String,
    pub label: String,
    pub href: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Link {
    pub text: String,
    pub href: Option<String>,
    /// A word before the text: `issue`.
    pub kind: String,
}

/// A labelled value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fact {
    pub label: String,
    pub value: String,
    pub href: Option<String>,
    /// Shown on hover.
    pub title: String,
    /// Ids, digests and commits.
    pub mono: bool,
    /// The whole value where `value` is cut, to be copied.
    pub copy: Option<String>,
    pub when: Option<When>,
}

#[derive(Clone, Debug, Serialize)]
pub struct LaunchesPage {
    pub frame: Frame,
    pub name: String,
    pub summary: String,
    pub launches: Vec<LaunchRow>,
    pub pager: Pager,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Pager {
    /// `1 to 1,000 of 10,000`; empty where one page is all.
    pub text: String,
    pub previous: Option<String>,
    pub next: Option<String>,
    pub pages: Vec<Section>,
}

#[derive(Clone, Debug, Serialize)]
pub struct LaunchPage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub name: String,
    pub id: String,
    pub verdict: Verdict,
    pub counts: Counts,
    /// `retries`, `muted` and the like: what stands beside the counts.
    pub beside: Vec<Count>,
    pub pass_rate: String,
    pub facts: Vec<Fact>,
    pub receipt: Fact,
    /// What the page of evidence says first.
    pub evidence: Verdict,
    pub superseded_by: Option<Link>,
    pub supersedes: Option<Link>,
    /// What was planned, where something was.
    pub planned: Option<PlannedPart>,
    pub reason: String,
    pub notes_html: String,
    /// Files that were removed with a record.
    pub gone: Vec<SaidRow>,
    /// Notes that came later.
    pub notes: Vec<SaidRow>,
    pub changes: Vec<Change>,
    /// How many groups the index above the failures leaves out.
    pub clusters_more: String,
    pub groups: Vec<FailureGroup>,
    pub unresolved: u64,
    pub unresolved_text: String,
    /// Said where not all unresolved failures are shown.
    pub cut: Option<Link>,
    pub resolved: Vec<ResolvedRow>,
    pub fixed: Vec<Failure>,
    pub suites: Vec<SuiteRow>,
    /// Why messages and traces are absent, where they are.
    pub missing: String,
    /// Whether the launch has an evidence pack.
    pub pack: bool,
}

/// What was planned of a launch.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedPart {
    /// `6 of 16 planned results done, 10 not executed`.
    pub text: String,
    /// The results that answer nothing planned, where there are some.
    pub unplanned: Option<Link>,
    /// Why the launch was closed without the rest; often empty.
    pub reason: String,
    pub people: Vec<PlannedPerson>,
}

/// What somebody executed of a launch, and what was left to them.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedPerson {
    pub name: String,
    pub done: String,
    pub left: String,
    pub done_href: Option<String>,
    pub left_href: Option<String>,
}

/// What was said of a launch after it was closed.
#[derive(Clone, Debug, Serialize)]
pub struct SaidRow {
    /// `pruned`, `redacted`, `note` or `acknowledged`.
    pub kind: String,
    /// How many files, or which violation.
    pub what: String,
    pub when: When,
    /// ` by Alice`, or nothing.
    pub by: String,
    pub reason: String,
    /// The text of a note.
    pub html: String,
    pub files: Vec<String>,
    /// `and 3 more files` where `files` is cut.
    pub more: String,
}

/// Unresolved failures that share a message.
#[derive(Clone, Debug, Serialize)]
pub struct FailureGroup {
    pub title: String,
    /// The message that all of them share to the letter; theirs are empty then.
    pub message: String,
    pub status: &'static str,
    pub count: usize,
    pub count_text: String,
    /// Those that are shown with what they say.
    pub failures: Vec<Failure>,
    /// Those that are named alone: they say the same.
    pub rest: Vec<Failure>,
    pub rest_text: String,
    /// Whether the group is more than one failure.
    pub many: bool,
    /// How many of them are new, where any is.
    pub new_text: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Failure {
    /// The anchor on the page.
    pub anchor: String,
    /// Where all of the result is shown.
    pub href: String,
    pub name: String,
    /// Differs between results of one name.
    pub parameters: String,
    pub path: String,
    pub status: &'static str,
    pub label: String,
    pub flags: Vec<&'static str>,
    /// `new`, or `failing since Nightly 1840`.
    pub since: String,
    pub case: Option<Link>,
    pub message: String,
    /// The first line of the message.
    pub brief: String,
    pub trace: String,
    /// Whether the trace is shown unfolded.
    pub open: bool,
    pub strip: Strip,
    pub duration: String,
    pub environment: String,
    pub owner: String,
    /// `tester alice`, of what a person executed.
    pub person: String,
    /// What an evidence pack has of it beside.
    pub proof: Option<document::Proof>,
}

/// Failures that a defect or a mute answers for.
#[derive(Clone, Debug, Serialize)]
pub struct ResolvedRow {
    /// `defect` or `mute`.
    pub kind: &'static str,
    pub id: String,
    /// Where it is described, unless it is gone.
    pub page: Option<String>,
    pub title: String,
    pub owner: String,
    pub until: String,
    pub count_text: String,
    pub href: String,
    pub links: Vec<Link>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SuiteRow {
    pub name: String,
    pub href: String,
    pub counts: Counts,
    pub duration: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ResultsPage {
    pub frame: Frame,
    pub tabs: Vec<Section>,
    pub name: String,
    pub counts: Counts,
    pub rows: Vec<ResultRow>,
    pub pager: Pager,
    /// The folder of the data chunks, relative to the page; absent on later pages.
    pub data: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ResultRow {
    /// Where links to a failure lead.
    pub anchor: Option<String>,
    pub name: String,
    pub parameters: String,
    pub environment: String,
    /// The groups above the test, set only where they differ from the row before.
    pub path: String,
    pub status: &'static str,
    pub label: String,
    /// The first line of what a failure says.
    pub says: String,
    pub flags: Vec<&'static str>,
    /// `tester alice`, `assigned to bob`; empty of what tests did.
    pub person: String,
    pub duration: String,
    /// The documented case.
    pub case: Option<Link>,
}
