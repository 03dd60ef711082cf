//! The pages that `explain` prints.

use super::rules::RULES;
use crate::base::text::closest;
use crate::diag::Code;
use crate::diag::render::SarifRule;
use crate::store::codes;

/// What a code means: Markdown with the sections *What it checks*, *Why*, *Example* and *Fix*.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub code: Code,
    body: &'static str,
}

/// A page that stands in a file of its own, since its check is not a rule of this floor.
macro_rules! page {
    ($code:expr, $name:literal) => {
        Page {
            code: $code,
            body: include_str!(concat!("pages/", $name, ".md")),
        }
    };
}

/// The pages of syntax and shape, which the parsers find.
const OF_SYNTAX: [Page; 25] = [
    page!(codes::NOT_UTF8, "not-utf8"),
    page!(codes::NUL_BYTE, "nul-byte"),
    page!(codes::TOO_LARGE, "too-large"),
    page!(codes::EMPTY_FILE, "empty-file"),
    page!(codes::BYTE_ORDER_MARK, "byte-order-mark"),
    page!(codes::CONFLICT_MARKER, "conflict-marker"),
    page!(codes::NO_FRONT_MATTER, "no-front-matter"),
    page!(codes::UNCLOSED_FRONT_MATTER, "unclosed-front-matter"),
    page!(codes::INVALID_YAML, "invalid-yaml"),
    page!(codes::TOO_COMPLEX, "too-complex"),
    page!(codes::DUPLICATE_KEY, "duplicate-key"),
    page!(codes::UNKNOWN_KEY, "unknown-key"),
    page!(codes::MISSING_KEY, "missing-key"),
    page!(codes::WRONG_TYPE, "wrong-type"),
    page!(codes::UNKNOWN_VALUE, "unknown-value"),
    page!(codes::INVALID_DATE, "invalid-date"),
    page!(codes::UNSUPPORTED_FORMAT, "unsupported-format"),
    page!(codes::REPEATED_SECTION, "repeated-section"),
    page!(codes::UNNUMBERED_STEPS, "unnumbered-steps"),
    page!(codes::STEPS_WITHOUT_LIST, "steps-without-list"),
    page!(codes::NO_WORKSPACE_FILE, "no-workspace-file"),
    page!(codes::NO_PROJECT_FILE, "no-project-file"),
    page!(codes::NAME_NOT_UTF8, "name-not-utf8"),
    page!(codes::NOT_A_FILE, "not-a-file"),
    page!(codes::TOO_MANY_FINDINGS, "too-many-findings"),
];

/// The pages of imports, which `trace import` finds.
const OF_IMPORTS: [Page; 4] = [
    page!(codes::UNREADABLE_IMPORT, "unreadable-import"),
    page!(codes::IMPORT_WITHOUT_ID, "import-without-id"),
    page!(codes::IMPORT_WITHOUT_TITLE, "import-without-title"),
    page!(codes::REPEATED_IMPORT, "repeated-import"),
];

/// The pages of cases of other tools, which `case import` finds.
const OF_CASES: [Page; 5] = [
    page!(codes::UNREADABLE_CASES, "unreadable-cases"),
    page!(codes::UNKNOWN_CASES, "unknown-cases"),
    page!(codes::UNTITLED_CASE, "untitled-case"),
    page!(codes::REPEATED_CASE, "repeated-case"),
    page!(codes::ROWS_OF_ONE_TITLE, "rows-of-one-title"),
];

/// The pages of sites, which `render` finds.
const OF_SITES: [Page; 6] = [
    page!(codes::SHARED_PROJECT_KEY, "shared-project-key"),
    page!(codes::BROKEN_TEMPLATE, "broken-template"),
    page!(codes::IDLE_TEMPLATE, "idle-template"),
    page!(codes::UNKNOWN_TEXT, "unknown-text"),
    page!(codes::UNFIT_TEXT, "unfit-text"),
    page!(codes::UNTRANSLATED, "untranslated"),
];

/// The pages of sheets, which `launch sheet --read` finds.
const OF_SHEETS: [Page; 9] = [
    page!(codes::UNREADABLE_SHEET, "unreadable-sheet"),
    page!(codes::UNKNOWN_SHEET_RESULT, "unknown-sheet-result"),
    page!(codes::UNKNOWN_SHEET_STATUS, "unknown-sheet-status"),
    page!(codes::CHANGED_SINCE_SHEET, "changed-since-sheet"),
    page!(codes::FILLED_TWICE, "filled-twice"),
    page!(codes::EXECUTED_SINCE_SHEET, "executed-since-sheet"),
    page!(codes::UNKNOWN_TESTER, "unknown-tester"),
    page!(codes::UNKNOWN_SHEET_STEP, "unknown-sheet-step"),
    page!(codes::BAD_SHEET_VALUE, "bad-sheet-value"),
];

impl Page {
    /// Returns the whole page, headed by code and name.
    pub fn text(&self) -> String {
        let Code { id, name } = self.code;
        format!("# {id}: {name}\n\n{}\n", self.body.trim())
    }

    /// Returns the page as a rule for code scanning.
    pub fn sarif_rule(&self) -> SarifRule {
        let (checks, why) = (self.section("What it checks"), self.section("Why"));
        let end = checks.find(". ").map_or(checks.len(), |at| at + 1);
        SarifRule {
            id: self.code.id.to_owned(),
            name: self.code.name.to_owned(),
            summary: checks[..end].to_owned(),
            description: format!("{checks} {why}"),
            help: self.text(),
        }
    }

    /// Returns a section's text on one line.
    fn section(&self, heading: &str) -> String {
        let lines = self.body.lines();
        let inside = lines
            .skip_while(|line| line.strip_prefix("## ") != Some(heading))
            .skip(1)
            .take_while(|line| !line.starts_with("## "));
        let words: Vec<&str> = inside.flat_map(str::split_whitespace).collect();
        words.join(" ")
    }
}

/// Returns all pages by code.
pub fn pages() -> Vec<Page> {
    let of_rules = RULES.iter().map(|rule| Page {
        code: rule.code,
        body: rule.page,
    });
    let mut pages: Vec<Page> = OF_SYNTAX
        .into_iter()
        .chain(of_rules)
        .chain(OF_IMPORTS)
        .chain(OF_CASES)
        .chain(OF_SITES)
        .chain(OF_SHEETS)
        .collect();
    pages.sort_by_key(|page| page.code.id);
    pages
}

/// Finds a page by its code or its name, in any letter case; else returns the closest of both.
pub fn find_page(asked: &str) -> Result<Page, Option<&'static str>> {
    let pages = pages();
    let is_asked = |page: &&Page| {
        page.code.id.eq_ignore_ascii_case(asked) || page.code.name.eq_ignore_ascii_case(asked)
    };
    let names = || pages.iter().flat_map(|p| [p.code.name, p.code.id]);
    match pages.iter().find(is_asked) {
        Some(page) => Ok(*page),
        None => Err(closest(asked, names())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_code_and_name() {
        let found = |asked| find_page(asked).map(|page| page.code.id);
        assert_eq!(found("tb0161"), Ok("TB0161"));
        assert_eq!(found("Duplicate-Id"), Ok("TB0161"));
        assert_eq!(found("duplicate-ids"), Err(Some("duplicate-id")));
        assert_eq!(found("zzzzzzzzzz"), Err(None));
    }

    #[test]
    fn every_page_says_enough_for_code_scanning() {
        for page in pages() {
            let rule = page.sarif_rule();
            assert!(rule.summary.ends_with(['.', ':']), "{rule:?}");
            assert!((20..=1_024).contains(&rule.description.chars().count()));
            assert!(rule.description.starts_with(&rule.summary));
        }
    }
}
