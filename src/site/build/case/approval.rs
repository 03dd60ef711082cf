//! The line that says how a case stands with its reviewers.

use crate::analysis::approval::{Changed, Holds, Judged, Standing, State, email};
use crate::site::build::context::Context;
use crate::site::texts::{counted, say};
use crate::site::view::case::{ApprovalNote, ReviewNote};
use crate::site::words;

/// Returns what a page says of a case's approvals; nothing where its project has none.
pub(super) fn note(context: &Context<'_>, standing: Option<&Standing<'_>>) -> Option<ApprovalNote> {
    let standing = standing?;
    let (tone, lead) = match standing.state {
        State::Approved => ("passed", "case.approved"),
        State::Suspect => ("broken", "case.approval-suspect"),
        State::Outdated => ("broken", "case.approval-outdated"),
        State::None => ("absent", "case.not-approved"),
    };
    let shown = |one: &&Judged<'_>| match standing.state {
        State::Outdated => true,
        // What was said of another text is of no interest where enough was said of this one.
        _ => one.holds != Holds::Outdated,
    };
    let reviews = standing.approvals.iter().filter(shown);
    Some(ApprovalNote {
        tone,
        lead: say!(lead),
        text: text(standing),
        by: match standing.state {
            State::Approved => say!("case.by"),
            _ => say!("case.approved-by"),
        },
        reviews: reviews.map(|one| review(context, one)).collect(),
    })
}

fn text(standing: &Standing<'_>) -> String {
    match standing.state {
        State::Approved => String::new(),
        State::Suspect => {
            let changed = standing.changed();
            let changed: Vec<String> = changed.into_iter().map(words_of).collect();
            words::sentence(&say!(
                "case.since",
                changes = changed.join(&say!("list.comma"))
            ))
        }
        State::Outdated => say!("case.the-case-changed-since"),
        State::None => {
            let valid = |one: &&Judged<'_>| one.counts && one.holds != Holds::Outdated;
            match (
                standing.approvals.iter().filter(valid).count(),
                standing.required,
            ) {
                (0, 1) => String::new(),
                (n, required) => say!(
                    "case.so-many-approvals",
                    part = n,
                    approvals = counted(required, "approval")
                ),
            }
        }
    }
}

fn words_of(changed: &Changed) -> String {
    let key = match changed.gone {
        true => "case.reference-gone",
        false => "case.reference-changed",
    };
    say!(
        key,
        kind = changed.kind.as_str(),
        id = words::line(&changed.id)
    )
}

fn review(context: &Context<'_>, judged: &Judged<'_>) -> ReviewNote {
    let approval = judged.approval;
    let member = context.project.members.get(judged.reviewer);
    let name = member
        .copied()
        .unwrap_or_else(|| match email(judged.reviewer) {
            // Addresses stay in the repository.
            Some(_) => judged
                .reviewer
                .rsplit_once('<')
                .map_or("", |(name, _)| name.trim()),
            None => judged.reviewer,
        });
    let said = [&approval.meaning, &approval.note].into_iter().flatten();
    let said: Vec<String> = said.map(|text| words::line(text)).collect();
    ReviewNote {
        name: words::line(name),
        when: words::when(approval.at),
        said: said.join("; "),
        own: approval.own,
    }
}
