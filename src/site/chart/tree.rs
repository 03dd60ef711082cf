//! Areas as large as their values: halved by weight, across the longer side.

use super::bars::bars;
use super::svg::{Drawn, Href, class, frame, label, linked, said, short};
use crate::site::texts::thousands;
use crate::site::widgets::Mark;

const HEIGHT: u64 = 260;

/// Draws areas; names stand where they fit.
pub(crate) fn tree(name: &str, marks: &[Mark], width: u64, href: Href<'_>) -> Drawn {
    let marks: Vec<&Mark> = marks.iter().filter(|mark| mark.value > 0.0).collect();
    let mut shapes = String::new();
    place(&marks, (0, 0, width, HEIGHT), href, &mut shapes);
    // On narrow windows names have no room in areas: there the same stands as bars.
    let few: Vec<Mark> = marks.into_iter().cloned().collect();
    let rows = bars(name, &few, href).html;
    let html = frame("tree", (width, HEIGHT), name, &shapes);
    Drawn {
        html: format!("{html}<div class=\"narrow\">{rows}</div>"),
        omitted: String::new(),
    }
}

fn place(marks: &[&Mark], area: (u64, u64, u64, u64), href: Href<'_>, out: &mut String) {
    let (x, y, width, height) = area;
    if let [mark] = marks {
        let mut shape = format!(
            "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"/>",
            class(mark.tone),
            width.saturating_sub(2),
            height.saturating_sub(2)
        );
        if width >= 60 && height >= 34 {
            let fit = (width as usize - 12) * 2 / 15;
            shape += &label(x + 6, y + 15, "start", &short(&mark.label, fit));
            // A number is whole or isn't there: what a longer text says stands in the title.
            let number = thousands(mark.value as u64);
            let text =
                { [&mark.text, &number].into_iter() }.find(|text| text.chars().count() <= fit);
            shape += &label(x + 6, y + 29, "start", text.map_or("", String::as_str));
        }
        out.push_str(&linked(href(&mark.target), &said("", mark), &shape));
        return;
    }
    let sum: f64 = marks.iter().map(|mark| mark.value).sum();
    let (mut at, mut first) = (0, 0.0);
    while at + 1 < marks.len() && (at == 0 || first + marks[at].value <= sum / 2.0) {
        first += marks[at].value;
        at += 1;
    }
    if marks.is_empty() {
        return;
    }
    let part = |side: u64| (side as f64 * first / sum) as u64;
    let (one, two) = if width >= height {
        let w = part(width);
        ((x, y, w, height), (x + w, y, width - w, height))
    } else {
        let h = part(height);
        ((x, y, width, h), (x, y + h, width, height - h))
    };
    place(&marks[..at], one, href, out);
    place(&marks[at..], two, href, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::widgets::{Target, Tone};

    #[test]
    fn a_number_is_whole() {
        let mark = |text: &str| Mark {
            label: "account".into(),
            value: 2.0,
            text: text.into(),
            tone: Tone::Plain,
            target: Target::Launch(0),
        };
        let drawn = |width| tree("t", &[mark("2, 1 not passed")], width, &|_| None).html;
        assert!(drawn(300).contains(">2, 1 not passed</text>"));
        let narrow = drawn(80);
        assert!(
            narrow.contains(">2</text>") && !narrow.contains("…"),
            "{narrow}"
        );
    }
}
