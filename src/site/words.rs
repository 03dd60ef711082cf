//! How the site says things: dates, rates, verdicts.

use super::view::Verdict;
use crate::analysis;
use crate::analysis::stability::Rate;
use crate::analysis::trace::{Line, Stale, Standing};
use crate::analysis::verdict::{COUNTED, State};
use crate::base::text::{sanitize, sanitize_line, strip_ansi, truncate};
use crate::model::{Environment, Flag, Outcome, Status, Totals};
use crate::site::texts::{counted, decimal, say};
use crate::store::annotations::Removal;

pub(crate) use super::texts::when;

/// Returns `pruned on 24 May 2027 by Alice: our policy`.
pub(crate) fn removed(removal: &Removal<'_>) -> String {
    let Removal {
        kind,
        at,
        by,
        reason,
    } = removal;
    say!(
        "removed.said",
        kind = say!(&format!("removed.{}", kind.as_str())),
        day = when(*at).day,
        by = by_whom(*by),
        reason = truncate(&line(reason), REASON)
    )
}

/// The longest reason of a removal that is shown beside what is gone, in characters.
const REASON: usize = 160;

/// Returns ` by Alice` of `Alice <alice@example.com>`; nothing of nobody.
pub(crate) fn by_whom(by: Option<&str>) -> String {
    let by = by.unwrap_or_default();
    let name = line(by.split('<').next().unwrap_or(by).trim());
    match name.is_empty() {
        true => String::new(),
        false => say!("removed.by", name = name),
    }
}

/// Returns `98.2 % of 1,208 passed`, rounded down so that one failure never reads as 100 %; empty where
/// nothing passed or failed.
pub(crate) fn pass_rate(outcomes: &[Outcome]) -> String {
    let Rate { part, of } = analysis::verdict::pass_rate(outcomes);
    if of == 0 {
        return String::new();
    }
    let rate = per_cent(part, of);
    let is_left_out = |outcome: &&Outcome| {
        outcome.has(Flag::Muted) && analysis::stability::is_significant(outcome.status)
    };
    match outcomes.iter().filter(is_left_out).count() as u64 {
        0 => say!("pass-rate.of", rate = rate, of = of),
        n => say!("pass-rate.of-muted-left-out", rate = rate, of = of, n = n),
    }
}

/// Writes a share with one digit after the point, rounded down so that nothing reads as 100 % that is not.
pub(crate) fn per_cent(part: u64, of: u64) -> String {
    match part * 1000 / of {
        1000 => "100".to_owned(),
        t => decimal(&format!("{}.{}", t / 10, t % 10)),
    }
}

/// The word for a status.
pub(crate) fn label(status: Status) -> String {
    say!(&format!("status.{}", status.as_str()))
}

/// The word for how a requirement stands.
pub(crate) fn standing(standing: Standing) -> String {
    say!(&format!("standing.{}", standing.label().replace(' ', "-")))
}

/// Returns why a requirement is not covered; none where it is. It is what [`Line::reason`] says to commands.
pub(crate) fn standing_reason(line: &Line<'_>) -> Option<String> {
    let gap = line.requirement.gap.as_ref();
    let until = gap.and_then(|gap| gap.until);
    Some(match (line.standing, gap) {
        (Standing::Covered, _) => return None,
        _ if line.by_parts => say!("standing.by-parts"),
        (Standing::Justified, Some(gap)) => gap.reason.clone(),
        (Standing::Gap | Standing::Justified, _) => match until {
            Some(day) => say!("standing.no-case-since", day = day.to_string()),
            None => say!("standing.no-case"),
        },
        (Standing::Failing, _) => say!("standing.a-result-fails"),
        (Standing::NotRun, _) => say!("standing.no-result"),
        (Standing::Stale, _) => stale(line),
    })
}

fn stale(line: &Line<'_>) -> String {
    let latest = line.cases.iter().flat_map(|case| &case.latest);
    let stale: Vec<Stale> = latest.filter_map(|latest| latest.stale).collect();
    let age = stale.iter().find_map(|stale| match stale {
        Stale::Age(period) => Some(period.to_string()),
        Stale::Text => None,
    });
    match (stale.contains(&Stale::Text), age) {
        (true, Some(period)) => say!("standing.older-text-or-than", period = period),
        (false, Some(period)) => say!("standing.older-than", period = period),
        (_, None) => say!("standing.older-text"),
    }
}

/// What a launch's totals mean, as [`analysis::verdict`] has it: the verdict's word, and the rest of the sentence.
fn said(totals: &Totals, state: State) -> (String, String) {
    let failing = totals.failed + totals.broken + totals.unknown;
    let (mut lead, mut rest) = match state {
        State::Empty if totals.total == 0 => (say!("verdict.no-results"), String::new()),
        State::Empty => (say!("verdict.nothing-judged"), counts(totals)),
        State::Blocked => (
            say!("verdict.blocked"),
            say!(
                "verdict.need",
                n = totals.unresolved,
                all = totals.counted()
            ),
        ),
        State::Accounted => (
            say!("verdict.accounted"),
            say!("verdict.known", n = failing, all = totals.counted()),
        ),
        State::Ready => (
            say!("verdict.ready"),
            say!("verdict.passed", n = totals.passed),
        ),
    };
    if totals.in_progress > 0 {
        let end = match rest.is_empty() {
            true => &mut lead,
            false => &mut rest,
        };
        *end = say!(
            "verdict.and-not-executed",
            said = end.as_str(),
            n = totals.in_progress
        );
    }
    (lead, rest)
}

/// The counts above zero; passed is always there.
fn counts(totals: &Totals) -> String {
    let shown = |status: &Status| *status == Status::Passed || totals.of(*status) > 0;
    let one = |n: u64, what: String| say!("verdict.count", n = n, what = what);
    let parts = COUNTED.into_iter().filter(shown);
    let parts = parts.map(|status| one(totals.of(status), label(status)));
    let overridden =
        (totals.overridden > 0).then(|| one(totals.overridden, say!("flag.overridden")));
    let parts: Vec<String> = parts.chain(overridden).collect();
    parts.join(&say!("list.comma"))
}

/// What is known of a launch's unresolved failures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unresolved {
    /// Failures whose test did not fail at its last entry; `None` where history is unavailable.
    pub(crate) new: Option<u64>,
    /// The one group that holds all new ones, or all of them.
    pub(crate) place: Option<String>,
    /// The name of the launch since which the oldest of them fails.
    pub(crate) since: Option<String>,
    /// What most of them say, and how many.
    pub(crate) cause: Option<(usize, String)>,
}

/// Says what a launch means: the verdict's word, then what is new about it.
pub(crate) fn verdict(totals: &Totals, unresolved: &Unresolved) -> Verdict {
    let state = analysis::verdict::verdict(totals).state;
    let (lead, rest) = said(totals, state);
    let tone = state.as_str();
    let (text, mut detail) = match (state, unresolved.new) {
        (State::Blocked, Some(new)) => blocked(totals, unresolved, new, rest),
        _ => (rest, String::new()),
    };
    if let Some((n, says)) = &unresolved.cause {
        let cause = match *n as u64 == totals.unresolved {
            true => say!("verdict.all-say", n = *n, says = says),
            false => say!(
                "verdict.most-say",
                n = *n,
                all = totals.unresolved,
                says = says
            ),
        };
        detail = match detail.is_empty() {
            true => cause,
            false => say!("verdict.detail-cause", detail = &detail, cause = cause),
        };
    }
    Verdict {
        tone,
        lead,
        text,
        detail,
    }
}

fn blocked(totals: &Totals, unresolved: &Unresolved, new: u64, rest: String) -> (String, String) {
    let detail = match &unresolved.since {
        Some(since) => say!(
            "verdict.detail-since",
            detail = sentence(&rest),
            launch = since
        ),
        None => say!("verdict.detail", detail = sentence(&rest)),
    };
    let place = unresolved.place.as_ref();
    let text = match (new, place) {
        (0, None) => say!("verdict.none-new", n = totals.unresolved),
        (0, Some(place)) => say!("verdict.none-new-in", n = totals.unresolved, place = place),
        (new, None) => say!("verdict.new", n = new),
        (new, Some(place)) => say!("verdict.new-in", n = new, place = place),
    };
    (text, detail)
}

/// Starts a text with a capital.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

/// Makes untrusted text fit to show: no escape sequences, nothing that hides or reorders text, at
/// most about `max` bytes.
pub(crate) fn clean(text: &str, max: usize) -> String {
    let plain = strip_ansi(text);
    let mut end = plain.len().min(max);
    while !plain.is_char_boundary(end) {
        end -= 1;
    }
    let mut out = sanitize(&plain[..end]).replace('\r', "");
    out.truncate(out.trim_end().len());
    if end < plain.len() {
        let left = counted((plain.len() - end) as u64, "byte");
        out.push('\n');
        out.push_str(&say!("words.more-kept", bytes = left));
    }
    out
}

/// Makes a name or another text of one line fit to show.
pub(crate) fn line(text: &str) -> String {
    truncate(&sanitize_line(&strip_ansi(text)), 2_000)
}

/// The first line that says something.
pub(crate) fn first_line(text: &str) -> String {
    let plain = strip_ansi(text);
    let first = plain.lines().map(str::trim).find(|l| !l.is_empty());
    truncate(&sanitize_line(first.unwrap_or_default()), 300)
}

/// Abbreviates a commit id or a receipt for show.
pub(crate) fn short_commit(commit: &str) -> String {
    commit.chars().take(9).collect()
}

/// Returns `browser=chrome, os=linux`.
pub(crate) fn variables(environment: &Environment) -> String {
    let pairs = environment.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    line(&pairs.join(", "))
}

/// Groups as people read them.
pub(crate) fn path(parts: &[String]) -> String {
    parts.join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_never_reads_as_all_passed() {
        let passed = Outcome {
            status: Status::Passed,
            ..Outcome::default()
        };
        let mut outcomes = vec![passed; 99_999];
        outcomes.push(Outcome {
            status: Status::Failed,
            ..Outcome::default()
        });
        assert_eq!(pass_rate(&outcomes), "99.9 % of 100,000 passed");
        outcomes[99_999].flags.push(Flag::Muted);
        assert_eq!(
            pass_rate(&outcomes),
            "100 % of 99,999 passed, 1 muted left out"
        );
        assert_eq!(pass_rate(&[]), "");
    }

    #[test]
    fn verdicts_say_what_a_launch_means() {
        let say = |totals: Totals, unresolved: Unresolved| {
            let v = verdict(&totals, &unresolved);
            format!("{}: {}|{}", v.lead, v.text, v.detail)
        };
        let failing = Totals {
            passed: 10,
            failed: 3,
            unresolved: 3,
            total: 13,
            ..Totals::default()
        };
        let new = |n| Unresolved {
            new: n,
            place: Some("Checkout".into()),
            since: None,
            cause: None,
        };
        let cause = |n| Unresolved {
            cause: Some((n, "TimeoutError: cart".into())),
            ..new(Some(2))
        };
        let of =
            "Blocked: 2 new failures in Checkout|3 results of 13 need a defect, a mute or a fix.";
        assert_eq!(
            say(failing, cause(3)),
            format!("{of} All 3 say: TimeoutError: cart")
        );
        assert_eq!(
            say(failing, cause(2)),
            format!("{of} 2 of 3 say: TimeoutError: cart")
        );
        assert_eq!(
            say(failing, new(Some(2))),
            "Blocked: 2 new failures in Checkout|3 results of 13 need a defect, a mute or a fix."
        );
        assert_eq!(
            say(
                failing,
                Unresolved {
                    since: Some("Nightly 3".into()),
                    ..new(Some(0))
                }
            ),
            "Blocked: 3 failures in Checkout, none of them new|\
             3 results of 13 need a defect, a mute or a fix. The oldest fails since Nightly 3."
        );
        assert!(say(failing, Unresolved::default()).starts_with("Blocked: 3 results of 13 need"));
        let clean = Totals {
            passed: 10,
            total: 10,
            ..Totals::default()
        };
        assert_eq!(
            say(clean, Unresolved::default()),
            "Ready: 10 passed, nothing unresolved|"
        );
        assert_eq!(
            say(Totals::default(), Unresolved::default()),
            "No results: |"
        );
    }
}
