//! Members, saved queries, dashboards, defects, mutes and gates: files that have nothing but an id.

use super::change::{Effect, Noun};
use super::dashboards;
use super::documents::{self, Describe};
use super::gates::{self, GateKeys};
use super::kind::Kind;
use super::project::Both;
use super::report::Review;
use super::scenario::{self, Body};
use super::triage;
use super::unread::Unread;
use super::words::quote;
use crate::model::{Dashboard, Defect, Gate, Member, Mute, SavedQuery};

/// Adds what changed in all of them.
pub(super) fn all(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let (old, new) = (both.before, both.after);
    gate_files(both, unread, out);
    let members = Describe {
        noun: Noun::Member,
        project: both.name,
        id: |member: &Member| &member.id,
        title: |member| &member.name,
        keys: &documents::MEMBER_KEYS,
        added: &documents::member_added,
        removed: &documents::member_removed,
        changed: &documents::member_changed,
    };
    members.by_id(&old.members, &new.members, unread, out);
    let queries = Describe {
        noun: Noun::Query,
        project: both.name,
        id: |query: &SavedQuery| &query.id,
        title: |query| &query.name,
        keys: &documents::QUERY_KEYS,
        added: &|notes, doc| {
            let sentence = format!(
                "is new: {} with {}",
                doc.value.of.as_str(),
                quote(&doc.value.query)
            );
            notes.say(Kind::QueryAdded, Effect::Changes, sentence);
        },
        removed: &|notes, doc| {
            let sentence = format!(
                "is gone: {} with {}",
                doc.value.of.as_str(),
                quote(&doc.value.query)
            );
            notes.say(Kind::QueryRemoved, Effect::Changes, sentence);
        },
        changed: &documents::query_changed,
    };
    queries.by_id(&old.queries, &new.queries, unread, out);
    let boards = Describe {
        noun: Noun::Dashboard,
        project: both.name,
        id: |dashboard: &Dashboard| &dashboard.id,
        title: |dashboard| &dashboard.name,
        keys: &dashboards::KEYS,
        added: &|notes, doc| dashboards::added(notes, &doc.value),
        removed: &|notes, doc| dashboards::removed(notes, &doc.value),
        changed: &dashboards::changed,
    };
    boards.by_id(&old.dashboards, &new.dashboards, unread, out);
    let defects = Describe {
        noun: Noun::Defect,
        project: both.name,
        id: |defect: &Defect| &defect.id,
        title: |defect| &defect.title,
        keys: &triage::DEFECT_KEYS,
        added: &|notes, doc| triage::defect_added(notes, &doc.value),
        removed: &|notes, doc| triage::defect_removed(notes, &doc.value),
        changed: &|notes, before, after| {
            triage::defect(notes, before, after);
            let (one, other) = (
                Body::of(before, &before.value.description),
                Body::of(after, &after.value.description),
            );
            scenario::texts(notes, &one, &other);
            scenario::steps(notes, &one, &other, &|_| false);
        },
    };
    defects.by_id(&old.defects, &new.defects, unread, out);
    let mutes = Describe {
        noun: Noun::Mute,
        project: both.name,
        id: |mute: &Mute| &mute.id,
        title: |mute| &mute.reason,
        keys: &triage::MUTE_KEYS,
        added: &|notes, doc| triage::mute_added(notes, &doc.value),
        removed: &|notes, doc| triage::mute_removed(notes, &doc.value),
        changed: &triage::mute,
    };
    mutes.by_id(&old.mutes, &new.mutes, unread, out);
}

fn gate_files(both: &Both<'_>, unread: &Unread<'_>, out: &mut Review) {
    let describe = Describe {
        noun: Noun::Gate,
        project: both.name,
        id: |gate: &Gate| &gate.id,
        title: |gate| &gate.name,
        keys: &gates::KEYS,
        added: &|notes, doc| gates::whole(notes, &doc.value, true),
        removed: &|notes, doc| gates::whole(notes, &doc.value, false),
        changed: &|notes, before, after| {
            gates::compare(
                notes,
                &before.value,
                &after.value,
                &GateKeys {
                    before,
                    after,
                    at: &[],
                },
            );
            documents::described(
                notes,
                after,
                &before.value.description,
                &after.value.description,
            );
        },
    };
    describe.by_id(&both.before.gates, &both.after.gates, unread, out);
}
