//! Every text of a result that people wrote or programs printed, one by one.

use crate::model::{Attachment, Details, Job, Labels, Link, Parameter, Step, TestResult};

/// Looks at a text, and may change it. The first argument says what it is of.
pub type Visit<'v> = &'v mut dyn FnMut(&'static str, &mut String);

/// Visits the texts of a row: the fields that a shard and its details keep, but ids, digests and what
/// is of a fixed form.
pub fn each_of_result(result: &mut TestResult, visit: Visit<'_>) {
    visit("name", &mut result.name);
    for (what, text) in [
        ("full name", &mut result.full_name),
        ("test case id", &mut result.test_case_id),
        ("message", &mut result.message),
        ("trace", &mut result.trace),
        ("expected value", &mut result.expected),
        ("actual value", &mut result.actual),
        ("description", &mut result.description),
        ("description", &mut result.description_html),
        ("file", &mut result.file),
        ("uuid", &mut result.uuid),
    ] {
        optional(what, text, visit);
    }
    result.ids.iter_mut().for_each(|id| visit("id", id));
    let path = result.title_path.iter_mut();
    path.for_each(|part| visit("title path", part));
    labels("label", &mut result.labels, visit);
    labels("property", &mut result.properties, visit);
    parameters(&mut result.parameters, visit);
    links(&mut result.links, visit);
    attachments(&mut result.attachments, visit);
}

/// Visits the texts of a row's details: steps, set-ups, tear-downs, output.
pub fn each_of_details(details: &mut Details, visit: Visit<'_>) {
    steps(&mut details.before, visit);
    steps(&mut details.steps, visit);
    steps(&mut details.after, visit);
    optional("output", &mut details.stdout, visit);
    optional("error output", &mut details.stderr, visit);
}

/// Visits the texts of a job.
pub fn each_of_job(job: &mut Job, visit: Visit<'_>) {
    visit("job's name", &mut job.name);
    optional("job's address", &mut job.url, visit);
    labels("job's property", &mut job.properties, visit);
    attachments(&mut job.attachments, visit);
}

/// Visits the texts of links.
pub fn each_of_links(them: &mut [Link], visit: Visit<'_>) {
    links(them, visit);
}

fn optional(what: &'static str, text: &mut Option<String>, visit: Visit<'_>) {
    if let Some(text) = text {
        visit(what, text);
    }
}

fn labels(what: &'static str, labels: &mut Labels, visit: Visit<'_>) {
    labels.each_text(|text| visit(what, text));
}

fn parameters(parameters: &mut [Parameter], visit: Visit<'_>) {
    for parameter in parameters {
        visit("parameter", &mut parameter.name);
        optional("parameter", &mut parameter.value, visit);
    }
}

fn links(links: &mut [Link], visit: Visit<'_>) {
    for link in links {
        optional("link", &mut link.kind, visit);
        optional("link", &mut link.name, visit);
        optional("link", &mut link.url, visit);
    }
}

fn attachments(attachments: &mut [Attachment], visit: Visit<'_>) {
    for attachment in attachments {
        visit("attachment's name", &mut attachment.name);
        visit("attachment's type", &mut attachment.media_type);
    }
}

fn steps(all: &mut [Step], visit: Visit<'_>) {
    for step in all {
        visit("step", &mut step.name);
        optional("step's message", &mut step.message, visit);
        optional("step's trace", &mut step.trace, visit);
        optional("step's description", &mut step.description, visit);
        parameters(&mut step.parameters, visit);
        attachments(&mut step.attachments, visit);
        steps(&mut step.steps, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that is visited is not in what is written; all fields of a row are, filled with it.
    #[test]
    fn no_text_is_passed_over() {
        let text = || "SECRET".to_owned();
        let some = || Some(text());
        let one = |name: &str| Labels::from_iter([(name.to_owned(), vec![text()])]);
        let parameter = Parameter {
            name: text(),
            value: some(),
            ..Parameter::default()
        };
        let attachment = Attachment {
            name: text(),
            media_type: text(),
            ..Attachment::default()
        };
        let link = Link {
            kind: some(),
            name: some(),
            url: some(),
        };
        let mut result = TestResult {
            name: text(),
            full_name: some(),
            test_case_id: some(),
            uuid: some(),
            ids: vec![text()],
            title_path: vec![text()],
            labels: one("SECRET"),
            properties: one("SECRET"),
            parameters: vec![parameter.clone()],
            links: vec![link],
            message: some(),
            trace: some(),
            expected: some(),
            actual: some(),
            description: some(),
            description_html: some(),
            attachments: vec![attachment.clone()],
            file: some(),
            ..TestResult::default()
        };
        let inner = Step {
            name: text(),
            message: some(),
            trace: some(),
            description: some(),
            parameters: vec![parameter],
            attachments: vec![attachment.clone()],
            ..Step::default()
        };
        let outer = Step {
            steps: vec![inner],
            ..Step::default()
        };
        let mut details = Details {
            before: vec![outer.clone()],
            steps: vec![outer.clone()],
            after: vec![outer],
            stdout: some(),
            stderr: some(),
            ..Details::default()
        };
        let mut job = Job {
            name: text(),
            url: some(),
            properties: one("SECRET"),
            attachments: vec![attachment],
            ..Job::default()
        };
        let visit: Visit<'_> = &mut |_, text| *text = text.replace("SECRET", "x");
        each_of_result(&mut result, visit);
        each_of_details(&mut details, visit);
        each_of_job(&mut job, visit);
        let written = [
            serde_json::to_string(&result),
            serde_json::to_string(&details),
            serde_json::to_string(&job),
        ];
        for json in written {
            let json = json.expect("plain data");
            assert!(!json.contains("SECRET"), "{json}");
        }
    }
}
