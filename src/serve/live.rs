//! What the preview adds to pages: a script that hears of the next rendering, and a panel that says
//! what is wrong.

use serde_json::json;

use super::board::{Now, Shown};
use crate::base::text::escaped;

pub(super) const SCRIPT: &str = include_str!("../../templates/live/live.js");
pub(super) const STYLE: &str = include_str!("../../templates/live/live.css");

/// Returns a page with the script that keeps it fresh, before the end of its body, and leads to the workbench where
/// there is one. A script, since pages allow no other connection.
pub(super) fn with_script(page: &str, now: &Now, (run, has_bench): (&str, bool)) -> String {
    let work = if has_bench { " data-work=\"\"" } else { "" };
    let script = format!(
        "<script src=\"/.live/live.js\" data-run=\"{run}\" data-site=\"{}\"{work} defer></script>",
        now.site_round
    );
    let at = page.rfind("</body>").unwrap_or(page.len());
    format!("{}{script}{}", &page[..at], &page[at..])
}

/// Returns the state as a script that calls the page's.
pub(super) fn state(now: &Now, run: &str) -> String {
    let problems = now.shown.problems.iter().map(|problem| {
        json!({
            "level": problem.level,
            "code": problem.code,
            "place": problem.place,
            "message": problem.message,
            "help": problem.help,
        })
    });
    let state = json!({
        "run": run,
        "round": now.round,
        "site": now.site_round,
        "headline": now.shown.headline,
        "problems": problems.collect::<Vec<_>>(),
        "more": now.shown.more,
    });
    // These end a line in scripts of old, and a script in a page.
    let state = state.to_string().replace('<', "\\u003c");
    let state = state
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    format!("tallybookLive({state});\n")
}

/// Returns a page of the preview's own.
pub(super) fn message(title: &str, text: &str) -> String {
    page(title, &format!("<p>{}</p>", escaped(text)))
}

/// Returns the page that says why there is no site yet.
pub(super) fn failure(shown: &Shown) -> String {
    page(&shown.headline, &list(shown))
}

/// Returns a page of the preview's own that lists what is wrong with the workspace.
pub(super) fn problems(title: &str, text: &str, shown: &Shown) -> String {
    page(title, &format!("<p>{}</p>{}", escaped(text), list(shown)))
}

fn list(shown: &Shown) -> String {
    let items: String = shown
        .problems
        .iter()
        .map(|problem| {
            let help = problem.help.as_deref().unwrap_or_default();
            format!(
                "<li><b>{}</b> {} <code>{}</code> {}</li>",
                problem.level,
                escaped(&problem.message),
                escaped(&problem.place),
                escaped(help),
            )
        })
        .collect();
    format!("<ul>{items}</ul>")
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/.live/live.css\">\n\
         </head>\n<body class=\"live-page\">\n<main>\n<h1>{title}</h1>\n{body}\n\
         <p><a href=\"/\">Overview</a></p>\n</main>\n</body>\n</html>\n",
        title = escaped(title),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::board::Problem;

    #[test]
    fn hostile_texts_stay_texts() {
        let hostile = "</script><script>alert(1)</script>\u{2028}\"'&";
        let problem = Problem {
            level: "error",
            code: hostile.to_owned(),
            place: hostile.to_owned(),
            message: hostile.to_owned(),
            help: Some(hostile.to_owned()),
        };
        let now = Now {
            round: 1,
            shown: Shown {
                headline: hostile.to_owned(),
                problems: vec![problem],
                more: 0,
            },
            ..Now::default()
        };
        let script = state(&now, "r");
        assert!(!script.contains('<') && !script.contains('\u{2028}'));
        let value = script.strip_prefix("tallybookLive(").unwrap();
        let value = value.strip_suffix(");\n").unwrap();
        let value: serde_json::Value = serde_json::from_str(value).unwrap();
        assert_eq!(value["problems"][0]["message"], hostile);
        let page = failure(&now.shown);
        assert!(!page.contains("<script>"), "{page}");
        assert!(!message(hostile, hostile).contains("<script>"));
    }

    #[test]
    fn a_page_without_an_end_gets_the_script_too() {
        let page = with_script("hello", &Now::default(), ("r", true));
        assert!(
            page.starts_with("hello<script ") && page.contains(" data-work"),
            "{page}"
        );
    }
}
