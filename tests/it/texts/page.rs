//! What a page shows to people, told apart: what stands in texts of the catalogue, and the rest.

/// Elements that have no end.
const VOID: [&str; 10] = [
    "meta", "link", "br", "wbr", "img", "input", "hr", "rect", "path", "use",
];
/// Elements whose text is data: code, what was written elsewhere, and what is no text.
const DATA: [&str; 6] = ["code", "pre", "kbd", "script", "style", "bdi"];
/// Classes of elements whose text is data: ids, paths, tags, parameters.
const DATA_CLASSES: [&str; 8] = [
    "mono", "id", "tag", "params", "brief", "prose", "message", "trace",
];
/// What a text of a pseudo-translation stands between.
pub(super) const MARKS: [char; 2] = ['⟦', '⟧'];

/// Something that a page says beside the catalogue.
#[derive(Clone, Debug)]
pub(super) struct Bare {
    /// The elements around it, as `td.quiet span.flag`; an attribute as `@title svg.strip`.
    pub(super) place: String,
    pub(super) text: String,
}

#[derive(Debug)]
struct Open {
    name: String,
    place: String,
    is_data: bool,
}

/// Returns what a page says beside texts of the catalogue.
///
/// # Panics
/// Where a text is not closed, which would mean that markup was cut.
pub(super) fn bare(html: &str) -> Vec<Bare> {
    let mut out = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut depth = 0usize;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text(&rest[..at], &open, &mut depth, &mut out);
        rest = &rest[at..];
        let end = tag_end(rest);
        let tag = &rest[1..end];
        rest = &rest[(end + 1).min(rest.len())..];
        if let Some(name) = tag.strip_prefix('/') {
            if let Some(at) = open.iter().rposition(|one| one.name == name.trim()) {
                open.truncate(at);
            }
            continue;
        }
        if tag.starts_with('!') {
            continue;
        }
        let is_closed = tag.ends_with('/');
        let name: String = tag
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect();
        let attributes = attributes(&tag[name.len()..]);
        let of = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let class = of("class");
        let place = match class.is_empty() {
            true => name.clone(),
            false => format!("{name}.{}", class.replace(' ', ".")),
        };
        for attribute in ["aria-label", "title", "placeholder", "alt"] {
            let value = of(attribute);
            if is_wordy(value) && !value.contains(MARKS[0]) {
                out.push(Bare {
                    place: format!("@{attribute} {place}"),
                    text: value.to_owned(),
                });
            }
        }
        let is_data = DATA.contains(&name.as_str())
            || of("dir") == "auto"
            || class.split(' ').any(|one| DATA_CLASSES.contains(&one));
        if matches!(name.as_str(), "script" | "style") {
            let end = format!("</{name}>");
            rest = rest.find(&end).map_or("", |at| &rest[at + end.len()..]);
        } else if !is_closed && !VOID.contains(&name.as_str()) {
            open.push(Open {
                name,
                place,
                is_data,
            });
        }
    }
    assert_eq!(depth, 0, "a text is not closed");
    out
}

fn text(text: &str, open: &[Open], depth: &mut usize, out: &mut Vec<Bare>) {
    let mut bare = String::new();
    let before = *depth;
    for c in text.chars() {
        match c {
            c if c == MARKS[0] => *depth += 1,
            c if c == MARKS[1] => *depth = depth.saturating_sub(1),
            c if *depth == 0 => bare.push(c),
            _ => {}
        }
    }
    // Figures cut what is too long for them.
    let is_of_figure = open.last().is_some_and(|one| one.name == "text");
    if is_of_figure && text.ends_with('…') {
        *depth = before;
    }
    if is_wordy(&bare) && !open.iter().any(|one| one.is_data) {
        let places = open[open.len().saturating_sub(3)..].iter();
        let places: Vec<&str> = places.map(|one| one.place.as_str()).collect();
        out.push(Bare {
            place: places.join(" "),
            text: bare.trim().to_owned(),
        });
    }
}

/// Whether a text has words: two letters side by side.
fn is_wordy(text: &str) -> bool {
    let letters: Vec<bool> = text.chars().map(char::is_alphabetic).collect();
    letters.windows(2).any(|pair| pair[0] && pair[1])
}

/// Where a tag ends: quoted values may hold its sign.
fn tag_end(text: &str) -> usize {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '>' if !is_quoted => return at,
            _ => {}
        }
    }
    text.len().saturating_sub(1)
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((name, tail)) = rest.split_once("=\"") {
        let Some((value, tail)) = tail.split_once('"') else {
            break;
        };
        let name = name.rsplit(char::is_whitespace).next().unwrap_or_default();
        out.push((name.to_owned(), value.to_owned()));
        rest = tail;
    }
    out
}

#[test]
fn what_is_bare_is_found() {
    let found = |html: &str| -> Vec<String> {
        let found = bare(html).into_iter();
        found
            .map(|one| format!("{}: {}", one.place, one.text))
            .collect()
    };
    assert_eq!(found("<p>⟦All <b>of it</b> is⟧</p>"), Vec::<String>::new());
    assert_eq!(
        found("<p dir=\"auto\">a name</p><code>ls</code>"),
        Vec::<String>::new()
    );
    assert_eq!(found("<p class=\"x\">⟦1 of⟧ two</p>"), ["p.x: two"]);
    assert_eq!(found("<a title=\"a > b\">⟦x⟧</a>"), Vec::<String>::new());
    assert_eq!(
        found("<a title=\"See > it\">⟦x⟧</a>"),
        ["@title a: See > it"]
    );
}
