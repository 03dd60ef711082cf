//! One case in the workbench: begun, answered, recorded.

use std::time::Duration;

use base64ct::Encoding as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{At, Bench, Done, refused};
use crate::analysis::executed::{executed_text, shared};
use crate::base::Digest;
use crate::base::text::{bytes, sanitize_line};
use crate::cli::commands::execute::addresses;
use crate::cli::commands::launch::Desk;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::ledger::manual::{
    Answer, Asked, Draft, DraftFile, Drafts, Held, Work, begin, items, record, recorded, unplanned,
    work,
};
use crate::model::Status;
use crate::serve::Refused;

/// Which execution: a planned result by its id, or a case that nobody planned.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Which {
    #[serde(flatten)]
    at: At,
    task: Option<String>,
    case: Option<String>,
    /// What the page knows of the draft.
    #[serde(default)]
    digest: Option<String>,
    /// Which draft it is, so that one that is recorded already is known.
    #[serde(default)]
    uuid: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Edit {
    #[serde(flatten)]
    which: Which,
    /// An index of the draft's steps; none for the whole.
    step: Option<usize>,
    /// Milliseconds of work since the last answer.
    #[serde(default)]
    took: u64,
    #[serde(flatten)]
    change: Change,
}

/// What somebody did.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Change {
    /// None takes an answer back.
    Answer {
        status: Option<Status>,
    },
    Comment {
        text: String,
    },
    Attach {
        name: String,
        data: String,
    },
    Detach {
        copy: String,
    },
    Link {
        url: String,
    },
    Unlink {
        url: String,
    },
    Stop,
}

impl Change {
    /// Whether it takes nothing from what others did meanwhile.
    fn adds(&self) -> bool {
        !matches!(
            self,
            Self::Answer { .. } | Self::Comment { .. } | Self::Stop
        )
    }
}

/// The longest time that one answer may have taken: a page that slept has no idea.
const TOOK_MAX: u64 = 60 * 60 * 1000;
/// Bytes that an address may have.
const LINK_MAX: usize = 2_000;
/// Characters that the name of an attached file may have.
const NAME_MAX: usize = 200;
/// Characters that a comment may have.
const COMMENT_MAX: usize = 20_000;

impl Bench {
    /// Finds what is to be executed: the id of its draft, what is asked, and how it stands.
    fn task(&mut self, which: &Which) -> Result<(String, Asked, Option<Status>), Refused> {
        let ctx = self.ctx.clone();
        let desk = self.desk(&which.at)?;
        let preview = desk.preview(&ctx)?;
        if let Some(id) = &which.task {
            let all = work(&preview);
            let found = all.iter().find(|one| one.planned.id == *id);
            let before = |one: &Work<'_>| one.planned.done.then_some(one.status);
            return found
                .map(|one| (id.clone(), one.asked(), before(one)))
                .ok_or_else(|| refused("that is no longer planned in this launch"));
        }
        let wanted = which.case.as_deref().unwrap_or_default();
        let case = desk.project()?.case(wanted);
        let case =
            case.ok_or_else(|| refused(format!("there is no case `{}`", sanitize_line(wanted))))?;
        let environment = preview.launch.environment;
        let all = items([&case.value], &[environment]).map_err(CommandError::from)?;
        let first = all.into_iter().next();
        let (id, asked) = unplanned(
            first.ok_or_else(|| refused("the case has no parameters to execute it with"))?,
        );
        Ok((id, asked, None))
    }

    pub(super) fn who(&mut self, at: &At) -> Result<String, Refused> {
        let (ctx, who) = (self.ctx.clone(), self.who.clone());
        Ok(self.desk(at)?.who(&ctx, who.as_deref())?)
    }

    /// Shows an execution as it stands; it is begun by the first answer.
    pub(super) fn open(&mut self, which: &Which) -> Done {
        // Cases and settings may be others by now.
        self.desk = None;
        let who = self.who(&which.at)?;
        let (id, asked, before) = self.task(which)?;
        let (draft, is_kept) = self.draft(which, &id, &asked, &who)?;
        self.shown(which, &draft, is_kept, before)
    }

    /// Returns the draft that there is, or one that is begun by the text that the case has now.
    fn draft(
        &mut self,
        which: &Which,
        id: &str,
        asked: &Asked,
        who: &str,
    ) -> Result<(Draft, bool), Refused> {
        let ctx = self.ctx.clone();
        let desk = self.desk(&which.at)?;
        if let Some(known) = Drafts::new(&desk.state, &desk.id)
            .read(id, who)
            .map_err(CommandError::from)?
        {
            return Ok((known, true));
        }
        let project = desk.project()?;
        let case = project.case(&asked.case);
        let case =
            case.ok_or_else(|| refused(format!("case `{}` is gone", sanitize_line(&asked.case))))?;
        // The same case begun twice before the first answer is one execution.
        let launch = (desk.id.as_str(), id);
        let begun = (ctx.now, ctx.seed() ^ ctx.now.ms().unsigned_abs());
        Ok((
            begin(project, case, launch, asked.clone(), who, begun),
            false,
        ))
    }

    /// Keeps others from an execution while it is changed. Another server holds it for a moment, a terminal for as
    /// long as somebody sits there.
    fn hold(&mut self, at: &At, id: &str, who: &str) -> Result<(Drafts, Held), Refused> {
        const TRIES: u32 = 40;
        let desk = self.desk(at)?;
        let drafts = Drafts::new(&desk.state, &desk.id);
        for _ in 0..TRIES {
            if let Some(held) = drafts.hold(id, who).map_err(CommandError::from)? {
                return Ok((drafts, held));
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Err(refused(
            "you are executing this case in a terminal; leave it there, then go on here",
        ))
    }

    /// Returns an execution as the page shows it.
    fn shown(
        &mut self,
        which: &Which,
        draft: &Draft,
        is_kept: bool,
        before: Option<Status>,
    ) -> Done {
        let desk = self.desk(&which.at)?;
        let project = desk.project()?;
        let case = project.case(&draft.case);
        let text = case.map(|case| executed_text(case, &shared(project)));
        let mut value = serde_json::to_value(draft).map_err(|error| refused(error.to_string()))?;
        if let Some(own) = value.as_object_mut() {
            own.remove("text");
        }
        Ok(json!({
            "draft": value,
            "questions": draft.questions(),
            "status": draft.status(),
            "digest": is_kept.then(|| digest(draft)),
            "before": before,
            "changed": text.as_ref() != Some(&draft.text),
            "addresses": addresses(case.map(|doc| &doc.value), draft),
        }))
    }

    /// Changes an execution: when this returns, a power cut does not take it.
    pub(super) fn edit(&mut self, edit: Edit) -> Done {
        let which = &edit.which;
        let who = self.who(&which.at)?;
        let (id, asked, before) = self.task(which)?;
        // What is read before it is held may be another one by then.
        let (drafts, _held) = self.hold(&which.at, &id, &who)?;
        let (mut draft, is_kept) = self.draft(which, &id, &asked, &who)?;
        if edit.step.is_some_and(|step| step >= draft.steps.len()) {
            return Err(refused("there is no such step"));
        }
        let took = edit.took.min(TOOK_MAX);
        let known = is_kept.then(|| digest(&draft));
        let is_current = which.digest == known;
        let adds = which.digest.is_some() && is_kept && edit.change.adds();
        let before_it = draft.clone();
        if is_current || adds || !matches!(edit.change, Change::Attach { .. }) {
            self.change(&which.at, &mut draft, edit.step, took, edit.change)?;
        }
        if !is_current && draft == before_it && is_kept {
            // Where its answer was lost on the way, a page sends a change once more: it is in already.
            return self.shown(which, &draft, is_kept, before);
        }
        if !is_current && !adds {
            let now = self.shown(which, &before_it, is_kept, before)?;
            return Err(outdated(now));
        }
        draft.worked += took;
        draft.back_at = None;
        drafts.save(&draft).map_err(CommandError::from)?;
        self.shown(which, &draft, true, before)
    }

    fn change(
        &mut self,
        at: &At,
        draft: &mut Draft,
        step: Option<usize>,
        took: u64,
        change: Change,
    ) -> Result<(), Refused> {
        let ctx = self.ctx.clone();
        let desk = self.desk(at)?;
        match change {
            Change::Answer { status } => {
                if matches!(status, Some(Status::InProgress | Status::Unknown)) {
                    return Err(refused("that is no answer"));
                }
                let answer = status.map(|status| Answer { status, took });
                match step {
                    Some(step) => draft.steps[step].answer = answer,
                    None => draft.answer = answer,
                }
            }
            Change::Comment { text } => {
                if text.chars().count() > COMMENT_MAX {
                    return Err(refused(
                        "a comment has at most 20,000 characters; attach a file instead",
                    ));
                }
                let text = clean(desk, text.trim_end())?;
                let text = (!text.trim().is_empty()).then_some(text);
                match step {
                    Some(step) => draft.steps[step].comment = text,
                    None => draft.comment = text,
                }
            }
            Change::Attach { name, data } => {
                let file = attach(desk, &ctx, &name, &data)?;
                let files = files_of(draft, step);
                if !files.contains(&file) {
                    files.push(file);
                }
            }
            Change::Detach { copy } => files_of(draft, step).retain(|file| file.copy != copy),
            Change::Link { url } => {
                let url = url.trim();
                let rest = url
                    .strip_prefix("https://")
                    .or_else(|| url.strip_prefix("http://"));
                let has_host = rest.is_some_and(|rest| {
                    rest.starts_with(|c: char| c.is_alphanumeric() || c == '[')
                });
                let is_odd = |c: char| c.is_whitespace() || c.is_control();
                if !has_host || url.contains(is_odd) || url.len() > LINK_MAX {
                    return Err(refused(
                        "a link is a web address, as https://tracker.example.com/WEB-812",
                    ));
                }
                let url = clean(desk, url)?;
                if !draft.links.contains(&url) {
                    draft.links.push(url);
                }
            }
            Change::Unlink { url } => draft.links.retain(|own| *own != url),
            Change::Stop => {
                let skipped = Answer {
                    status: Status::Skipped,
                    took: 0,
                };
                for at in draft.questions() {
                    draft.steps[at].answer.get_or_insert(skipped);
                }
                if draft.steps.is_empty() {
                    draft.answer.get_or_insert(skipped);
                }
            }
        }
        Ok(())
    }

    /// Throws an execution away, and begins it by the text that the case has now.
    pub(super) fn restart(&mut self, which: &Which) -> Done {
        self.desk = None;
        let who = self.who(&which.at)?;
        let (id, asked, before) = self.task(which)?;
        let (drafts, held) = self.hold(&which.at, &id, &who)?;
        let (draft, is_kept) = self.draft(which, &id, &asked, &who)?;
        if which.digest != is_kept.then(|| digest(&draft)) {
            let now = self.shown(which, &draft, is_kept, before)?;
            return Err(outdated(now));
        }
        if is_kept {
            drafts.remove(&draft).map_err(CommandError::from)?;
        }
        drop(held);
        let (draft, is_kept) = self.draft(which, &id, &asked, &who)?;
        self.shown(which, &draft, is_kept, before)
    }

    /// Makes what is answered a result of the launch.
    pub(super) fn record(&mut self, which: &Which) -> Done {
        let ctx = self.ctx.clone();
        let who = self.who(&which.at)?;
        let (id, asked, before) = self.task(which)?;
        let (drafts, _held) = self.hold(&which.at, &id, &who)?;
        let (mut draft, is_kept) = self.draft(which, &id, &asked, &who)?;
        if let (false, Some(uuid)) = (is_kept, &which.uuid) {
            let desk = self.desk(&which.at)?;
            let known = recorded(&desk.state, &desk.id).map_err(CommandError::from)?;
            if known.contains(uuid) {
                // It was recorded, and the answer was lost on the way.
                return Ok(
                    json!({"status": before, "absent": [], "attempt": false, "is_there": true}),
                );
            }
        }
        if !is_kept || which.digest != Some(digest(&draft)) {
            let now = self.shown(which, &draft, is_kept, before)?;
            return Err(outdated(now));
        }
        if draft.next().is_some() || (draft.questions().is_empty() && draft.answer.is_none()) {
            return Err(refused(
                "not all is answered yet; \"Skip the rest\" answers what is left",
            ));
        }
        let desk = self.desk(&which.at)?;
        let preview = desk.preview(&ctx)?;
        draft.finished = true;
        drafts.save(&draft).map_err(CommandError::from)?;
        let manual = desk.manual(&preview.launch, &ctx)?;
        let done = record(&manual, &draft.executed(&drafts)).map_err(CommandError::from)?;
        drafts.remove(&draft).map_err(CommandError::from)?;
        let known = recorded(&desk.state, &desk.id).map_err(CommandError::from)?;
        Ok(json!({
            "status": done.status,
            "absent": done.absent,
            "attempt": before.is_some(),
            "is_there": known.contains(&draft.uuid),
            "shared_on": desk.state.shared_on(&desk.id).map_err(CommandError::from)?,
        }))
    }
}

fn digest(draft: &Draft) -> String {
    let text = serde_json::to_string(draft).unwrap_or_default();
    Digest::of(text.as_bytes()).to_string()
}

fn files_of(draft: &mut Draft, step: Option<usize>) -> &mut Vec<DraftFile> {
    match step {
        Some(step) => &mut draft.steps[step].files,
        None => &mut draft.files,
    }
}

/// Returns what was typed as it may reach the disk.
fn clean(desk: &Desk, text: &str) -> Result<String, Refused> {
    desk.guard.clean(text).map_err(|shape| {
        refused(format!(
            "that looks like a secret ({shape}), and was not kept"
        ))
    })
}

/// Keeps a file that the page sent, in base 64.
fn attach(desk: &Desk, ctx: &Context, name: &str, data: &str) -> Result<DraftFile, Refused> {
    let shown = sanitize_line(name);
    let Ok(content) = base64ct::Base64::decode_vec(data) else {
        return Err(refused(format!("`{shown}` did not arrive whole")));
    };
    let preview = desk.preview(ctx)?;
    let most = desk.manual(&preview.launch, ctx)?.keep.attachment_size;
    if content.len() as u64 > most {
        let size = bytes(content.len() as u64);
        return Err(refused(format!(
            "`{shown}` has {size}, and the project keeps {} of a file",
            bytes(most)
        )));
    }
    let content = desk.guard.clean_file(content).map_err(|shape| {
        refused(format!(
            "`{shown}` has what looks like a secret ({shape}), and was not kept"
        ))
    })?;
    // The name is a label: the copy is called by its digest.
    let name = file_name(name);
    let drafts = Drafts::new(&desk.state, &desk.id);
    Ok(drafts.attach(&name, &content).map_err(CommandError::from)?)
}

/// What a file is called: no folders, nothing that a terminal would act on, and the end of a very long name, where
/// the extension is.
fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = name.trim();
    let past = name.chars().count().saturating_sub(NAME_MAX);
    match name.chars().skip(past).collect::<String>() {
        name if name.is_empty() => "file".to_owned(),
        name => name,
    }
}

fn outdated(now: Value) -> Refused {
    Refused {
        is_outdated: true,
        message:
            "this was changed elsewhere, in another tab or in a terminal; here is how it stands now"
                .to_owned(),
        hints: Vec::new(),
        now: Some(Box::new(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_name_alone() {
        for (sent, name) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a.png", "a.png"),
            ("a\n\0b\u{1b}[2J.png", "ab[2J.png"),
            ("", "file"),
            ("a/", "file"),
            (" \t ", "file"),
        ] {
            assert_eq!(file_name(sent), name, "{sent:?}");
        }
        let long = format!("{}.png", "é".repeat(100_000));
        let name = file_name(&long);
        assert!(name.ends_with("é.png") && name.chars().count() == NAME_MAX);
    }
}
