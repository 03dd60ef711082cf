//! What columns of tables are called, tool by tool, and what they say.

mod tools;

use self::tools::{ANY, TESTOPS, TESTRAIL, XRAY, ZEPHYR_SCALE, ZEPHYR_SQUAD};
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
    let has = |name: &str| header.iter().any(|own| own.eq_ignore_ascii_case(name));
    !profile.signs.is_empty()
        && profile
            .signs
            .iter()
            .all(|group| group.iter().any(|n| has(n)))
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
        for (at, own) in header.iter().enumerate() {
            if out[at].is_none() && std::ptr::eq(self, &TESTRAIL) {
                out[at] = part_of_steps(own).filter(|column| !is_typed(column));
            }
        }
        // Azure DevOps has the numbers of steps beside what they say.
        let named = |name: &str| header.iter().position(|own| own.eq_ignore_ascii_case(name));
        let is_free = |at: usize| {
            !typed
                .iter()
                .any(|(_, name)| header[at].eq_ignore_ascii_case(name))
        };
        if let (Some(number), Some(action)) = (named("Test Step"), named("Step Action")) {
            let known = [
                (Some(number), Column::Skip),
                (named("Work Item Type"), Column::Skip),
                (Some(action), Column::Steps),
                (named("Step Expected"), Column::Expected),
            ];
            for (at, column) in known {
                if let Some(at) = at.filter(|at| is_free(*at)) {
                    out[at] = Some(column);
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

/// What a column of separate steps says in TestRail, whatever their field is called: `Steps (new) (Step)`.
pub(super) fn part_of_steps(name: &str) -> Option<Column> {
    let (_, part) = name.strip_suffix(')')?.rsplit_once(" (")?;
    match part.to_lowercase().as_str() {
        "step" => Some(Column::Steps),
        "expected result" => Some(Column::Expected),
        "additional info" => Some(Column::Data),
        "references" => Some(Column::Link("issue")),
        _ => None,
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
