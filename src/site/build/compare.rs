//! Any two launches of a project: the page on which two are chosen, and the keys by which a script matches their tests.
//!
//! The script does what [`analysis::compare`](crate::analysis::compare) does, on the same keys; a check in a browser
//! holds its numbers against `launch compare`.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::context::{Context, section_name};
use super::failures::LaunchContext;
use super::launch::Rendered;
use super::paths;
use super::sheet::crumb_here;
use crate::analysis::keys;
use crate::base::hash::digest_fields;
use crate::model::{Flag, Status};
use crate::site::pages::{FrameOf, Writer};
use crate::site::texts::{counted, say, thousands};
use crate::site::view::launch::{CompareOption, ComparePage};
use crate::site::view::sheet::{Cell, Sheet, SheetPart};
use crate::site::{SiteError, chunk, words};

/// Launches whose comparisons are listed, the latest ones.
const LISTED: usize = 100;
/// Characters of a key: 60 bits, so that not even a million tests collide.
const KEY: usize = 10;
/// Characters of a name, which only tells results of one key apart.
const NAME: usize = 4;

/// Whether there are two launches to compare.
pub(super) fn is_there(context: &Context<'_>) -> bool {
    context.project.launches.len() > 1
}

/// What a script needs to match the tests of a launch with those of another, in the order of its outcomes.
#[derive(Serialize)]
struct Keys<'a> {
    /// Ten characters an outcome: of its case, else of its test, and of its parameters.
    keys: String,
    /// Four characters an outcome: of its name.
    names: String,
    /// One letter an outcome.
    status: String,
    /// One digit to the base of 16 an outcome: muted, flaky, overridden and known by a defect are its bits.
    flags: String,
    /// The row of each outcome on the launch's page of results.
    rows: Vec<usize>,
    /// The index of each outcome's environment; empty where there is one.
    env: Vec<u32>,
    /// The values of the declared variables in each environment.
    environments: Vec<Vec<Option<&'a str>>>,
    /// The declared variables.
    declared: Vec<&'a str>,
    /// The names of its jobs, each once: a launch that lacks some may be partial.
    jobs: BTreeSet<&'a str>,
}

/// Writes the keys of a launch's outcomes.
pub(super) fn write_keys(
    context: &LaunchContext<'_>,
    folder: &str,
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let project = context.project;
    if !is_there(project) {
        return Ok(());
    }
    let launch = &project.project.launches[context.number];
    let declared = &project.project.file.environment;
    let rows: HashMap<&str, usize> = { context.rows.iter().enumerate() }
        .map(|(at, row)| (row.outcome.id.as_str(), at))
        .collect();
    let mut out = Keys {
        keys: String::with_capacity(launch.outcomes.len() * KEY),
        names: String::with_capacity(launch.outcomes.len() * NAME),
        status: String::with_capacity(launch.outcomes.len()),
        flags: String::with_capacity(launch.outcomes.len()),
        rows: Vec::with_capacity(launch.outcomes.len()),
        env: Vec::new(),
        environments: { launch.environments.iter() }
            .map(|environment| {
                let names = declared.iter();
                names
                    .map(|(name, _)| keys::declared_value(declared, environment, name))
                    .collect()
            })
            .collect(),
        declared: declared.iter().map(|(name, _)| name).collect(),
        jobs: { launch.file.jobs.iter() }
            .map(|job| job.name.as_str())
            .collect(),
    };
    for (at, outcome) in launch.outcomes.iter().enumerate() {
        let track = project.tracks.of(context.number, at);
        let (kind, test) = match &track.case {
            Some(case) => ("case", case.as_str()),
            None => ("test", outcome.test.as_str()),
        };
        let key = digest_fields([kind, test, &outcome.params]);
        out.keys.push_str(&short(key.as_bytes(), KEY));
        let name = match &outcome.name {
            Some(name) => name.clone(),
            None => { launch.tests.get(&outcome.test) }
                .map_or_else(String::new, |test| keys::name_digest(&test.name)),
        };
        out.names
            .push_str(&short(digest_fields([name.as_str()]).as_bytes(), NAME));
        out.status.push(letter(outcome.status));
        let bit = |flag, bit| u32::from(outcome.has(flag)) << bit;
        let known = u32::from(outcome.defect.is_some()) << 3;
        let flags = bit(Flag::Muted, 0) | bit(Flag::Flaky, 1) | bit(Flag::Overridden, 2) | known;
        out.flags.extend(char::from_digit(flags, 16));
        out.rows
            .push(rows.get(outcome.id.as_str()).copied().unwrap_or(0));
    }
    if launch.environments.len() > 1 {
        out.env = launch.outcomes.iter().map(|outcome| outcome.env).collect();
    }
    let key = format!("keys-{}", project.launch_folders[context.number]);
    writer.file(
        &format!("{folder}/data/keys.js"),
        &chunk::script(&key, &out),
    )
}

fn short(bytes: &[u8], most: usize) -> String {
    let mut text = chunk::base64(bytes);
    text.truncate(most);
    text
}

/// The letter of a status, as the results' page has it.
fn letter(status: Status) -> char {
    match status {
        Status::Failed => 'f',
        Status::Broken => 'b',
        Status::Passed => 'p',
        Status::Skipped => 's',
        Status::Unknown => 'u',
        Status::InProgress => 'i',
    }
}

pub(super) fn render(
    context: &Context<'_>,
    rendered: &[Rendered],
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    if !is_there(context) {
        return Ok(());
    }
    let path = format!("{}/compare.html", context.folder);
    let frame = writer.frame(FrameOf {
        path: &path,
        title: say!(
            "title.of",
            page = say!("compare.title"),
            name = context.name()
        ),
        crumbs: context.crumbs("", vec![crumb_here(&section_name("compare"))]),
        sections: context.sections("", "compare"),
        search: context.search(""),
        compare: true,
        ..FrameOf::default()
    });
    let launches = context.project.launches.iter().enumerate().rev();
    let page = ComparePage {
        frame,
        finding: finding(rendered),
        launches: launches
            .map(|(at, launch)| CompareOption {
                id: launch.file.id.clone(),
                folder: context.launch_folders[at].clone(),
                name: say!(
                    "title.on-day",
                    name = words::line(&launch.file.name),
                    day = words::when(launch.file.opened.at).day
                ),
            })
            .collect(),
        baselines: baselines(context, rendered),
    };
    writer.page(&path, "compare.html", &page)
}

fn finding(rendered: &[Rendered]) -> String {
    let compared = rendered.iter().filter_map(|one| one.against.as_ref());
    let all = compared.clone().count() as u64;
    let new = compared.filter(|one| one.counts[0].2 > 0).count() as u64;
    match (all, new) {
        (0, _) => say!(
            "compare.none-with-a-baseline",
            launches = counted(rendered.len() as u64, "launch")
        ),
        (all, 0) => say!(
            "compare.none-brought-new-failures",
            launches = counted(all, "launch")
        ),
        (all, n) => say!(
            "compare.some-brought-new-failures",
            n = n,
            launches = counted(all, "launch")
        ),
    }
}

/// The launches against their baselines, the newest first.
fn baselines(context: &Context<'_>, rendered: &[Rendered]) -> SheetPart {
    let mut table = Sheet::new(
        say!("sheet.launches-against-their-baselines"),
        &[
            ("column.launch", "name"),
            ("column.against", "mid"),
            ("column.new-failures", "num"),
            ("column.still-failing", "num mid"),
            ("column.fixed", "num"),
            ("column.newly-flaky", "num wide"),
            ("column.newly-skipped", "num wide"),
            ("column.added", "num wide"),
            ("column.removed", "num wide"),
        ],
    );
    let all = rendered.iter().enumerate().rev();
    let compared = all.filter_map(|(at, one)| Some((at, one.against.as_ref()?)));
    let compared: Vec<_> = compared.collect();
    for (at, against) in compared.iter().take(LISTED) {
        let file = context.project.launches[*at].file;
        let folder = &context.launch_folders[*at];
        let page = format!("launches/{folder}/compare.html");
        let mark = if against.counts[0].2 > 0 {
            "blocked"
        } else {
            "ready"
        };
        let base = context.project.launches[against.base].file;
        let mut cells = vec![
            Cell::row(&file.name, Some(page.clone()))
                .marked(mark)
                .note(words::when(file.opened.at).day),
            Cell::link(&base.name, Some(context.launch_href(against.base, ""))),
        ];
        // Those no longer skipped and those that fail muted stand on the page itself.
        let shown =
            { against.counts.iter() }.filter(|(_, id, _)| !["resumed", "muted"].contains(id));
        cells.extend(shown.map(|(_, id, n)| {
            let href = (*n > 0).then(|| format!("{page}#{}", paths::fragment(id)));
            Cell::link(thousands(*n), href)
        }));
        table.row(cells);
    }
    let mut part = SheetPart::new(say!("sheet.launches-against-their-baselines"), table)
        .lead(&say!("compare.a-launch-is-held-against-the"))
        .or(&say!("compare.no-launch-has-a-baseline-each"));
    part.count = thousands(compared.len() as u64);
    if compared.len() > LISTED {
        let text = say!("compare.the-others");
        return part.rest(LISTED, &text, "launches.html".to_owned());
    }
    part
}
