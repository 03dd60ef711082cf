//! Gherkin: features, rules, scenarios and outlines, in all of its languages.
//!
//! It is read line by line, so that one line that is wrong hides no other scenario. Keywords are those of
//! cucumber/gherkin (`gherkin-languages.json`, MIT).

mod languages;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::languages::is_gherkin;
use self::languages::{Language, declared, heading, language, step_words};
use self::words::{add, cells, claims, filled, folders, id_of, placeless, steps, tagged, words};
use super::collect::{Collector, section_name};
use super::markup::{Markup, markdown};
use crate::author::case::{ForeignCase, ForeignStep, ForeignSteps};
use crate::base::text::line as shown;

/// Rows of an outline that become values of parameters.
const ROWS: usize = 1000;
/// Tags of one feature, and of one rule.
const TAGS: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepKind {
    Acts,
    Expects,
}

#[derive(Debug)]
struct Step {
    kind: StepKind,
    keyword: String,
    text: String,
    data: String,
}

#[derive(Debug, Default)]
struct Example {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Default)]
struct Scenario {
    line: usize,
    name: String,
    description: Vec<String>,
    tags: Vec<String>,
    steps: Vec<Step>,
    examples: Vec<Example>,
    is_background: bool,
}

/// What lines belong to just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Top,
    Feature,
    Scenario,
    Examples,
}

struct Reader<'c, 'a> {
    out: &'c mut Collector<'a>,
    language: &'static Language,
    feature: String,
    feature_tags: Vec<String>,
    about: Vec<String>,
    rule: Option<String>,
    rule_tags: Vec<String>,
    tags: Vec<String>,
    scenario: Option<Scenario>,
    /// Titles of the backgrounds that hold: the feature's, the rule's.
    backgrounds: [Option<String>; 2],
    scenarios: Vec<(Scenario, Vec<String>, Vec<String>)>,
    at: Where,
}

pub(super) fn read(out: &mut Collector<'_>, text: &str) {
    let text = text.trim_start_matches('\u{feff}');
    let Some(english) = language("en") else {
        return;
    };
    let mut reader = Reader {
        out,
        language: english,
        feature: String::new(),
        feature_tags: Vec::new(),
        about: Vec::new(),
        rule: None,
        rule_tags: Vec::new(),
        tags: Vec::new(),
        scenario: None,
        backgrounds: [None, None],
        scenarios: Vec::new(),
        at: Where::Top,
    };
    let mut lines = text.lines().enumerate();
    while let Some((n, raw)) = lines.next() {
        let line = raw.trim();
        let n = n + 1;
        if let Some(mark) = ["\"\"\"", "```"]
            .into_iter()
            .find(|mark| line.starts_with(mark))
        {
            let indent = raw.len() - raw.trim_start().len();
            let mut inside = Vec::new();
            let mut is_closed = false;
            for (_, raw) in lines.by_ref() {
                if raw.trim().starts_with(mark) {
                    is_closed = true;
                    break;
                }
                let own = raw.len() - raw.trim_start().len();
                let cut = crate::base::text::floor(raw, own.min(indent));
                inside.push(raw[cut..].to_owned());
            }
            if !is_closed {
                let message = format!("the text that begins with `{mark}` is never closed");
                let help = "close it; all that follows was taken for its text";
                reader.out.error_at(n, message, help);
            }
            let media = line[mark.len()..].trim();
            reader.doc_string(n, media, &inside);
            continue;
        }
        reader.line(n, line);
    }
    reader.finish();
}

impl Reader<'_, '_> {
    fn line(&mut self, n: usize, line: &str) {
        if line.is_empty() {
            return;
        }
        if line.starts_with('#') {
            return self.comment(n, line);
        }
        if line.starts_with('@') {
            let tags = line.split(" #").next().unwrap_or(line);
            let words = tags.split_whitespace().flat_map(|word| word.split('@'));
            let words = words.filter(|word| !word.is_empty());
            self.tags.extend(words.map(str::to_owned));
            return;
        }
        let language = self.language;
        if let Some(name) = heading(line, &language.feature) {
            return self.begin_feature(n, name);
        }
        if let Some(name) = heading(line, &language.rule) {
            self.close();
            self.rule = Some(section_name(name));
            self.rule_tags = self.inherited(n, "tags of rules");
            self.backgrounds[1] = None;
            self.at = Where::Feature;
            return;
        }
        if let Some(name) = heading(line, &language.background) {
            return self.begin(n, name, true);
        }
        let outline = heading(line, &language.outline);
        if let Some(name) = outline.or_else(|| heading(line, &language.scenario)) {
            return self.begin(n, name, false);
        }
        if heading(line, &language.examples).is_some() && self.scenario.is_some() {
            let tags = std::mem::take(&mut self.tags);
            for tag in tags {
                self.out
                    .lost("tags of examples", "a case has one list of tags", n, &tag);
            }
            self.at = Where::Examples;
            if let Some(scenario) = &mut self.scenario {
                scenario.examples.push(Example::default());
            }
            return;
        }
        if line.starts_with('|') {
            return self.row(n, line);
        }
        if self.at == Where::Scenario && self.step(line) {
            return;
        }
        match (self.at, &mut self.scenario) {
            (Where::Feature, _) => self.about.push(line.to_owned()),
            (Where::Scenario, Some(scenario)) if scenario.steps.is_empty() => {
                scenario.description.push(line.to_owned());
            }
            (Where::Examples, _) => {
                self.out
                    .lost("descriptions of examples", "no place here", n, line);
            }
            _ => {
                let message = format!("`{}` is no line of a feature here", shown(line, 60));
                let help = "begin with `Feature:`, scenarios with `Scenario:`, steps with `Given`, `When` or `Then`";
                self.out.error_at(n, message, help);
            }
        }
    }

    /// Takes the tags that stand before a heading, for all scenarios below it.
    fn inherited(&mut self, n: usize, what: &str) -> Vec<String> {
        let mut tags = std::mem::take(&mut self.tags);
        for tag in tags.drain(TAGS.min(tags.len())..) {
            let why = format!("more than {TAGS}, which all scenarios would have");
            self.out.lost(what, &why, n, &tag);
        }
        tags
    }

    fn comment(&mut self, n: usize, line: &str) {
        match declared(line) {
            Some(name) if self.at == Where::Top => match language(name) {
                Some(language) => self.language = language,
                None => {
                    let message = format!("the language `{}` is not known", shown(name, 40));
                    let help = "write its code as Cucumber does, as `# language: de`";
                    self.out.error_at(n, message, help);
                }
            },
            _ if line.trim_matches('#').trim().is_empty() => {}
            _ => self.out.lost("comments", "no place here", n, line),
        }
    }

    fn begin_feature(&mut self, n: usize, name: &str) {
        if self.at != Where::Top {
            let message = "there is a second feature in the file".to_owned();
            self.out.error_at(n, message, "give it a file of its own");
            self.close();
            self.flush();
        }
        self.feature = section_name(name);
        self.feature_tags = self.inherited(n, "tags of features");
        self.about.clear();
        self.rule = None;
        self.rule_tags.clear();
        self.backgrounds = [None, None];
        self.at = Where::Feature;
    }

    fn begin(&mut self, n: usize, name: &str, is_background: bool) {
        self.close();
        if self.at == Where::Top {
            let message = "the scenario stands before any feature".to_owned();
            self.out
                .error_at(n, message, "begin the file with `Feature:` and a name");
        }
        self.scenario = Some(Scenario {
            line: n,
            name: name.to_owned(),
            tags: std::mem::take(&mut self.tags),
            is_background,
            ..Scenario::default()
        });
        self.at = Where::Scenario;
    }

    fn step(&mut self, line: &str) -> bool {
        let language = self.language;
        let Some(scenario) = &mut self.scenario else {
            return false;
        };
        let before = scenario
            .steps
            .last()
            .map_or(StepKind::Acts, |step| step.kind);
        let goes_on = step_words(line, &language.goes_on);
        let star = line.strip_prefix("* ").map(|rest| ("", rest.trim()));
        let all = [
            (step_words(line, &language.acts), StepKind::Acts),
            (step_words(line, &language.expects), StepKind::Expects),
            (goes_on, before),
            (star, before),
        ];
        let all = all
            .into_iter()
            .filter_map(|(found, kind)| Some((found?, kind)));
        let Some(((keyword, text), kind)) = all.max_by_key(|((word, _), _)| word.len()) else {
            return false;
        };
        scenario.steps.push(Step {
            kind,
            keyword: keyword.to_owned(),
            text: text.to_owned(),
            data: String::new(),
        });
        true
    }

    fn doc_string(&mut self, n: usize, media: &str, lines: &[String]) {
        let step = self.scenario.as_mut().and_then(|s| s.steps.last_mut());
        let Some(step) = step else {
            let message = "the text belongs to no step".to_owned();
            self.out.error_at(n, message, "put it below a step");
            return;
        };
        let text = lines.join("\n");
        let fence = if text.contains("```") {
            "~~~~~~"
        } else {
            "```"
        };
        let media: String = media.chars().filter(char::is_ascii_alphanumeric).collect();
        add(&mut step.data, &format!("{fence}{media}\n{text}\n{fence}"));
    }

    fn row(&mut self, n: usize, line: &str) {
        let cells = cells(line);
        match (self.at, &mut self.scenario) {
            (Where::Examples, Some(scenario)) => {
                let Some(example) = scenario.examples.last_mut() else {
                    return;
                };
                if example.header.is_empty() {
                    example.header = cells;
                } else if cells.len() != example.header.len() {
                    let message = format!(
                        "the row has {} cells, the first row {}",
                        cells.len(),
                        example.header.len()
                    );
                    self.out
                        .error_at(n, message, "give all rows the same cells");
                } else {
                    example.rows.push(cells);
                }
            }
            (Where::Scenario, Some(scenario)) if !scenario.steps.is_empty() => {
                let Some(step) = scenario.steps.last_mut() else {
                    return;
                };
                let cells: Vec<String> = cells.iter().map(|cell| words(cell)).collect();
                let row = format!("| {} |", cells.join(" | "));
                let last = step.data.rsplit('\n').next().unwrap_or_default();
                let is_first = !last.starts_with('|');
                match is_first {
                    true => {
                        add(&mut step.data, &row);
                        step.data
                            .push_str(&format!("\n|{}", " --- |".repeat(cells.len())));
                    }
                    false => step.data.push_str(&format!("\n{row}")),
                }
            }
            _ => {
                let message = "the table belongs to no step".to_owned();
                self.out
                    .error_at(n, message, "put it below a step or `Examples:`");
            }
        }
    }

    /// Ends the scenario or background that is open.
    fn close(&mut self) {
        let Some(scenario) = self.scenario.take() else {
            return;
        };
        if !scenario.is_background {
            let backgrounds: Vec<String> = self.backgrounds.iter().flatten().cloned().collect();
            let mut section = vec![self.feature.clone()];
            section.extend(self.rule.clone());
            let mut scenario = scenario;
            let mut tags = self.feature_tags.clone();
            tags.extend(self.rule_tags.iter().cloned());
            tags.append(&mut scenario.tags);
            scenario.tags = tags;
            self.scenarios.push((scenario, section, backgrounds));
            return;
        }
        let rule = self.rule.as_ref().map(|rule| format!(": {rule}"));
        let title = format!("Background of {}{}", self.feature, rule.unwrap_or_default());
        let (_, steps) = steps(&scenario.steps);
        let mut others = self.out.shared.iter();
        // Two rules may have one name.
        let title = match others.any(|other| other.title == title) {
            true => format!("{title}, line {}", scenario.line),
            false => title,
        };
        self.out.shared.push(ForeignSteps {
            at: self.out.place(scenario.line),
            title: title.clone(),
            steps,
        });
        self.backgrounds[usize::from(self.rule.is_some())] = Some(title);
    }

    fn finish(mut self) {
        self.close();
        if self.at == Where::Top {
            let message = "there is no feature in the file".to_owned();
            self.out
                .error_at(1, message, "begin it with `Feature:` and a name");
        }
        self.flush();
    }

    /// Makes cases of what was read. An id that several scenarios name is none: it is a tag.
    fn flush(&mut self) {
        let scenarios = std::mem::take(&mut self.scenarios);
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for (scenario, _, _) in &scenarios {
            for id in scenario.tags.iter().filter_map(|tag| id_of(tag)) {
                *named.entry(id.to_owned()).or_default() += 1;
            }
        }
        let about = std::mem::take(&mut self.about).join("\n");
        if !about.trim().is_empty() {
            let line = scenarios
                .first()
                .map_or(1, |(scenario, _, _)| scenario.line);
            let why = "a section is a folder";
            self.out.lost("descriptions of features", why, line, &about);
        }
        let folders = folders(self.out.folders);
        let names = scenarios.iter().map(|(scenario, _, _)| placeless(scenario));
        let names: Vec<String> = names.collect();
        for (at, (scenario, own, backgrounds)) in scenarios.into_iter().enumerate() {
            let mut section = folders.clone();
            section.extend(own);
            let filled = claims(&names, at).then(|| filled(&scenario));
            let tests = filled.filter(|tests| !tests.is_empty());
            let tests = tests.unwrap_or_else(|| vec![names[at].clone()]);
            self.case(scenario, (section, backgrounds), tests, &named);
        }
    }

    fn case(
        &mut self,
        scenario: Scenario,
        (section, backgrounds): (Vec<String>, Vec<String>),
        tests: Vec<String>,
        named: &BTreeMap<String, usize>,
    ) {
        let mut case = ForeignCase {
            at: self.out.place(scenario.line),
            title: scenario.name.clone(),
            section,
            description: markdown(
                &scenario.description.join("\n"),
                Markup::Markdown,
                &mut vec![],
            ),
            automated: Some(true),
            ..ForeignCase::default()
        };
        for tag in &scenario.tags {
            match id_of(tag) {
                Some(id) if named.get(id) == Some(&1) => case.ids.push(id.to_owned()),
                _ => tagged(&mut case, tag),
            }
        }
        if case.automated == Some(true) && !scenario.name.is_empty() {
            let selectors = tests.iter().map(|name| format!("{}#{name}", self.out.path));
            case.selectors.extend(selectors);
        }
        let before = backgrounds.into_iter().map(|title| ForeignStep {
            shared: Some(title),
            ..ForeignStep::default()
        });
        let (_, own) = steps(&scenario.steps);
        case.steps = before.chain(own).collect();
        self.parameters(&mut case, &scenario);
        self.out.take(case, None);
    }

    /// The rows of an outline are values of parameters; tables with other columns have no place.
    fn parameters(&mut self, case: &mut ForeignCase, scenario: &Scenario) {
        let mut header: Option<&Vec<String>> = None;
        let mut rows: Vec<&Vec<String>> = Vec::new();
        for example in scenario
            .examples
            .iter()
            .filter(|one| !one.header.is_empty())
        {
            if header.is_some_and(|header| *header != example.header) {
                let why = "the scenario has examples of other columns before them";
                let shown = example.header.join(" | ");
                self.out.lost("examples", why, scenario.line, &shown);
                continue;
            }
            header = Some(&example.header);
            rows.extend(&example.rows);
        }
        if rows.len() > ROWS {
            let why = format!("more than {ROWS} rows");
            self.out
                .lost("examples", &why, scenario.line, &scenario.name);
            rows.truncate(ROWS);
        }
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for (at, name) in header.into_iter().flatten().enumerate() {
            let values = rows.iter().filter_map(|row| row.get(at).cloned());
            if known.insert(name) {
                case.parameters.push((name.clone(), values.collect()));
            }
        }
    }
}
