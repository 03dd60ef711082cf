//! The columns of each tool.

use super::Profile;

/// TestRail: *Export to CSV*, with steps in one cell or a row each.
pub(super) static TESTRAIL: Profile = Profile {
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
        ("selector", &["Automation ID", "automation_id"]),
        ("text.Mission", &["Mission"]),
        ("text.Goals", &["Goals"]),
    ],
};

/// Zephyr Scale: *Export to CSV*, a row for each step.
pub(super) static ZEPHYR_SCALE: Profile = Profile {
    signs: &[
        &[
            "Test Script (Step-by-Step) - Step",
            "Test Script (Plain Text)",
            "Test Script (BDD)",
        ],
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
        ("issue", &["Coverage (Issues)", "Coverage", "Issues"]),
        ("link", &["Coverage (Pages)", "Web Links"]),
    ],
};

/// Zephyr Squad: issues with *Test Step*, *Test Data* and *Test Result* a row each.
pub(super) static ZEPHYR_SQUAD: Profile = Profile {
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
pub(super) static XRAY: Profile = Profile {
    signs: &[
        &["Issue ID", "Issue Id", "TCID", "Test ID", "Issue Key"],
        &[
            "Action",
            "Test Repo",
            "Test Repository Path",
            "Gherkin Definition",
            "Unstructured Definition",
            "Gherkin",
            "Generic",
            "Cucumber Scenario",
            "Generic Test Definition",
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
                "Generic Definition",
                "Generic",
                "Gherkin Definition",
                "Gherkin",
                "Cucumber Scenario",
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
pub(super) static TESTOPS: Profile = Profile {
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
pub(super) static ANY: Profile = Profile {
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
            &[
                "selector",
                "selectors",
                "full_name",
                "full name",
                "automated test name",
            ],
        ),
        ("fields.component", &["component", "components"]),
        ("fields.type", &["type", "test type"]),
        ("fields.estimate", &["estimate", "estimated time"]),
        ("issue", &["issue", "issues", "references", "refs"]),
        ("requirement", &["requirement", "requirements"]),
        ("link", &["link", "links", "url"]),
    ],
};
