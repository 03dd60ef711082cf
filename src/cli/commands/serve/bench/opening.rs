//! Launches opened in the workbench, from a plan.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bench, Done, refused};
use crate::base::text::sanitize_line;
use crate::cli::commands::launch::remote;
use crate::cli::place::{self, Place};

/// What a launch is opened with.
#[derive(Debug, Deserialize)]
pub(super) struct Start {
    project: String,
    plan: String,
    #[serde(default)]
    name: String,
    /// A variable a line, as `browser=chrome,firefox`.
    #[serde(default)]
    environment: String,
    /// Who gets the results in turn.
    #[serde(default)]
    people: Vec<String>,
    #[serde(default)]
    push: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct OfPlan {
    project: String,
    plan: String,
}

impl Bench {
    /// The plans that there are, with whom they could be given to.
    pub(super) fn plans(&self) -> Done {
        let place = Place::find(&self.ctx)?;
        let loaded = place::load(&place.writing_snapshot()?)?;
        let projects = loaded.workspace.projects.iter().map(|project| {
            let plans = project.plans.iter().map(|doc| {
                let plan = &doc.value;
                json!({"id": plan.id, "name": plan.name, "description": plan.description})
            });
            let people = project
                .members
                .iter()
                .map(|doc| json!({"id": doc.value.id, "name": doc.value.name}));
            json!({
                "project": project.folder,
                "name": project.name(),
                "plans": plans.collect::<Vec<_>>(),
                "people": people.collect::<Vec<_>>(),
            })
        });
        let projects: Vec<Value> = projects.collect();
        Ok(json!({"projects": projects, "has_remote": remote(&place, None).is_ok()}))
    }

    /// How many cases a plan selects today, as `plan show` says.
    pub(super) fn plan(&mut self, of: &OfPlan) -> Done {
        let project = format!("--project={}", of.project);
        let words = ["plan", "show", "--format=json", &project, "--", &of.plan];
        let said = self.command(&words)?;
        let answer = said["answer"].as_str().unwrap_or_default();
        let shown: Value = serde_json::from_str(answer).unwrap_or_default();
        Ok(
            json!({"counts": shown["counts"], "environments": shown["environments"], "told": said["told"]}),
        )
    }

    /// Opens a launch in which everything that its plan selects is planned.
    pub(super) fn start(&mut self, start: &Start) -> Done {
        let mut words = vec![
            "launch".to_owned(),
            "open".to_owned(),
            "--planned".to_owned(),
            format!("--project={}", start.project),
            format!("--plan={}", start.plan),
        ];
        let name = start.name.trim();
        words.extend((!name.is_empty()).then(|| format!("--name={name}")));
        for line in start.environment.lines().map(str::trim) {
            match line.split_once('=') {
                _ if line.is_empty() => {}
                Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                    words.push(format!("--env={}={}", name.trim(), value.trim()));
                }
                _ => {
                    let line = sanitize_line(line);
                    return Err(refused(format!(
                        "`{line}` is no variable; write one a line, as browser=chrome,firefox"
                    )));
                }
            }
        }
        if let Some(odd) = start.people.iter().find(|name| name.contains(',')) {
            let odd = sanitize_line(odd);
            return Err(refused(format!(
                "`{odd}` can't be given anything: its id has a comma"
            )));
        }
        if !start.people.is_empty() {
            words.push(format!("--assign={}", start.people.join(",")));
        }
        words.extend(start.push.then(|| "--push".to_owned()));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = self.command(&words)?;
        let id = said["answer"].as_str().unwrap_or_default().trim();
        Ok(json!({"launch": id, "ok": said["ok"], "told": said["told"]}))
    }
}
