//! `launch open`: an id, and a folder that appends go into.

use super::append::{Guard, Leak};
use super::part::{OpenState, StateError};
use crate::base::hash::digest_fields;
use crate::base::{Timestamp, text};
use crate::model::{
    Backfilled, Environment, Link, OpenLaunch, Opened as OpenedBy, Source, is_launch_id,
};
use crate::store::block;

/// What is wanted of a new launch.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// The project's key.
    pub project: String,
    /// Given by a person, or derived from the key, the branch or the time.
    pub name: Option<String>,
    /// The same key in the same project is the same launch: parallel jobs need no coordination.
    pub key: Option<String>,
    pub tags: Vec<String>,
    pub links: Vec<Link>,
    pub source: Source,
    pub environment: Environment,
    pub expect: Vec<String>,
    pub plan: Option<String>,
    pub baseline: Option<String>,
    pub supersedes: Option<String>,
    pub now: Timestamp,
    /// When what is older than the launch began, and ended: its place in the history.
    pub backfill: Option<(Timestamp, Option<Timestamp>)>,
    /// `Name <email>`.
    pub by: Option<String>,
    /// Makes ids without a key differ.
    pub random: u64,
    /// Nobody typed the name: it is cut where it is too long, after patterns were taken out of it.
    pub cut: bool,
}

impl OpenRequest {
    /// The launch's place in the history.
    fn at(&self) -> Timestamp {
        self.backfill.map_or(self.now, |(at, _)| at)
    }
}

/// The launch, and whether it was made now.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub launch: OpenLaunch,
    pub created: bool,
    /// As it would have been opened, where somebody had opened it before.
    pub wanted: Option<Box<OpenLaunch>>,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("a launch's {what} is at most {max} characters long, and this one has {found}")]
    TooLong {
        what: &'static str,
        max: usize,
        found: usize,
    },
    #[error("a launch's {0} is empty")]
    Empty(&'static str),
    /// Sorted; nothing was written.
    #[error(
        "what looks like a secret stands in {} of the launch, and nothing was opened",
        text::count(.0.len() as u64, "place")
    )]
    Secrets(Vec<Leak>),
    #[error("the launch's key has what `redaction` takes out, and its id is made of it")]
    Key,
    #[error(transparent)]
    State(#[from] StateError),
}

/// The longest name or key of a launch, in characters.
const NAME_MAX: usize = 200;

/// The longest name that is made of a command line, in characters.
const CUT_MAX: usize = 100;

/// Creates a launch, or returns the one that has this key, which waits from now on for the jobs that are
/// expected now as well, unless it is shared. Patterns are taken out of all that is said
/// of it, and what looks like a secret stops it, before anything reaches the disk.
pub fn open(
    state: &OpenState,
    mut request: OpenRequest,
    guard: &Guard,
) -> Result<Opened, OpenError> {
    guarded(&mut request, guard)?;
    check("name", request.name.as_deref())?;
    check("key", request.key.as_deref())?;
    let name = request.name.clone().or_else(|| request.key.clone());
    let name =
        name.unwrap_or_else(|| format!("Launch of {}", request.at().format("%Y-%m-%d %H:%M")));
    for attempt in 0.. {
        let id = launch_id(state, &request, &name, attempt);
        debug_assert!(is_launch_id(&id), "`{id}` is made of slugs");
        let launch = OpenLaunch {
            format: 1,
            id,
            project: request.project.clone(),
            name: name.clone(),
            tags: request.tags.clone(),
            links: request.links.clone(),
            opened: OpenedBy {
                at: request.at(),
                by: request.by.clone(),
                backfilled: request.backfill.map(|(_, until)| Backfilled {
                    at: request.now,
                    until,
                }),
            },
            source: request.source.clone(),
            environment: request.environment.clone(),
            expect: request.expect.clone(),
            plan: request.plan.clone(),
            baseline: request.baseline.clone(),
            supersedes: request.supersedes.clone(),
        };
        let yaml = block::to_yaml(&launch);
        if state.create(&launch.id, yaml.as_bytes())? {
            return Ok(Opened {
                launch,
                created: true,
                wanted: None,
            });
        }
        if request.key.is_some()
            && let Some(found) = complete(state, &launch)?
        {
            return Ok(Opened {
                launch: found,
                created: false,
                wanted: Some(Box::new(launch)),
            });
        }
    }
    unreachable!("the loop ends by returning")
}

/// Returns the launch that was opened before, with what is asked of it now and does not contradict it. One
/// that is shared stays as it is: others have it.
fn complete(state: &OpenState, wanted: &OpenLaunch) -> Result<Option<OpenLaunch>, OpenError> {
    let read = || state.read(&wanted.id);
    let Some(found) = read()?.filter(|found| !unmet(wanted, found).is_empty()) else {
        return Ok(read()?);
    };
    if state.shared_on(&wanted.id)?.is_some() {
        return Ok(Some(found));
    }
    let _lock = state.lock_exclusive(&wanted.id)?;
    let Some(mut found) = read()? else {
        return Ok(None);
    };
    if take_up(&mut found, wanted) {
        state.set_open(&wanted.id, block::to_yaml(&found).as_bytes())?;
    }
    Ok(Some(found))
}

/// Adds the jobs that another opening of the same launch expects, and its plan, baseline and what it
/// supersedes where there is none; whether anything is new.
pub(super) fn take_up(launch: &mut OpenLaunch, other: &OpenLaunch) -> bool {
    let before = launch.clone();
    for job in &other.expect {
        if !launch.expect.contains(job) {
            launch.expect.push(job.clone());
        }
    }
    for (own, theirs) in [
        (&mut launch.plan, &other.plan),
        (&mut launch.baseline, &other.baseline),
        (&mut launch.supersedes, &other.supersedes),
    ] {
        if own.is_none() {
            own.clone_from(theirs);
        }
    }
    *launch != before
}

/// Returns the options of which a launch does not have what an opening asked for, among those that decide
/// whether it is complete and what it is held against.
pub fn unmet(wanted: &OpenLaunch, found: &OpenLaunch) -> Vec<&'static str> {
    let lacks =
        |wanted: &Option<String>, found: &Option<String>| wanted.is_some() && wanted != found;
    let expect = wanted.expect.iter().any(|job| !found.expect.contains(job));
    let asked = [
        ("--expect", expect),
        ("--plan", lacks(&wanted.plan, &found.plan)),
        ("--baseline", lacks(&wanted.baseline, &found.baseline)),
        ("--supersedes", lacks(&wanted.supersedes, &found.supersedes)),
    ];
    let unmet = asked.into_iter().filter(|(_, is_unmet)| *is_unmet);
    unmet.map(|(flag, _)| flag).collect()
}

fn guarded(request: &mut OpenRequest, guard: &Guard) -> Result<(), OpenError> {
    guard.redact_launch(request);
    let mut leaks = guard.leaks_of_launch(request);
    leaks.sort();
    leaks.dedup();
    if !leaks.is_empty() {
        return Err(OpenError::Secrets(leaks));
    }
    if request.key.as_deref().is_some_and(|key| guard.changes(key)) {
        return Err(OpenError::Key);
    }
    if let (true, Some(name)) = (request.cut, &mut request.name) {
        *name = text::truncate(name, CUT_MAX);
    }
    Ok(())
}

fn check(what: &'static str, value: Option<&str>) -> Result<(), OpenError> {
    let Some(value) = value else { return Ok(()) };
    if value.trim().is_empty() {
        return Err(OpenError::Empty(what));
    }
    let found = value.chars().count();
    if found > NAME_MAX {
        Err(OpenError::TooLong {
            what,
            max: NAME_MAX,
            found,
        })
    } else {
        Ok(())
    }
}

/// Returns the id of the launch that has a key: the key's slug and ten characters of a digest of
/// project and key. Where several workspaces share a repository a project's key alone may be two
/// projects'; its name among them is not.
pub fn keyed_id(state: &OpenState, key: &str) -> String {
    let digest = digest_fields([state.name().as_str(), key]).to_string();
    format!("{}-{}", text::slug(key, 40), &digest[..10])
}

/// With a key: see [`keyed_id`]. Without: the time of
/// opening, a slug of the name, and four random characters.
fn launch_id(state: &OpenState, request: &OpenRequest, name: &str, attempt: u64) -> String {
    match &request.key {
        Some(key) => keyed_id(state, key),
        None => {
            let time = request.at().format("%Y-%m-%d-%H%M");
            let random = request.random.wrapping_add(attempt);
            format!(
                "{time}-{}-{}",
                text::slug(name, 40),
                text::base32(random, 4)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(Default::default(), &[])
    }

    fn request(name: Option<&str>, key: Option<&str>) -> OpenRequest {
        OpenRequest {
            project: "SHOP".into(),
            name: name.map(str::to_owned),
            key: key.map(str::to_owned),
            tags: Vec::new(),
            links: Vec::new(),
            source: Source::default(),
            environment: Environment::default(),
            expect: Vec::new(),
            plan: None,
            baseline: None,
            supersedes: None,
            now: Timestamp::parse("2026-11-22T18:43:00Z").expect("a time"),
            backfill: None,
            by: None,
            random: 7,
            cut: false,
        }
    }

    #[test]
    fn a_key_is_one_launch() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(folder.path(), "", "SHOP");
        let first = open(&state, request(None, Some("run/17")), &guard()).expect("opens");
        let second = open(&state, request(Some("x"), Some("run/17")), &guard()).expect("opens");
        assert!(first.created && !second.created);
        assert_eq!(first.launch, second.launch);
        assert!(
            first.launch.id.starts_with("run-17-"),
            "{}",
            first.launch.id
        );
        assert_eq!(state.ids().expect("lists"), [first.launch.id]);
    }

    #[test]
    fn a_found_launch_takes_up_what_is_asked_of_it_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(folder.path(), "", "SHOP");
        let ask = |expect: &[&str], plan: Option<&str>| {
            let request = OpenRequest {
                expect: expect.iter().map(|job| (*job).to_owned()).collect(),
                plan: plan.map(str::to_owned),
                ..request(None, Some("7"))
            };
            let opened = open(&state, request, &guard()).expect("opens");
            let unmet = opened.wanted.map(|wanted| unmet(&wanted, &opened.launch));
            (opened.launch.expect, opened.launch.plan, unmet)
        };
        let jobs = |jobs: &[&str]| jobs.iter().map(|job| (*job).to_owned()).collect::<Vec<_>>();
        let plan = |plan: &str| Some(plan.to_owned());
        assert_eq!(ask(&[], None), (jobs(&[]), None, None));
        assert_eq!(
            ask(&["a", "b"], None),
            (jobs(&["a", "b"]), None, Some(vec![]))
        );
        assert_eq!(ask(&["b", "c"], Some("x")).0, jobs(&["a", "b", "c"]));
        let other = (jobs(&["a", "b", "c"]), plan("x"), Some(vec!["--plan"]));
        assert_eq!(ask(&[], Some("y")), other);
        let id = &state.ids().expect("lists")[0];
        state.set_shared(id, "origin").expect("is noted");
        let shared = (other.0, other.1, Some(vec!["--expect"]));
        assert_eq!(ask(&["d"], Some("x")), shared);
    }

    #[test]
    fn what_is_older_than_the_launch_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(folder.path(), "", "SHOP");
        let time = |text| Timestamp::parse(text).expect("a time");
        let (at, until) = (time("2025-03-01T02:00:00Z"), time("2025-03-01T03:00:00Z"));
        let request = OpenRequest {
            backfill: Some((at, Some(until))),
            ..request(Some("Nightly"), None)
        };
        let now = request.now;
        let opened = open(&state, request, &guard()).expect("opens").launch;
        assert!(opened.id.starts_with("2025-03-01-0200-nightly-"));
        assert_eq!(opened.opened.at, at);
        assert_eq!(opened.opened.really(), now);
        let read = state.read(&opened.id).expect("reads").expect("is there");
        let until = Some(until);
        assert_eq!(read.opened.backfilled, Some(Backfilled { at: now, until }));
    }

    #[test]
    fn the_same_name_twice_is_two_launches() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(folder.path(), "sub/dir", "SHOP");
        let first = open(&state, request(Some("Nightly 1843"), None), &guard()).expect("opens");
        let second = open(&state, request(Some("Nightly 1843"), None), &guard()).expect("opens");
        assert!(first.launch.id.starts_with("2026-11-22-1843-nightly-1843-"));
        assert_ne!(first.launch.id, second.launch.id);
        assert!(is_launch_id(&first.launch.id));
    }

    #[test]
    fn empty_and_endless_names_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(folder.path(), "", "SHOP");
        assert!(matches!(
            open(&state, request(Some(" "), None), &guard()),
            Err(OpenError::Empty("name"))
        ));
        let long = "x".repeat(201);
        assert!(matches!(
            open(&state, request(Some(&long), None), &guard()),
            Err(OpenError::TooLong { .. })
        ));
    }
}
