//! The codes of syntax and shape, TB0100 to TB0149: whether a file can be read and says things of
//! the kinds that its keys expect. What the things mean together is `validate`'s. And TB0310 to TB0319:
//! whether what another program exported can be brought in.

use crate::diag::Code;

const fn code(id: &'static str, name: &'static str) -> Code {
    Code { id, name }
}

/// The file's bytes are not UTF-8, so nothing of it is read.
pub const NOT_UTF8: Code = code("TB0100", "not-utf8");
/// The file holds a NUL byte, as binary files do and texts don't, so nothing of it is read.
pub const NUL_BYTE: Code = code("TB0101", "nul-byte");
/// The file is larger than 4 MiB, or its YAML larger than 1 MiB, so nothing of it is read.
pub const TOO_LARGE: Code = code("TB0102", "too-large");
/// The file holds nothing but white space.
pub const EMPTY_FILE: Code = code("TB0103", "empty-file");
/// The file starts with a byte order mark, which is skipped here and trips other tools.
pub const BYTE_ORDER_MARK: Code = code("TB0104", "byte-order-mark");
/// The file still holds the markers of a merge conflict: `<<<<<<<`, `=======`, `>>>>>>>`.
pub const CONFLICT_MARKER: Code = code("TB0105", "conflict-marker");
/// A Markdown file that needs front matter does not have `---` as its first line.
pub const NO_FRONT_MATTER: Code = code("TB0106", "no-front-matter");
/// Front matter starts with `---` and is never closed by a second `---` line.
pub const UNCLOSED_FRONT_MATTER: Code = code("TB0107", "unclosed-front-matter");
/// The YAML does not parse; the message is the parser's, the place is where it stopped.
pub const INVALID_YAML: Code = code("TB0108", "invalid-yaml");
/// The YAML passes a bound: nested deeper than 100, more than 200,000 values once aliases are
/// expanded, or more than 1,000 keys in one mapping.
pub const TOO_COMPLEX: Code = code("TB0109", "too-complex");
/// A mapping, at any depth, has one key twice; the first one counts.
pub const DUPLICATE_KEY: Code = code("TB0110", "duplicate-key");
/// A key that means nothing at its place; its value is ignored.
pub const UNKNOWN_KEY: Code = code("TB0111", "unknown-key");
/// A key without which the file can't be used is absent or has no value.
pub const MISSING_KEY: Code = code("TB0112", "missing-key");
/// A value is of another type than its key expects: a number for a text, a text for a list.
pub const WRONG_TYPE: Code = code("TB0113", "wrong-type");
/// A value is none of the words that its key allows.
pub const UNKNOWN_VALUE: Code = code("TB0114", "unknown-value");
/// A date is not a calendar day written as `2026-11-22`.
pub const INVALID_DATE: Code = code("TB0115", "invalid-date");
/// `format` in `tallybook.yaml` is not one that this release reads.
pub const UNSUPPORTED_FORMAT: Code = code("TB0116", "unsupported-format");
/// A body has the heading `Preconditions`, `Steps` or `Postconditions` twice; the later ones are
/// read as ordinary sections.
pub const REPEATED_SECTION: Code = code("TB0120", "repeated-section");
/// The steps are a list of bullets instead of a numbered one; they are read all the same.
pub const UNNUMBERED_STEPS: Code = code("TB0121", "unnumbered-steps");
/// The section `Steps` holds text and no list, so the case has no steps.
pub const STEPS_WITHOUT_LIST: Code = code("TB0122", "steps-without-list");
/// The folder of the workspace has no readable `tallybook.yaml`.
pub const NO_WORKSPACE_FILE: Code = code("TB0130", "no-workspace-file");
/// A folder below `projects/` has no `project.yaml`.
pub const NO_PROJECT_FILE: Code = code("TB0131", "no-project-file");
/// The name of a file or folder is not UTF-8, so it can't be read on every system.
pub const NAME_NOT_UTF8: Code = code("TB0132", "name-not-utf8");
/// A symbolic link or a device stands where a file or folder of the workspace belongs; links are
/// never followed.
pub const NOT_A_FILE: Code = code("TB0133", "not-a-file");
/// One file has more than 100 findings of syntax and shape; those past the hundredth are left out.
pub const TOO_MANY_FINDINGS: Code = code("TB0134", "too-many-findings");

/// A file to import, or a row of it, can't be read: it is no table or ReqIF, lacks a column, or passes a
/// bound.
pub const UNREADABLE_IMPORT: Code = code("TB0310", "unreadable-import");
/// A row or an object to import has no id, or one that can't be one.
pub const IMPORT_WITHOUT_ID: Code = code("TB0311", "import-without-id");
/// A row or an object to import has no title.
pub const IMPORT_WITHOUT_TITLE: Code = code("TB0312", "import-without-title");
/// Two rows or objects to import have one id; the first one counts.
pub const REPEATED_IMPORT: Code = code("TB0313", "repeated-import");

/// All codes of imports, by number.
pub const OF_IMPORTS: [Code; 4] = [
    UNREADABLE_IMPORT,
    IMPORT_WITHOUT_ID,
    IMPORT_WITHOUT_TITLE,
    REPEATED_IMPORT,
];

/// A file of cases to import, or a row or line of it, can't be read.
pub const UNREADABLE_CASES: Code = code("TB0401", "unreadable-cases");
/// The content of a file of cases to import tells no format that is known.
pub const UNKNOWN_CASES: Code = code("TB0402", "unknown-cases");
/// A case to import has no title.
pub const UNTITLED_CASE: Code = code("TB0403", "untitled-case");
/// Two cases to import have one id; the first one counts.
pub const REPEATED_CASE: Code = code("TB0404", "repeated-case");
/// Rows of a table without ids were taken as steps of the case above them, which is called the same.
pub const ROWS_OF_ONE_TITLE: Code = code("TB0410", "rows-of-one-title");

/// All codes of imports of cases, by number.
pub const OF_CASES: [Code; 5] = [
    UNREADABLE_CASES,
    UNKNOWN_CASES,
    UNTITLED_CASE,
    REPEATED_CASE,
    ROWS_OF_ONE_TITLE,
];

/// Two workspaces of one site have a project of the same key.
pub const SHARED_PROJECT_KEY: Code = code("TB0380", "shared-project-key");
/// A template of the workspace does not parse, or names what isn't there.
pub const BROKEN_TEMPLATE: Code = code("TB0381", "broken-template");
/// A file among the workspace's templates that replaces none of the site's.
pub const IDLE_TEMPLATE: Code = code("TB0382", "idle-template");

/// A text of a translation that the site does not have.
pub const UNKNOWN_TEXT: Code = code("TB0383", "unknown-text");
/// A text of a translation that can't be said: its placeholders or its plural forms do not fit.
pub const UNFIT_TEXT: Code = code("TB0384", "unfit-text");
/// Texts that a translation lacks, or a language that there are no texts of.
pub const UNTRANSLATED: Code = code("TB0385", "untranslated");

/// All codes of sites, by number.
pub const OF_SITES: [Code; 6] = [
    SHARED_PROJECT_KEY,
    BROKEN_TEMPLATE,
    IDLE_TEMPLATE,
    UNKNOWN_TEXT,
    UNFIT_TEXT,
    UNTRANSLATED,
];

/// A sheet that comes back is none, or is of another launch.
pub const UNREADABLE_SHEET: Code = code("TB0390", "unreadable-sheet");
/// An entry of a sheet names a result that is not planned in the launch.
pub const UNKNOWN_SHEET_RESULT: Code = code("TB0391", "unknown-sheet-result");
/// A status in a sheet is none that somebody can give.
pub const UNKNOWN_SHEET_STATUS: Code = code("TB0392", "unknown-sheet-status");
/// A case changed since the sheet was written by which it was executed.
pub const CHANGED_SINCE_SHEET: Code = code("TB0393", "changed-since-sheet");
/// Two entries of a sheet are of one result, and say different things.
pub const FILLED_TWICE: Code = code("TB0394", "filled-twice");
/// Somebody executed since the sheet was written what an entry says.
pub const EXECUTED_SINCE_SHEET: Code = code("TB0395", "executed-since-sheet");
/// A sheet names a tester who is no member.
pub const UNKNOWN_TESTER: Code = code("TB0396", "unknown-tester");
/// A sheet has a step that the case does not have.
pub const UNKNOWN_SHEET_STEP: Code = code("TB0397", "unknown-sheet-step");
/// A time, a number of minutes or a file in a sheet is none.
pub const BAD_SHEET_VALUE: Code = code("TB0398", "bad-sheet-value");

/// All codes of sheets that come back, by number.
pub const OF_SHEETS: [Code; 9] = [
    UNREADABLE_SHEET,
    UNKNOWN_SHEET_RESULT,
    UNKNOWN_SHEET_STATUS,
    CHANGED_SINCE_SHEET,
    FILLED_TWICE,
    EXECUTED_SINCE_SHEET,
    UNKNOWN_TESTER,
    UNKNOWN_SHEET_STEP,
    BAD_SHEET_VALUE,
];

/// All codes of syntax and shape, by number.
pub const ALL: [Code; 25] = [
    NOT_UTF8,
    NUL_BYTE,
    TOO_LARGE,
    EMPTY_FILE,
    BYTE_ORDER_MARK,
    CONFLICT_MARKER,
    NO_FRONT_MATTER,
    UNCLOSED_FRONT_MATTER,
    INVALID_YAML,
    TOO_COMPLEX,
    DUPLICATE_KEY,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    UNKNOWN_VALUE,
    INVALID_DATE,
    UNSUPPORTED_FORMAT,
    REPEATED_SECTION,
    UNNUMBERED_STEPS,
    STEPS_WITHOUT_LIST,
    NO_WORKSPACE_FILE,
    NO_PROJECT_FILE,
    NAME_NOT_UTF8,
    NOT_A_FILE,
    TOO_MANY_FINDINGS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_in_range() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(
            ALL.iter()
                .all(|code| ("TB0100".."TB0150").contains(&code.id))
        );
        let imports = OF_IMPORTS.iter();
        assert!({ imports }.all(|code| ("TB0310".."TB0320").contains(&code.id)));
        let cases = OF_CASES.iter();
        assert!({ cases }.all(|code| ("TB0401".."TB0420").contains(&code.id)));
        let sites = OF_SITES.iter();
        assert!({ sites }.all(|code| ("TB0380".."TB0390").contains(&code.id)));
        let sheets = OF_SHEETS.iter();
        assert!({ sheets }.all(|code| ("TB0390".."TB0400").contains(&code.id)));
        let names: std::collections::BTreeSet<&str> = ALL.iter().map(|code| code.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
