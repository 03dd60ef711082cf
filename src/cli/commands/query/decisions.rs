//! Defects and mutes that fit.

use serde_json::json;

use super::gather::{Asked, columns, header};
use super::show::Answer;
use crate::analysis::subjects::{DefectSubject, MuteSubject, Of};
use crate::model::Link;

pub(super) fn defects(asked: &Asked<'_>) -> Answer {
    let docs = &asked.reader.project.defects;
    let subjects: Vec<DefectSubject<'_>> = docs
        .iter()
        .map(|doc| DefectSubject {
            defect: &doc.value,
            path: &doc.path,
            text: doc.body(),
        })
        .collect();
    let mut answer = Answer {
        header: header(&["id", "title", "status", "owner", "links"], &[]),
        columns: columns(
            &[
                "id", "title", "status", "owner", "links", "matchers", "path",
            ],
            &[],
        ),
        among: subjects.len() as u64,
        ..Answer::default()
    };
    let fitting = asked.bound.select(&subjects);
    answer.fitting = fitting.len() as u64;
    answer.strangers = asked.bound.strangers(&subjects, Of::Defects.as_str());
    for subject in fitting {
        let defect = subject.defect;
        answer.rows.push(vec![
            defect.id.clone(),
            defect.title.clone(),
            defect.status.as_str().to_owned(),
            defect.owner.clone().unwrap_or_default(),
            link_names(&defect.links),
        ]);
        answer.json.push(json!({
            "id": defect.id, "title": defect.title, "status": defect.status.as_str(),
            "owner": defect.owner, "links": defect.links, "matchers": defect.matchers.len(),
            "path": subject.path,
        }));
    }
    answer
}

fn link_names(links: &[Link]) -> String {
    let names = links.iter().filter_map(Link::called);
    names.collect::<Vec<_>>().join(", ")
}

pub(super) fn mutes(asked: &Asked<'_>) -> Answer {
    let reader = asked.reader;
    let subjects: Vec<MuteSubject<'_>> = reader
        .project
        .mutes
        .iter()
        .map(|doc| MuteSubject {
            mute: &doc.value,
            path: &doc.path,
            now: reader.now,
        })
        .collect();
    let mut answer = Answer {
        header: header(
            &["id", "reason", "owner", "until", "expired", "covers"],
            &[],
        ),
        columns: columns(
            &[
                "id", "reason", "owner", "until", "expired", "cases", "selector", "links", "path",
            ],
            &[],
        ),
        among: subjects.len() as u64,
        ..Answer::default()
    };
    let fitting = asked.bound.select(&subjects);
    answer.fitting = fitting.len() as u64;
    answer.strangers = asked.bound.strangers(&subjects, Of::Mutes.as_str());
    for subject in fitting {
        let mute = subject.mute;
        let until = mute.until.map(|day| day.to_string());
        let expired = mute.until.is_none_or(|day| day.end() < reader.now);
        let covers: Vec<&str> = mute
            .cases
            .iter()
            .chain(&mute.selector)
            .map(String::as_str)
            .collect();
        answer.rows.push(vec![
            mute.id.clone(),
            mute.reason.clone(),
            mute.owner.clone(),
            until.clone().unwrap_or_default(),
            if expired { "expired" } else { "" }.to_owned(),
            covers.join(", "),
        ]);
        answer.json.push(json!({
            "id": mute.id, "reason": mute.reason, "owner": mute.owner, "until": until,
            "expired": expired, "cases": mute.cases, "selector": mute.selector, "links": mute.links,
            "path": subject.path,
        }));
    }
    answer
}
