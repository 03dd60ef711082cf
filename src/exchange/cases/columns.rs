//! What columns of tables are called, tool by tool, and what they say.

use super::detect::CaseFormat;
use crate::base::text::{closest, line, ticked};

/// What a column says of a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Id,
    Title,
    Section,
    /// What all sections are in.
    Suite,
    Description,
    Preconditions,
    Postconditions,
    /// What is to be done: one step a row, or all in one cell.
    Steps,
    Expected,
    Data,
    Execution,
    Selector,
    /// A link of this type.
    Link(&'static str),
    /// A field by the name that it has here: `severity`, `tags`, `fields.component`.
    Field(String),
    Parameter(String),
    /// A section of the text, by its heading.
    Text(String),
    /// Pairs of names and values: custom fields, parameters, roles.
    Pairs(&'static str),
    /// Nothing that is wanted.
    Skip,
}

/// What can be typed before `=` in a mapping.
pub const MAPPABLE: [&str; 22] = [
    "id",
    "title",
    "section",
    "description",
    "preconditions",
    "postconditions",
    "steps",
    "expected",
    "data",
    "execution",
    "selector",
    "issue",
    "requirement",
    "link",
    "severity",
    "status",
    "layer",
    "owner",
    "tags",
    "fields.NAME",
    "parameters.NAME",
    "text.HEADING",
];

/// Reads what a person typed before `=`: one of [`MAPPABLE`], or `skip`.
///
/// # Errors
/// A case has no such part.
pub fn parse_column(name: &str) -> Result<Column, String> {
    let name = name.trim();
    let lower = name.to_lowercase();
    if let Some((group, own)) = name
        .split_once('.')
        .filter(|(_, own)| !own.trim().is_empty())
    {
        let own = own.trim().to_owned();
        match group.to_lowercase().as_str() {
            "fields" | "field" => return Ok(Column::Field(format!("fields.{own}"))),
            "parameters" | "parameter" => return Ok(Column::Parameter(own)),
            "text" | "texts" => return Ok(Column::Text(own)),
            _ => {}
        }
    }
    Ok(match lower.as_str() {
        "id" | "alias" | "key" => Column::Id,
        "title" | "name" | "summary" => Column::Title,
        "section" | "folder" => Column::Section,
        "description" => Column::Description,
        "preconditions" | "precondition" => Column::Preconditions,
        "postconditions" | "postcondition" => Column::Postconditions,
        "steps" | "step" | "action" => Column::Steps,
        "expected" => Column::Expected,
        "data" => Column::Data,
        "execution" | "automated" => Column::Execution,
        "selector" | "selectors" | "full_name" => Column::Selector,
        "issue" | "issues" => Column::Link("issue"),
        "requirement" | "requirements" => Column::Link("requirement"),
        "link" | "links" => Column::Link("link"),
        "severity" | "priority" => Column::Field("severity".to_owned()),
        "status" | "state" => Column::Field("status".to_owned()),
        "layer" => Column::Field("layer".to_owned()),
        "owner" => Column::Field("owner".to_owned()),
        "tags" | "tag" => Column::Field("tags".to_owned()),
        "skip" => Column::Skip,
        _ => {
            let near = closest(&lower, MAPPABLE.into_iter().chain(["skip"]));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!(
                "`{}` is not {}{near}",
                line(name, 60),
                ticked(&MAPPABLE, "or")
            ));
        }
    })
}

/// What is known of one tool's tables.
#[derive(Debug)]
pub(super) struct Profile {
    /// Columns that tell that a table is of this tool: one name of each group.
    signs: &'static [&'static [&'static str]],
    /// What a column says, and what it may be called, in any letter case; the first one that a table has
    /// counts, but for ids, links, fields and steps, of which all do.
    columns: &'static [(&'static str, &'static [&'static str])],
}

/// Whether a table has what tells that it is of a tool.
pub(super) fn fits(profile: &Profile, header: &[String]) -> bool {
    let has = |name: &&str| header.iter().any(|own| own.eq_ignore_ascii_case(name));
    !profile.signs.is_empty()
        && profile
            .signs
            .iter()
            .all(|group| group.iter().any(|n| has(&n)))
}

impl Profile {
    pub(super) fn of(format: CaseFormat) -> &'static Self {
        match format {
            CaseFormat::TestrailCsv => &TESTRAIL,
            CaseFormat::ZephyrScaleCsv => &ZEPHYR_SCALE,
            CaseFormat::ZephyrSquadCsv => &ZEPHYR_SQUAD,
            CaseFormat::XrayCsv => &XRAY,
            CaseFormat::TestopsCsv => &TESTOPS,
            _ => &ANY,
        }
    }

    /// Returns what each column of a table says: what was typed, else what the tool is known to mean.
    /// Columns that nothing is known of are none.
    pub(super) fn assign(
        &self,
        header: &[String],
        typed: &[(Column, String)],
        declared: &[String],
    ) -> Vec<Option<Column>> {
        let mut out: Vec<Option<Column>> = vec![None; header.len()];
        for (column, name) in typed {
            for (at, own) in header.iter().enumerate() {
                if own.eq_ignore_ascii_case(name) && out[at].is_none() {
                    out[at] = Some(column.clone());
                }
            }
        }
        let is_typed = |column: &Column| {
            let many = [
                Column::Link("issue"),
                Column::Link("requirement"),
                Column::Link("link"),
            ];
            !many.contains(column) && typed.iter().any(|(own, _)| own == column)
        };
        for (what, names) in self.columns {
            let column = builtin(what);
            if is_typed(&column) {
                continue;
            }
            let takes_all = matches!(
                column,
                Column::Id
                    | Column::Link(_)
                    | Column::Field(_)
                    | Column::Steps
                    | Column::Expected
                    | Column::Data
            );
            for name in *names {
                let mut found = false;
                for (at, own) in header.iter().enumerate() {
                    if own.eq_ignore_ascii_case(name) && out[at].is_none() {
                        out[at] = Some(column.clone());
                        found = true;
                    }
                }
                if found && !takes_all {
                    break;
                }
            }
        }
        let folded = |name: &str| -> String {
            let letters = name.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        for (at, own) in header.iter().enumerate() {
            let known = declared.iter().find(|known| folded(known) == folded(own));
            if let (None, Some(known)) = (&out[at], known) {
                out[at] = Some(Column::Field(format!("fields.{known}")));
            }
        }
        out
    }
}

fn builtin(what: &'static str) -> Column {
    match what {
        "suite" => Column::Suite,
        "custom_field" => Column::Pairs("field"),
        "role" => Column::Pairs("role"),
        "parameter" | "example" => Column::Pairs("parameter"),
        other => parse_column(other).unwrap_or(Column::Skip),
    }
}

/// TestRail: *Export to CSV*, with steps in one cell or a row each.
static TESTRAIL: Profile = Profile {
    signs: &[
        &[
            "Section Hierarchy",
            "Section Depth",
            "Steps (Step)",
            "Steps Step",
            "Suite ID",
        ],
        &["Title"],
        &["ID", "Case ID"],
    ],
    columns: &[
        ("id", &["ID", "Case ID"]),
        ("title", &["Title"]),
        ("suite", &["Suite"]),
        ("section", &["Section Hierarchy", "Section"]),
        ("preconditions", &["Preconditions"]),
        (
            "steps",
            &[
                "Steps (Step)",
                "Steps Step",
                "Steps",
                "Steps Separated (Step)",
                "BDD Scenarios",
                "Testrail BDD Scenarios",
            ],
        ),
        (
            "expected",
            &[
                "Steps (Expected Result)",
                "Steps Expected Result",
                "Expected Result",
                "Expected",
            ],
        ),
        (
            "data",
            &["Steps (Additional Info)", "Steps Additional Info"],
        ),
        (
            "issue",
            &[
                "References",
                "Refs",
                "Steps (References)",
                "Steps References",
            ],
        ),
        ("severity", &["Priority"]),
        ("status", &["Status", "Case Status"]),
        ("fields.type", &["Type"]),
        ("fields.estimate", &["Estimate"]),
        ("fields.milestone", &["Milestone"]),
        ("owner", &["Assigned To", "Case Assigned To"]),
        ("tags", &["Labels"]),
        ("execution", &["Automation Type", "Is Automated"]),
        ("selector", &["Automation ID", "Automation Id"]),
        ("text.Mission", &["Mission"]),
        ("text.Goals", &["Goals"]),
    ],
};

/// Zephyr Scale: *Export to CSV*, a row for each step.
static ZEPHYR_SCALE: Profile = Profile {
    signs: &[
        &[
            "Test Script (Step-by-Step) - Step",
            "Test Script (Plain Text)",
            "Test Script (BDD)",
            "Objective",
        ],
        &["Key"],
        &["Name"],
    ],
    columns: &[
        ("id", &["Key"]),
        ("title", &["Name"]),
        ("section", &["Folder"]),
        ("description", &["Objective"]),
        ("preconditions", &["Precondition"]),
        (
            "steps",
            &[
                "Test Script (Step-by-Step) - Step",
                "Test Script (Plain Text)",
                "Test Script (BDD)",
            ],
        ),
        ("data", &["Test Script (Step-by-Step) - Test Data"]),
        (
            "expected",
            &["Test Script (Step-by-Step) - Expected Result"],
        ),
        ("severity", &["Priority"]),
        ("status", &["Status"]),
        ("fields.component", &["Component", "Components"]),
        ("fields.estimate", &["Estimated Time"]),
        ("tags", &["Labels"]),
        ("owner", &["Owner"]),
        ("issue", &["Coverage (Issues)", "Issues"]),
        ("link", &["Coverage (Pages)", "Web Links"]),
    ],
};

/// Zephyr Squad: issues with *Test Step*, *Test Data* and *Test Result* a row each.
static ZEPHYR_SQUAD: Profile = Profile {
    signs: &[
        &["Test Step", "Step", "Teststep"],
        &["Test Data", "Data"],
        &[
            "Test Result",
            "Expected Result",
            "Result",
            "Expected Results",
        ],
        &["Issue Key", "Key", "Issue key", "ExternalId", "External Id"],
    ],
    columns: &[
        ("id", &["Issue Key", "Key", "ExternalId", "External Id"]),
        ("title", &["Summary", "Name", "Test Summary"]),
        ("section", &["Folder", "Folder Name"]),
        ("description", &["Description"]),
        ("steps", &["Test Step", "Step", "Teststep"]),
        ("data", &["Test Data", "Data"]),
        (
            "expected",
            &[
                "Test Result",
                "Expected Result",
                "Expected Results",
                "Result",
            ],
        ),
        ("severity", &["Priority"]),
        ("status", &["Status"]),
        (
            "fields.component",
            &["Component", "Components", "Component/s"],
        ),
        ("tags", &["Labels", "Label"]),
        ("owner", &["Assignee", "Owner"]),
        ("issue", &["Linked Issues", "Issue Links"]),
    ],
};

/// Xray: exports and the tables of its importer, a row for each step.
static XRAY: Profile = Profile {
    signs: &[
        &["Issue ID", "Issue Id", "TCID", "Test ID", "Issue Key"],
        &[
            "Action",
            "Test Repo",
            "Test Repository Path",
            "Gherkin Definition",
            "Unstructured Definition",
        ],
        &["Test Summary", "Summary", "Title"],
    ],
    columns: &[
        (
            "id",
            &[
                "Issue Key",
                "Key",
                "Issue ID",
                "Issue Id",
                "TCID",
                "Test ID",
            ],
        ),
        ("title", &["Test Summary", "Summary", "Title"]),
        (
            "section",
            &[
                "Test Repo",
                "Test Repository Path",
                "Test Repository Folder",
                "Repository Folder",
                "Folder",
            ],
        ),
        ("description", &["Description", "Test Description"]),
        (
            "preconditions",
            &[
                "Precondition",
                "Pre-Condition",
                "Preconditions",
                "Precondition Definition",
            ],
        ),
        (
            "steps",
            &[
                "Action",
                "Step",
                "Test Step",
                "Unstructured Definition",
                "Generic Test Definition",
                "Gherkin Definition",
            ],
        ),
        ("data", &["Data", "Test Data"]),
        (
            "expected",
            &["Expected Result", "Result", "Expected Results"],
        ),
        ("severity", &["Priority", "Test Priority"]),
        ("status", &["Status"]),
        (
            "fields.component",
            &["Component", "Components", "Component/s"],
        ),
        ("fields.test_type", &["Test Type"]),
        ("tags", &["Labels", "Label"]),
        ("owner", &["Assignee", "Test Assignee", "Owner"]),
        (
            "issue",
            &[
                "Link \"tests\"",
                "Tests",
                "Linked Issues",
                "Requirement",
                "Requirements",
            ],
        ),
    ],
};

/// TestOps: the export of test cases (`TEST_CASE_CSV`) and what its importer takes.
static TESTOPS: Profile = Profile {
    signs: &[&["allure_id"], &["name"]],
    columns: &[
        ("id", &["allure_id"]),
        ("title", &["name"]),
        ("selector", &["full_name"]),
        ("execution", &["automated"]),
        ("description", &["description"]),
        ("preconditions", &["precondition"]),
        ("steps", &["scenario"]),
        ("expected", &["expected_result"]),
        ("status", &["status"]),
        ("layer", &["layer", "test_layer"]),
        ("issue", &["issue", "issues", "test_key"]),
        ("tags", &["tag", "tags"]),
        ("link", &["link", "links"]),
        ("custom_field", &["custom_field", "custom_fields"]),
        ("role", &["role", "roles", "members"]),
        (
            "parameter",
            &["parameter", "parameters", "example", "examples"],
        ),
    ],
};

/// Tables of no known tool.
static ANY: Profile = Profile {
    signs: &[],
    columns: &[
        (
            "id",
            &[
                "id",
                "key",
                "issue key",
                "case id",
                "test case id",
                "test id",
                "testcase id",
                "number",
                "nr",
            ],
        ),
        (
            "title",
            &[
                "title",
                "summary",
                "name",
                "test case",
                "test case name",
                "test case title",
                "test title",
                "test name",
            ],
        ),
        (
            "section",
            &[
                "section",
                "folder",
                "suite",
                "module",
                "path",
                "group",
                "area",
                "test suite",
            ],
        ),
        (
            "description",
            &["description", "objective", "purpose", "test description"],
        ),
        (
            "preconditions",
            &[
                "preconditions",
                "precondition",
                "pre-conditions",
                "pre-condition",
                "prerequisites",
            ],
        ),
        (
            "postconditions",
            &[
                "postconditions",
                "postcondition",
                "post-conditions",
                "post-condition",
            ],
        ),
        (
            "steps",
            &[
                "steps",
                "step",
                "action",
                "actions",
                "test steps",
                "test step",
                "steps to execute",
                "scenario",
                "step action",
                "procedure",
            ],
        ),
        (
            "expected",
            &[
                "expected",
                "expected result",
                "expected results",
                "expected outcome",
                "step expected",
            ],
        ),
        ("data", &["data", "test data", "input"]),
        ("severity", &["severity", "priority", "importance"]),
        ("status", &["status", "state"]),
        ("layer", &["layer", "level"]),
        ("owner", &["owner", "assignee", "assigned to", "author"]),
        ("tags", &["tags", "tag", "labels", "label", "keywords"]),
        (
            "execution",
            &[
                "execution",
                "automated",
                "automation status",
                "automation",
                "execution type",
            ],
        ),
        (
            "selector",
            &["selector", "full_name", "full name", "automated test name"],
        ),
        ("fields.component", &["component", "components"]),
        ("fields.type", &["type", "test type"]),
        ("fields.estimate", &["estimate", "estimated time"]),
        ("issue", &["issue", "issues", "references", "refs"]),
        ("requirement", &["requirement", "requirements"]),
        ("link", &["link", "links", "url"]),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_typed_can_be_read() {
        for name in MAPPABLE {
            assert!(parse_column(name).is_ok(), "{name}");
        }
        let wrong = parse_column("titel").expect_err("is none");
        assert!(wrong.ends_with("did you mean `title`?"), "{wrong}");
        assert!(parse_column("fields.").is_err());
    }

    #[test]
    fn what_tools_are_known_to_say_can_be() {
        for profile in [
            &TESTRAIL,
            &ZEPHYR_SCALE,
            &ZEPHYR_SQUAD,
            &XRAY,
            &TESTOPS,
            &ANY,
        ] {
            for (what, names) in profile.columns {
                assert!(builtin(what) != Column::Skip, "{what}");
                assert!(!names.is_empty());
            }
        }
    }
}
