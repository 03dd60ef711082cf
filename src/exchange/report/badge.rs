//! A badge: one label, one message, one colour; for Shields, and drawn by ourselves.

use serde_json::json;

use super::words::line;
use crate::analysis::verdict::{State, verdict};
use crate::base::text::{escaped, thousands, width};
use crate::model::Totals;

/// The longest label and message, in characters.
const LABEL: usize = 40;
const MESSAGE: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    label: String,
    message: String,
    tone: Tone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Blocked,
    Accounted,
    Ready,
    Empty,
    /// There is nothing to say, which is a mistake somewhere.
    Absent,
}

impl Tone {
    /// Returns a colour that Shields knows.
    fn shields(self) -> &'static str {
        match self {
            Self::Blocked => "red",
            Self::Accounted => "orange",
            Self::Ready => "brightgreen",
            Self::Empty | Self::Absent => "lightgrey",
        }
    }

    /// Returns a colour on which white text has a contrast of 4.5 or more.
    fn fill(self) -> &'static str {
        match self {
            Self::Blocked => "#b3261e",
            Self::Accounted => "#8a5a00",
            Self::Ready => "#1a7f37",
            Self::Empty | Self::Absent => "#5f6b76",
        }
    }
}

impl Badge {
    /// Makes the badge of a launch's totals.
    pub fn of(label: &str, totals: &Totals) -> Self {
        let passed = format!("{} passed", thousands(totals.passed));
        let failures = totals.failed + totals.broken + totals.unknown;
        let (tone, message) = match verdict(totals).state {
            State::Blocked => {
                let unresolved = thousands(totals.unresolved);
                (Tone::Blocked, format!("{passed}, {unresolved} unresolved"))
            }
            State::Accounted => {
                let failures = thousands(failures);
                (
                    Tone::Accounted,
                    format!("{passed}, {failures} known or muted"),
                )
            }
            State::Ready => (Tone::Ready, passed),
            State::Empty if totals.total == 0 => (Tone::Empty, "no results".to_owned()),
            State::Empty => (Tone::Empty, "nothing passed or failed".to_owned()),
        };
        Self::new(label, message, tone)
    }

    /// Makes a badge that says why there is nothing to say.
    pub fn absent(label: &str, why: &str) -> Self {
        Self::new(label, line(why, MESSAGE), Tone::Absent)
    }

    fn new(label: &str, message: String, tone: Tone) -> Self {
        Self {
            label: line(label, LABEL),
            message,
            tone,
        }
    }

    /// Returns the answer of a Shields endpoint.
    pub fn shields(&self) -> String {
        let mut answer = json!({
            "schemaVersion": 1,
            "label": self.label,
            "message": self.message,
            "color": self.tone.shields(),
        });
        if self.tone == Tone::Absent {
            answer["isError"] = true.into();
        }
        answer.to_string() + "\n"
    }

    /// Returns a picture: 20 pixels high, told to screen readers, without a font of its own.
    pub fn svg(&self) -> String {
        let (label, message) = (escaped(&self.label), escaped(&self.message));
        let (left, right) = (text_width(&self.label), text_width(&self.message));
        let (from, whole) = match self.label.is_empty() {
            true => (0, right + 12),
            false => (left + 12, left + right + 24),
        };
        let alone = match label.is_empty() {
            true => message.clone(),
            false => format!("{label}: {message}"),
        };
        let fill = self.tone.fill();
        // No ids: several badges may stand in one page.
        let round = |fill: &str| {
            format!("<rect width=\"{whole}\" height=\"20\" rx=\"3\" fill=\"{fill}\"/>")
        };
        let right_side = || {
            let wide = whole - from - 3;
            format!(
                "<path d=\"M{from} 0h{wide}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{wide}z\" fill=\"{fill}\"/>"
            )
        };
        let shape = match from {
            0 => round(fill),
            _ => format!("{}{}", round("#32383f"), right_side()),
        };
        let text = |x: usize, length: usize, words: &str| match words.is_empty() {
            true => String::new(),
            false => format!("<text x=\"{x}\" y=\"14\" textLength=\"{length}\">{words}</text>"),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" aria-label=\"{alone}\">\n\
             <title>{alone}</title>\n\
             {shape}\n\
             <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,Geneva,sans-serif\" font-size=\"11\">{}{}</g>\n\
             </svg>\n",
            text(6, left, &label),
            text(from + 6, right, &message),
        )
    }
}

/// Returns the width of a text in Verdana at 11 pixels; renderers stretch other fonts to it.
fn text_width(text: &str) -> usize {
    let thousandths: usize = text.chars().map(advance).sum();
    (thousandths * 11).div_ceil(1000)
}

/// Returns a character's advance in Verdana, in thousandths of the font's size.
fn advance(c: char) -> usize {
    match c {
        'i' | 'l' | '\'' => 274,
        'j' => 344,
        ' ' | 'f' => 352,
        '.' | ',' => 364,
        't' | '!' => 394,
        'r' | 'I' => 427,
        ':' | ';' | '-' | '/' | '(' | ')' | '[' | ']' | '|' | '"' | '\\' | 'J' => 455,
        'c' | 's' | 'z' => 523,
        '?' | 'L' => 555,
        'k' | 'v' | 'x' | 'y' | 'F' | 'e' | 'a' => 595,
        'o' | 'P' | 'Y' | 'T' => 612,
        '0'..='9' | 'b' | 'd' | 'g' | 'h' | 'n' | 'p' | 'q' | 'u' | '_' | '*' | '$' | 'E' => 636,
        'A' | 'B' | 'C' | 'K' | 'R' | 'S' | 'V' | 'X' | 'Z' => 694,
        '&' | 'D' | 'G' | 'H' | 'N' | 'U' => 760,
        'O' | 'Q' => 787,
        'w' | '+' | '#' | '=' | '<' | '>' | '~' | '^' => 818,
        'M' => 843,
        'm' | 'W' => 981,
        '@' => 1000,
        '%' => 1076,
        other => 700 * width(other.encode_utf8(&mut [0; 4])).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_colours_it() {
        let ready = Totals {
            total: 1204,
            passed: 1204,
            ..Totals::default()
        };
        let known = Totals {
            total: 1206,
            failed: 2,
            ..ready
        };
        let blocked = Totals {
            unresolved: 1,
            ..known
        };
        let badge = |totals: &Totals| Badge::of("tests", totals);
        for (badge, message, color) in [
            (badge(&ready), "1,204 passed", "brightgreen"),
            (badge(&known), "1,204 passed, 2 known or muted", "orange"),
            (badge(&blocked), "1,204 passed, 1 unresolved", "red"),
            (badge(&Totals::default()), "no results", "lightgrey"),
            (
                Badge::absent("tests", "no launches"),
                "no launches",
                "lightgrey",
            ),
        ] {
            let answer: serde_json::Value = serde_json::from_str(&badge.shields()).expect("JSON");
            assert_eq!(
                (&answer["message"], &answer["color"]),
                (&message.into(), &color.into())
            );
            assert!(
                badge
                    .svg()
                    .contains(&format!("<title>tests: {message}</title>"))
            );
        }
    }

    #[test]
    fn any_label_stays_text() {
        let svg = Badge::absent("<b>\"&'\u{1b}\u{202e}", "").svg();
        assert!(svg.contains("&lt;b&gt;&quot;&amp;&#39;"), "{svg}");
        assert!(!svg.contains("<b>") && !svg.contains('\u{1b}') && !svg.contains('\u{202e}'));
        assert_eq!(text_width("0000000000"), 70);
    }
}
