//! A defect's page: how it stands, where it was seen, what it matches.

use super::{Known, LAUNCHES, NAMED, Seen, failures};
use crate::model::{Defect, Matcher};
use crate::site::build::context::Context;
use crate::site::build::results_of;
use crate::site::build::sheet::{file_link, frame, member, result_link, verdict};
use crate::site::build::standing::Standing;
use crate::site::pages::Writer;
use crate::site::texts::{counted, say, thousands};
use crate::site::view::sheet::{Cell, Sheet, SheetPart, SheetsPage};
use crate::site::view::{Fact, Link, Verdict};
use crate::site::{SiteError, markdown, words};

pub(super) fn page(
    context: &Context<'_>,
    standing: &Standing<'_>,
    one: &Known<'_>,
    (previous, next): (Option<Link>, Option<Link>),
    writer: &mut Writer<'_>,
) -> Result<(), SiteError> {
    let defect = &one.doc.value;
    let path = format!("{}/defects/{}.html", context.folder, one.page);
    let looked = context.project.launches.len().min(LAUNCHES);
    let by_launch = SheetPart::new(say!("sheet.results-by-launch"), by_launch(context, one))
        .lead(&say!(
            "defects.what-it-explained",
            launches = counted(looked as u64, "closed launch")
        ))
        .or(&match looked {
            0 => context.unseen().sentence("defects.no-launch-is-closed"),
            _ => say!("defects.explained-nothing"),
        });
    let mut matchers = SheetPart::new(say!("sheet.matchers"), matchers(defect))
        .lead(&say!("defects.any-one-is-enough-all-conditions"))
        .or(&say!("defects.it-has-no-matchers-so-that"));
    // A matcher has a row for each of its conditions.
    if !defect.matchers.is_empty() {
        matchers.count = thousands(defect.matchers.len() as u64);
    }
    let view = SheetsPage {
        frame: frame(
            context,
            writer,
            (&path, "defects"),
            Some(("defects.html", &defect.id)),
        ),
        kind: "defect",
        id: words::line(&defect.id),
        title: words::line(&defect.title),
        verdict: standing_of(context, standing.last(), one),
        facts: facts(context, one),
        prose_html: markdown::to_html(one.doc.body()),
        parts: vec![by_launch, matchers],
        previous,
        next,
        path: one.doc.path.clone(),
        ..SheetsPage::default()
    };
    writer.page(&path, "sheets.html", &view)
}

fn standing_of(context: &Context<'_>, last: Option<usize>, one: &Known<'_>) -> Verdict {
    let (tone, state) = one.state(last);
    let lead = say!(&format!("defects.lead-{state}"));
    let text = match (last, one.now(last)) {
        (None, _) => context.unseen().part("defects.no-launch-is-closed-yet"),
        (Some(launch), 0) => say!(
            "defects.explains-nothing-in",
            launch = words::line(&context.project.launches[launch].file.name)
        ),
        (Some(launch), n) => say!(
            "defects.explains",
            n = n,
            failures = counted(failures(context, launch).max(n), "failure"),
            launch = words::line(&context.project.launches[launch].file.name)
        ),
    };
    verdict(tone, lead, text, String::new())
}

fn facts(context: &Context<'_>, one: &Known<'_>) -> Vec<Fact> {
    let defect = &one.doc.value;
    let fact = |label: &str, value: String| Fact {
        label: label.to_owned(),
        value,
        ..Fact::default()
    };
    let launch = |label: &str, seen: Option<&Seen>| {
        let seen = seen?;
        let file = context.project.launches[seen.launch].file;
        let day = words::when(file.opened.at).day;
        Some(Fact {
            href: Some(context.launch_href(seen.launch, "../")),
            ..fact(
                label,
                say!("title.on-day", name = words::line(&file.name), day = day),
            )
        })
    };
    let mut out = vec![fact(
        &say!("fact.owner"),
        member(context, defect.owner.as_deref()).text,
    )];
    for link in &defect.links {
        let link = file_link(context, link);
        out.push(Fact {
            href: link.href,
            ..fact(
                &words::sentence(match link.kind.as_str() {
                    "" => "link",
                    kind => kind,
                }),
                link.text,
            )
        });
    }
    out.extend(launch(&say!("fact.seen-since"), one.seen.last()));
    out.extend(launch(&say!("fact.last-seen"), one.seen.first()));
    if !one.seen.is_empty() {
        let launches = counted(one.seen.len() as u64, "launch");
        let results = counted(one.results(), "result");
        out.push(fact(
            &say!("fact.explained"),
            say!(
                "defects.explained-in",
                results = results,
                launches = launches
            ),
        ));
    }
    out.retain(|fact| !fact.value.is_empty());
    out
}

fn by_launch(context: &Context<'_>, one: &Known<'_>) -> Sheet {
    let mut table = Sheet::new(
        say!("sheet.results-by-launch"),
        &[
            ("column.launch", "name"),
            ("column.opened", "mid"),
            ("column.results", "num"),
            ("column.which", "wide"),
        ],
    );
    for seen in &one.seen {
        let launch = &context.project.launches[seen.launch];
        let href = results_of(context, seen.launch, "defect", &one.doc.value.id, "../");
        let worst = seen.outcomes.iter().map(|at| launch.outcomes[*at].status);
        let worst = crate::model::Status::worst(worst).unwrap_or_default();
        let mut name = Cell::row(&launch.file.name, Some(href)).marked(worst.as_str());
        if seen.recurs {
            name.flags.push("recurs");
            name = name.note(say!("defects.it-was-closed-when-this-launch"));
        }
        let mut which = Cell::default();
        for at in seen.outcomes.iter().take(NAMED) {
            let outcome = &launch.outcomes[*at];
            let test = launch.tests.get(&outcome.test);
            let name = test.map_or(outcome.test.as_str(), |test| test.name.as_str());
            let name = match launch.environments.get(outcome.env as usize) {
                Some(environment) if launch.environments.len() > 1 && !environment.is_empty() => {
                    format!("{name} · {}", words::variables(environment))
                }
                _ => name.to_owned(),
            };
            let place = (seen.launch, outcome.id.as_str());
            which
                .links
                .push(result_link(context, place, outcome.status, &name, "../"));
        }
        let more = seen.outcomes.len().saturating_sub(NAMED);
        if more > 0 {
            which = which.note(say!("defects.and-others", n = more));
        }
        table.row([
            name,
            Cell::when(launch.file.opened.at),
            Cell::text(thousands(seen.outcomes.len() as u64)),
            which,
        ]);
    }
    table
}

fn matchers(defect: &Defect) -> Sheet {
    let mut table = Sheet::new(
        say!("sheet.matchers"),
        &[
            ("column.matcher", ""),
            ("column.of", ""),
            ("column.fits", "mono"),
        ],
    );
    for (number, matcher) in defect.matchers.iter().enumerate() {
        for (at, (of, pattern)) in conditions(matcher).into_iter().enumerate() {
            let first = match at {
                0 => (number + 1).to_string(),
                _ => String::new(),
            };
            table.row([Cell::text(first), Cell::text(of), Cell::text(pattern)]);
        }
    }
    table
}

fn conditions(matcher: &Matcher) -> Vec<(String, String)> {
    let texts = [
        ("defects.matcher-message", &matcher.message),
        ("defects.matcher-trace", &matcher.trace),
        ("defects.matcher-full-name", &matcher.full_name),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(of, text)| Some((say!(of), text.clone()?)));
    let mut out: Vec<(String, String)> = texts.collect();
    if !matcher.status.is_empty() {
        let all: Vec<String> = matcher
            .status
            .iter()
            .map(|one| words::label(*one))
            .collect();
        out.push((say!("defects.matcher-status"), all.join(", ")));
    }
    for (name, value) in matcher.environment.iter() {
        out.push((
            say!("defects.matcher-environment", name = name),
            value.clone(),
        ));
    }
    for (name, values) in matcher.labels.iter() {
        out.push((
            say!("defects.matcher-label", name = name),
            values.join(", "),
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    #[test]
    fn all_conditions_of_a_matcher_are_shown() {
        let matcher = Matcher {
            message: Some("a.*b".into()),
            status: vec![Status::Failed, Status::Broken],
            environment: [("browser".to_owned(), "firefox".to_owned())]
                .into_iter()
                .collect(),
            ..Matcher::default()
        };
        let defect = Defect {
            matchers: vec![matcher, Matcher::default()],
            ..Defect::default()
        };
        let table = matchers(&defect);
        let texts: Vec<Vec<&str>> = { table.rows.iter() }
            .map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect())
            .collect();
        assert_eq!(
            texts,
            [
                vec!["1", "message", "a.*b"],
                vec!["", "status", "failed, broken"],
                vec!["", "environment browser", "firefox"],
            ]
        );
    }
}
