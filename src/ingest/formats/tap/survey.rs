//! The first look at a file: how many points it has, and whether its plans are kept.

use super::plan::{NO_PLAN, Numbers, not_reported};
use super::words::{number, point};
use super::yaml::Block;
use crate::ingest::gather::{Gather, Stop};
use crate::ingest::lines;

/// Counts points by their first word, blocks of YAML apart.
pub(super) fn survey(gather: &mut Gather<'_>) -> Result<(), Stop> {
    let (mut points, mut block) = (0_u64, None::<Block>);
    let (mut top, mut plan) = (Numbers::default(), None::<u64>);
    let (mut bailed, mut unplanned, mut missing) = (false, false, 0);
    lines::each(gather, |_, line| {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if let Some(open) = &mut block {
            let holds = open.holds(line);
            if text.trim_end() == "..." || !holds {
                block = None;
            }
            if holds {
                return Ok(());
            }
        }
        if text.trim_end() == "---" && indent > 0 {
            block = Some(Block::new(indent));
        }
        let found = point(line);
        points += u64::from(found.is_some());
        if let Some((0, ok, rest)) = found {
            top.take(number(rest).0, ok);
        }
        bailed |= text
            .get(..9)
            .is_some_and(|text| text.eq_ignore_ascii_case("bail out!"));
        if let Some(rest) = text.strip_prefix("1..").filter(|_| indent == 0) {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
            plan = plan.max(digits.and_then(|digits| digits.parse().ok()));
        }
        if indent == 0 && text.starts_with("TAP version ") {
            if top.points > 0 {
                unplanned |= plan.is_none();
                missing = plan
                    .map_or(0, |plan| top.missing(plan))
                    .saturating_add(missing);
            }
            (top, plan) = (Numbers::default(), None);
        }
        Ok(())
    })?;
    gather.elements = points;
    unplanned |= plan.is_none();
    missing = plan
        .map_or(0, |plan| top.missing(plan))
        .saturating_add(missing);
    if bailed {
        return Ok(());
    }
    if missing > 0 {
        gather.fault(not_reported(missing));
    } else if unplanned {
        gather.fault(NO_PLAN);
    }
    Ok(())
}
