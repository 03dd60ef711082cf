//! `launch open`: an id, and a folder that appends go into.

use super::append::{Guard, Leak};
use super::part::{OpenState, StateError};
use crate::base::hash::digest_fields;
use crate::base::{Timestamp, text};
use crate::model::{Environment, Link, OpenLaunch, Opened as OpenedBy, Source, is_launch_id};
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
    /// `Name <email>`.
    pub by: Option<String>,
    /// Makes ids without a key differ.
    pub random: u64,
    /// Nobody typed the name: it is cut where it is too long, after patterns were taken out of it.
    pub cut: bool,
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

/// Creates a launch, or returns the one that has this key. Patterns are taken out of all that is said
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
        name.unwrap_or_else(|| format!("Launch of {}", request.now.format("%Y-%m-%d %H:%M")));
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
                at: request.now,
                by: request.by.clone(),
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
            && let Some(found) = state.read(&launch.id)?
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
            let time = request.now.format("%Y-%m-%d-%H%M");
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
