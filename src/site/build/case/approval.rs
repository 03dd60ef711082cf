//! The line that says how a case stands with its reviewers.

use crate::analysis::approval::{Changed, Holds, Judged, Standing, State, email};
use crate::base::text::count;
use crate::site::build::project::Context;
use crate::site::view::{ApprovalNote, ReviewNote};
use crate::site::words;

/// Returns what a page says of a case's approvals; nothing where its project has none.
pub(super) fn note(context: &Context<'_>, standing: Option<&Standing<'_>>) -> Option<ApprovalNote> {
    let standing = standing?;
    let (tone, lead) = match standing.state {
        State::Approved => ("passed", "Approved"),
        State::Suspect => ("broken", "Approval suspect"),
        State::Outdated => ("broken", "Approval outdated"),
        State::None => ("absent", "Not approved"),
    };
    let shown = |one: &&Judged<'_>| match standing.state {
        State::Outdated => true,
        // What was said of another text is of no interest where enough was said of this one.
        _ => one.holds != Holds::Outdated,
    };
    let reviews = standing.approvals.iter().filter(shown);
    Some(ApprovalNote {
        tone,
        lead: lead.to_owned(),
        text: text(standing),
        by: match standing.state {
            State::Approved => "by",
            _ => "Approved by",
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
            format!("{} since.", words::sentence(&changed.join(", ")))
        }
        State::Outdated => "The case changed since.".to_owned(),
        State::None => {
            let valid = |one: &&Judged<'_>| one.counts && one.holds != Holds::Outdated;
            match (
                standing.approvals.iter().filter(valid).count(),
                standing.required,
            ) {
                (0, 1) => String::new(),
                (n, required) => format!("{n} of {}.", count(required, "approval")),
            }
        }
    }
}

fn words_of(changed: &Changed) -> String {
    let what = match changed.gone {
        true => "is gone",
        false => "changed",
    };
    format!(
        "{} {} {what}",
        changed.kind.as_str(),
        words::line(&changed.id)
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
