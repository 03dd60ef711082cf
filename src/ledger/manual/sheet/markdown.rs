//! A sheet in Markdown: for paper, an editor, a wiki. What a case says is quoted, so that nothing of it is taken
//! for what somebody filled in.

use super::{FORMAT, Filled, FilledSheet, FilledStep, Said, Sheet};

/// The keys of a planned result, and of a step.
const KEYS: [&str; 9] = [
    "result", "text", "status", "comment", "tester", "executed", "minutes", "files", "note",
];

/// Writes a sheet.
pub fn write(sheet: &Sheet) -> String {
    let mut out = format!(
        "# {}\n\n- sheet: {FORMAT}\n- launch: {}\n- written: {}\n\n\
         Fill in `status:` with passed, failed, broken or skipped, of each step or of the whole; leave empty what was \
         not executed. A step without a status counts as the whole says. Comments may go on in the next lines. `executed:` takes a time as 2026-11-22 14:30 (UTC), `files:` paths with commas between them.\n\n\
         Read it back with `tallybook launch sheet {} --read FILE`.\n",
        line(&sheet.name),
        sheet.launch,
        sheet.written,
        sheet.launch,
    );
    for entry in &sheet.entries {
        out.push_str(&format!("\n## {} {}\n\n", entry.case, line(&entry.title)));
        let facts = [
            ("environment", entry.environment.as_str()),
            ("parameters", &entry.parameters),
            ("assignee", entry.assignee.as_deref().unwrap_or_default()),
        ];
        for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
            out.push_str(&format!("> {name}: {}\n", line(value)));
        }
        for (title, text) in entry.script.before() {
            out.push_str(&quoted(title, text));
        }
        out.push_str(&format!(
            "\n- result: {}\n- text: {}\n- status:\n- comment:\n- tester:\n- executed:\n- minutes:\n- files:\n",
            entry.id, entry.text
        ));
        for step in &entry.script.steps {
            out.push_str(&format!("\n### Step {}\n\n", step.number));
            out.push_str(quoted("", &step.action).trim_start());
            for (title, text) in [("Expected", &step.expected), ("Data", &step.data)] {
                out.push_str(&quoted(title, text.as_deref().unwrap_or_default()));
            }
            out.push_str("\n- status:\n- comment:\n");
        }
        out.push_str(&quoted("Postconditions", &entry.script.postconditions));
    }
    out
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text of the case as a quotation, none of an empty one.
fn quoted(title: &str, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let mut out = String::new();
    if !title.is_empty() {
        out.push_str(&format!("> **{title}:**\n"));
    }
    for line in text.trim().lines() {
        out.push_str(format!("> {line}").trim_end());
        out.push('\n');
    }
    format!("\n{out}")
}

/// Reads a sheet: headings, and lines `- key: words`, of which comments go on in the next lines. Words that stand
/// directly below a key without words are its words.
pub(super) fn read(text: &str) -> FilledSheet {
    let mut out = FilledSheet::default();
    let mut open: Option<(String, Said)> = None;
    let mut at = 0;
    let mut after_blank = true;
    for line in text.trim_start_matches('\u{feff}').split_inclusive('\n') {
        let start = at + (text.len() - text.trim_start_matches('\u{feff}').len());
        at += line.len();
        let words = line.trim_end_matches(['\n', '\r']);
        let is_blank = words.trim().is_empty();
        // Nobody's words are lost over a missing indentation.
        if let Some((name, said)) = &mut open
            && goes_on(name, said, words, after_blank)
            && key(words, start).is_none()
        {
            if !is_blank {
                if !said.words.is_empty() {
                    said.words.push('\n');
                }
                said.words.push_str(words.trim());
                said.end = start + words.trim_end().len();
            }
            after_blank = is_blank;
            continue;
        }
        after_blank = is_blank;
        close(&mut out, open.take());
        if words.starts_with("## ") {
            out.entries.push(Filled {
                id: said("", start, words),
                ..Filled::default()
            });
        } else if let Some(number) = words.strip_prefix("### Step ") {
            if let Some(entry) = out.entries.last_mut() {
                entry.steps.push(FilledStep {
                    number: said(number.trim(), start, words),
                    ..FilledStep::default()
                });
            }
        } else {
            open = key(words, start);
        }
    }
    close(&mut out, open);
    out
}

/// Whether a line goes on with what a key says. What the case says is quoted behind a blank line.
fn goes_on(name: &str, said: &Said, line: &str, after_blank: bool) -> bool {
    if line.starts_with("## ") || line.starts_with("### Step ") {
        return false;
    }
    match name {
        "comment" | "note" => !(line.starts_with('>') && (after_blank || said.words.is_empty())),
        "files" => !line.starts_with(['>', '#']),
        "status" | "tester" | "executed" | "minutes" => {
            said.words.is_empty() && !line.trim().is_empty() && !line.starts_with(['>', '#'])
        }
        _ => false,
    }
}

fn said(words: &str, start: usize, line: &str) -> Said {
    Said {
        words: words.to_owned(),
        start,
        end: start + line.len(),
    }
}

/// Reads `- key: words`.
fn key(line: &str, start: usize) -> Option<(String, Said)> {
    let rest = line.strip_prefix("- ").or(line.strip_prefix("* "))?;
    let (key, words) = rest.split_once(':')?;
    let key = key.trim().trim_matches('*').to_lowercase();
    let known = KEYS.contains(&key.as_str()) || ["sheet", "launch", "written"].contains(&&*key);
    known.then(|| (key, said(words.trim(), start, line)))
}

/// Puts what a key says where it belongs: to the last step, else the last result, else the sheet.
fn close(sheet: &mut FilledSheet, open: Option<(String, Said)>) {
    let Some((key, said)) = open else { return };
    let filled = || Some(said.clone()).filter(|said| !said.words.is_empty());
    let Some(entry) = sheet.entries.last_mut() else {
        match key.as_str() {
            "launch" => sheet.launch = filled(),
            "written" => sheet.written = filled(),
            _ => {}
        }
        return;
    };
    if let Some(step) = entry.steps.last_mut() {
        match key.as_str() {
            "status" => step.status = filled(),
            "comment" | "note" => step.comment = filled(),
            _ => {}
        }
        return;
    }
    match key.as_str() {
        "result" => entry.id = said,
        "text" => entry.text = said.words,
        "status" => entry.status = filled(),
        "comment" | "note" => entry.comment = filled(),
        "tester" => entry.tester = filled(),
        "executed" => entry.executed = filled(),
        "minutes" => entry.minutes = filled(),
        "files" => {
            let paths = said.words.split([',', '\n']);
            let paths = paths.map(str::trim).filter(|path| !path.is_empty());
            entry.files = paths
                .map(|path| Said {
                    words: path.to_owned(),
                    ..said.clone()
                })
                .collect();
        }
        _ => {}
    }
}
