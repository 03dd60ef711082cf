//! Files of one kind on both sides, made into items.

use super::change::{Effect, Item, Notes, Noun, State, Subject};
use super::kind::Kind;
use super::pair::{Pairs, by_id};
use super::report::{Input, Review};
use super::settings::{self, Differing};
use super::unread::Unread;
use super::words::{self, arrow};
use crate::analysis::meaning::is_same;
use crate::base::text::list;
use crate::model::{Member, SavedQuery, WorkspaceFile};
use crate::store::{Doc, Key, Loaded, WORKSPACE_FILE};

/// Says what changed between two files.
type Changed<'d, T> = dyn Fn(&mut Notes<'_>, &Doc<T>, &Doc<T>) + 'd;

/// What makes items of one kind of file.
pub(super) struct Describe<'d, T> {
    pub(super) noun: Noun,
    pub(super) project: &'d str,
    pub(super) id: fn(&T) -> &str,
    pub(super) title: fn(&T) -> &str,
    /// Keys that `changed` looks at; all others are compared as they stand.
    pub(super) keys: &'d [&'d str],
    pub(super) added: &'d dyn Fn(&mut Notes<'_>, &Doc<T>),
    pub(super) removed: &'d dyn Fn(&mut Notes<'_>, &Doc<T>),
    pub(super) changed: &'d Changed<'d, T>,
}

impl<T> Describe<'_, T> {
    pub(super) fn subject(&self, doc: &Doc<T>) -> Subject {
        let id = (self.id)(&doc.value);
        Subject {
            project: self.project.to_owned(),
            noun: self.noun,
            id: if id.is_empty() {
                doc.path.clone()
            } else {
                id.to_owned()
            },
            title: (self.title)(&doc.value).to_owned(),
        }
    }

    /// Adds what changed in files that have nothing but an id.
    pub(super) fn by_id(
        &self,
        before: &[Doc<T>],
        after: &[Doc<T>],
        unread: &Unread<'_>,
        out: &mut Review,
    ) {
        let pairs = by_id(before, after, self.id);
        self.items(&unread.without(pairs), out);
    }

    /// Adds an item for each file that differs, or its path to those that differ in wording alone.
    pub(super) fn items(&self, pairs: &Pairs<'_, T>, out: &mut Review) {
        for doc in &pairs.come {
            let mut notes = Notes::new(None, Some((&doc.path, &doc.text)));
            (self.added)(&mut notes, doc);
            out.items.push(item(
                self.subject(doc),
                State::Added,
                &doc.path,
                None,
                notes,
            ));
        }
        for doc in &pairs.gone {
            let mut notes = Notes::new(Some((&doc.path, &doc.text)), None);
            (self.removed)(&mut notes, doc);
            out.items.push(item(
                self.subject(doc),
                State::Removed,
                &doc.path,
                None,
                notes,
            ));
        }
        for (before, after) in &pairs.both {
            if before.path == after.path && before.text == after.text {
                continue;
            }
            let mut notes = both(before, after);
            (self.changed)(&mut notes, before, after);
            others(&mut notes, before, after, self.keys, &|_| {
                (Kind::Other, Effect::Changes)
            });
            let was = (before.path != after.path).then_some(before.path.as_str());
            if notes.is_empty() {
                out.editorial.push(after.path.clone());
            } else {
                out.items.push(item(
                    self.subject(after),
                    State::Changed,
                    &after.path,
                    was,
                    notes,
                ));
            }
        }
    }
}

pub(super) fn both<'a, T>(before: &'a Doc<T>, after: &'a Doc<T>) -> Notes<'a> {
    Notes::new(
        Some((&before.path, &before.text)),
        Some((&after.path, &after.text)),
    )
}

pub(super) fn item(
    subject: Subject,
    state: State,
    path: &str,
    was: Option<&str>,
    notes: Notes<'_>,
) -> Item {
    Item {
        subject,
        state,
        path: path.to_owned(),
        was: was.map(str::to_owned),
        changes: notes.finish(),
        included_by: Vec::new(),
    }
}

/// Says what differs below keys that have no sentence of their own. `weigh` says of which kind it is.
pub(super) fn others<T>(
    notes: &mut Notes<'_>,
    before: &Doc<T>,
    after: &Doc<T>,
    known: &[&str],
    weigh: &dyn Fn(&Differing) -> (Kind, Effect),
) {
    if before.yaml_text() == after.yaml_text() {
        return;
    }
    let Some(all) = settings::differing(before.yaml_text(), after.yaml_text()) else {
        return;
    };
    for one in all {
        if one
            .keys
            .first()
            .is_some_and(|key| known.contains(&key.as_str()))
        {
            continue;
        }
        let (kind, effect) = weigh(&one);
        let keys: Vec<Key<'_>> = one.keys.iter().map(|key| Key::from(key.as_str())).collect();
        let (then, now) = (before.nearest_span(&keys), after.nearest_span(&keys));
        notes
            .say(kind, effect, format!("`{}` {}", one.path(), one.what))
            .then(then)
            .now(now);
    }
}

/// Says what changed in `tallybook.yaml`.
pub(super) fn workspace(input: &Input<'_>, out: &mut Review) {
    let (before, after) = (
        &input.before.workspace.settings,
        &input.after.workspace.settings,
    );
    let is_there = |loaded: &Loaded| {
        let mut entries = loaded.workspace.entries.iter();
        entries.any(|entry| entry.path == WORKSPACE_FILE)
    };
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (Some(before), None) if !is_there(input.after) => {
            let notes = Notes::new(Some((before.path.as_str(), &before.text)), None);
            let what = "is gone, and without it this is no workspace";
            return one_sided(before, notes, (State::Removed, what), out);
        }
        (None, Some(after)) if !is_there(input.before) => {
            let notes = Notes::new(None, Some((after.path.as_str(), &after.text)));
            let what = "is new, and makes this a workspace";
            return one_sided(after, notes, (State::Added, what), out);
        }
        // That it can't be read is said of the file.
        _ => return,
    };
    if before.text == after.text {
        return;
    }
    let mut notes = both(before, after);
    others(&mut notes, before, after, &[], &|one| {
        let effect = match one.keys.first().map(String::as_str) {
            Some("launches" | "attachments" | "redaction" | "format") => Effect::Rules,
            _ => Effect::Changes,
        };
        (Kind::Settings, effect)
    });
    if notes.is_empty() {
        out.editorial.push(after.path.clone());
        return;
    }
    let subject = workspace_subject(after);
    out.items
        .push(item(subject, State::Changed, &after.path, None, notes));
}

/// Says that only one side has the workspace's settings.
fn one_sided(
    doc: &Doc<WorkspaceFile>,
    mut notes: Notes<'_>,
    (state, what): (State, &str),
    out: &mut Review,
) {
    notes.say(Kind::Settings, Effect::Rules, what);
    out.items
        .push(item(workspace_subject(doc), state, &doc.path, None, notes));
}

fn workspace_subject(doc: &Doc<WorkspaceFile>) -> Subject {
    Subject {
        project: String::new(),
        noun: Noun::Workspace,
        id: doc.path.clone(),
        title: doc.value.title.clone(),
    }
}

pub(super) const QUERY_KEYS: [&str; 4] = ["name", "description", "of", "query"];

pub(super) fn query_changed(
    notes: &mut Notes<'_>,
    before: &Doc<SavedQuery>,
    after: &Doc<SavedQuery>,
) {
    let (was, is) = (&before.value, &after.value);
    let mut say = |kind, key: &str, sentence: String| {
        let said = notes.say(kind, Effect::Changes, sentence);
        said.at_key(before, after, key);
    };
    if was.of != is.of {
        say(
            Kind::QueryChanged,
            "of",
            format!(
                "asks for {} now, and asked for {}",
                is.of.as_str(),
                was.of.as_str()
            ),
        );
    }
    if was.query.split_whitespace().ne(is.query.split_whitespace()) {
        say(
            Kind::QueryChanged,
            "query",
            format!("asks for something else: {}", arrow(&was.query, &is.query)),
        );
    }
    if was.name != is.name {
        say(
            Kind::Title,
            "name",
            format!("has another name: {}", arrow(&was.name, &is.name)),
        );
    }
    described(notes, after, &was.description, &is.description);
}

/// Says that a description differs.
pub(super) fn described<T>(
    notes: &mut Notes<'_>,
    after: &Doc<T>,
    was: &Option<String>,
    is: &Option<String>,
) {
    let (was, is) = (
        was.as_deref().unwrap_or_default(),
        is.as_deref().unwrap_or_default(),
    );
    if is_same(was, is) {
        return;
    }
    let now = after.key_span(&[Key::from("description")]);
    let sentence = words::described(was, is);
    notes
        .say(Kind::Text, Effect::Changes, sentence)
        .now(now)
        .texts(Some(was), Some(is));
}

pub(super) const MEMBER_KEYS: [&str; 4] = ["name", "emails", "role", "keys"];

pub(super) fn member_changed(notes: &mut Notes<'_>, before: &Doc<Member>, after: &Doc<Member>) {
    let (was, is) = (&before.value, &after.value);
    let mut say = |kind, effect, key: &str, sentence: String| {
        notes.say(kind, effect, sentence).at_key(before, after, key);
    };
    if was.role != is.role {
        let what = if is.role.covers(was.role) {
            "may do more"
        } else {
            "may do less"
        };
        say(
            Kind::Role,
            Effect::Rules,
            "role",
            format!("{what}: {} → {}", was.role.as_str(), is.role.as_str()),
        );
    }
    let (gone, come) = super::front::differing(&was.emails, &is.emails);
    if let Some(what) = super::front::both("address", &gone, &come) {
        say(
            Kind::Keys,
            Effect::Rules,
            "emails",
            what.replace("addresss", "addresses"),
        );
    }
    let (gone, come) = super::front::differing(&was.keys, &is.keys);
    let keys = |n: usize| {
        if n == 1 {
            "a signing key".to_owned()
        } else {
            format!("{n} signing keys")
        }
    };
    match (gone.len(), come.len()) {
        (0, 0) => {}
        (0, n) => say(
            Kind::Keys,
            Effect::Rules,
            "keys",
            format!("has {} more", keys(n)),
        ),
        (n, 0) => say(
            Kind::Keys,
            Effect::Rules,
            "keys",
            format!("no longer has {}", keys(n)),
        ),
        (_, n) => say(
            Kind::Keys,
            Effect::Rules,
            "keys",
            format!("has {} in place of others", keys(n)),
        ),
    }
    if was.name != is.name {
        say(
            Kind::Title,
            Effect::Changes,
            "name",
            format!("has another name: {}", arrow(&was.name, &is.name)),
        );
    }
}

pub(super) fn member_added(notes: &mut Notes<'_>, doc: &Doc<Member>) {
    let member = &doc.value;
    let sentence = format!(
        "takes part as {}, with {}",
        member.role.as_str(),
        list(&member.emails, "and")
    );
    notes.say(Kind::MemberAdded, Effect::Rules, sentence);
}

pub(super) fn member_removed(notes: &mut Notes<'_>, doc: &Doc<Member>) {
    let sentence = format!("no longer takes part, and was {}", doc.value.role.as_str());
    notes.say(Kind::MemberRemoved, Effect::Rules, sentence);
}
