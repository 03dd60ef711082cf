//! HTML as test management tools keep it in texts → Markdown.
//!
//! One pass over the text and no tree: what stands in a field is untrusted, and a tree of it can be as deep
//! or as large as somebody likes. What is no text (scripts, styles, images that lie in the text) goes.

mod tag;

use self::tag::{TagText, tag, unescaped};

/// How many elements may be open that matter.
const OPEN: usize = 64;
/// How deep lists are shown.
const LISTS: usize = 6;

/// Returns a text as Markdown; what can't be is added to `left_out`.
pub(super) fn markdown(html: &str, left_out: &mut Vec<&'static str>) -> String {
    let mut writer = Writer {
        out: String::new(),
        open: Vec::new(),
        lists: Vec::new(),
        grid: None,
        inner: 0,
        code: None,
        left_out,
    };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        rest = &rest[at..];
        match tag(rest) {
            Some((tag, length)) => {
                rest = &rest[length..];
                if let Some(end) = hidden(&tag, rest) {
                    writer.left_out.push("scripts and styles");
                    rest = &rest[end..];
                    continue;
                }
                writer.tag(&tag);
            }
            None => {
                writer.text("<");
                rest = &rest[1..];
            }
        }
    }
    writer.text(rest);
    writer.finish()
}

/// Where an element ends of which nothing is shown, for an opening tag of one.
fn hidden(tag: &TagText<'_>, rest: &str) -> Option<usize> {
    let is_hidden = matches!(
        tag.name.as_str(),
        "script" | "style" | "head" | "title" | "noscript"
    );
    if !is_hidden || tag.closes {
        return None;
    }
    let close = format!("</{}", tag.name);
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        at += found;
        let head = rest[at..].get(..close.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(&close)) {
            let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
            return Some(end);
        }
        at += 2;
    }
    Some(rest.len())
}

#[derive(Debug)]
struct Open {
    name: String,
    /// Where its content begins.
    at: usize,
    target: String,
}

#[derive(Debug, Default)]
struct Grid {
    rows: Vec<Vec<String>>,
    cell: Option<usize>,
}

struct Writer<'l> {
    out: String,
    open: Vec<Open>,
    /// Whether each list that is open is numbered.
    lists: Vec<bool>,
    grid: Option<Grid>,
    /// Tables inside the table.
    inner: usize,
    /// Inside preformatted text: where it begins.
    code: Option<usize>,
    left_out: &'l mut Vec<&'static str>,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = unescaped(text);
        if self.code.is_some() {
            self.out.push_str(&text);
            return;
        }
        for c in text.chars() {
            match c {
                // Browsers show white space as one blank; what is not to break stays one, too.
                _ if c.is_whitespace() => {
                    if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
                        self.out.push(' ');
                    }
                }
                '<' | '*' | '`' | '\\' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '|' if self.grid.is_some() => self.out.push_str("\\|"),
                '#' | '>' | '=' if self.out.is_empty() || self.out.ends_with('\n') => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                _ => self.out.push(c),
            }
        }
    }

    fn tag(&mut self, tag: &TagText<'_>) {
        if self.code.is_some() && !matches!(tag.name.as_str(), "pre" | "br") {
            return;
        }
        match tag.name.as_str() {
            "br" if self.code.is_some() => self.out.push('\n'),
            "br" => self.line_break(),
            "p" | "div" | "section" | "article" | "header" | "footer" | "dl" | "dt" | "dd"
            | "center" | "figure" => self.block(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.block();
                if !tag.closes && self.grid.is_none() {
                    let level = tag.name[1..].parse().unwrap_or(6);
                    self.out.push_str(&"#".repeat(level));
                    self.out.push(' ');
                }
            }
            "hr" if self.grid.is_none() => {
                self.block();
                self.out.push_str("---");
                self.block();
            }
            "blockquote" => self.block(),
            "ul" | "ol" => self.list(tag),
            "li" if !tag.closes => self.item(),
            "pre" => self.preformatted(tag.closes),
            "table" => self.table(tag.closes),
            "tr" | "td" | "th" => self.cell(tag),
            "b" | "strong" | "i" | "em" | "code" | "tt" | "kbd" | "samp" | "del" | "s"
            | "strike" | "a" => self.inline(tag),
            "img" => self.image(tag),
            "iframe" | "object" | "embed" | "video" | "audio" | "svg" | "input" if !tag.closes => {
                self.left_out.push("embedded objects");
            }
            _ => {}
        }
    }

    fn trim(&mut self) {
        let length = self.out.trim_end_matches([' ', '\n']).len();
        self.out.truncate(length);
    }

    fn indent(&self) -> String {
        "   ".repeat(self.lists.len().min(LISTS))
    }

    /// Whether nothing of the item that is open was written yet.
    fn is_fresh_item(&self) -> bool {
        let line = self
            .out
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .trim_start();
        !self.lists.is_empty() && (line == "- " || line == "1. ")
    }

    fn block(&mut self) {
        if self.grid.is_some() {
            return self.blank();
        }
        if self.is_fresh_item() || self.out.trim().is_empty() {
            return;
        }
        let indent = self.indent();
        self.trim();
        self.out.push_str("\n\n");
        self.out.push_str(&indent);
    }

    fn blank(&mut self) {
        if !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    fn line_break(&mut self) {
        if self.grid.is_some() {
            return self.blank();
        }
        if self.is_fresh_item() || self.out.trim().is_empty() {
            return;
        }
        let indent = self.indent();
        let length = self.out.trim_end_matches(' ').len();
        self.out.truncate(length);
        // Two breaks are a paragraph.
        match self.out.ends_with("\\\n") || self.out.ends_with("\n\n") {
            true => {
                let length = self.out.trim_end_matches(['\\', '\n', ' ']).len();
                self.out.truncate(length);
                self.out.push_str("\n\n");
            }
            false => self.out.push_str("\\\n"),
        }
        self.out.push_str(&indent);
    }

    fn list(&mut self, tag: &TagText<'_>) {
        if self.grid.is_some() {
            return self.blank();
        }
        if tag.closes {
            self.lists.pop();
            if self.lists.is_empty() {
                self.block();
            }
            return;
        }
        if self.lists.is_empty() {
            self.block();
        }
        if self.lists.len() < 1000 {
            self.lists.push(tag.name == "ol");
        }
    }

    fn item(&mut self) {
        if self.grid.is_some() {
            return self.blank();
        }
        let depth = self.lists.len().clamp(1, LISTS);
        let marker = match self.lists.last() {
            Some(true) => "1. ",
            _ => "- ",
        };
        self.trim();
        if self.out.ends_with('\\') && !self.out.ends_with("\\\\") {
            self.out.pop();
        }
        if !self.out.is_empty() {
            self.out.push('\n');
            let is_first = depth == 1 && !self.last_line_is_item();
            if is_first {
                self.out.push('\n');
            }
        }
        self.out.push_str(&"   ".repeat(depth - 1));
        self.out.push_str(marker);
    }

    /// Whether the paragraph that was written last belongs to a list.
    fn last_line_is_item(&self) -> bool {
        let mut lines = self.out.trim_end().rsplit('\n');
        let line = lines.next().unwrap_or_default();
        line.starts_with(' ') || line.starts_with("- ") || line.starts_with("1. ")
    }

    fn preformatted(&mut self, closes: bool) {
        match (closes, self.code) {
            (false, None) => {
                self.block();
                self.code = Some(self.out.len());
            }
            (true, Some(at)) => {
                self.code = None;
                let at = crate::base::text::floor(&self.out, at);
                let code = self.out.split_off(at);
                let indent = self.indent();
                let code = code.trim_matches('\n');
                let fence = match code.contains("```") {
                    true => "~~~~~~",
                    false => "```",
                };
                if self.grid.is_some() {
                    self.out
                        .push_str(&code.replace('\n', " ").replace('|', "\\|"));
                    return;
                }
                let lines = code.lines().map(|line| format!("{indent}{line}\n"));
                let lines: String = lines.collect();
                self.out
                    .push_str(&format!("{fence}\n{lines}{indent}{fence}"));
                self.block();
            }
            _ => {}
        }
    }

    fn table(&mut self, closes: bool) {
        match (&mut self.grid, closes) {
            (None, false) => {
                self.block();
                self.open.clear();
                self.grid = Some(Grid::default());
            }
            (Some(_), false) => self.inner += 1,
            (Some(_), true) if self.inner > 0 => self.inner -= 1,
            (Some(_), true) => self.end_table(),
            (None, true) => {}
        }
    }

    fn end_table(&mut self) {
        self.end_cell();
        let Some(grid) = self.grid.take() else { return };
        let rows: Vec<Vec<String>> = grid.rows.into_iter().filter(|r| !r.is_empty()).collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let indent = self.indent();
        for (n, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = (0..width)
                .map(|at| row.get(at).map_or("", String::as_str))
                .collect();
            if n > 0 {
                self.out.push_str(&indent);
            }
            self.out.push_str(&format!("| {} |\n", cells.join(" | ")));
            if n == 0 {
                self.out
                    .push_str(&format!("{indent}|{}\n", " --- |".repeat(width)));
            }
        }
        self.block();
    }

    fn cell(&mut self, tag: &TagText<'_>) {
        if self.inner > 0 || self.grid.is_none() {
            return self.blank();
        }
        self.end_cell();
        let at = self.out.len();
        let Some(grid) = &mut self.grid else { return };
        if tag.closes {
            return;
        }
        match tag.name.as_str() {
            "tr" => grid.rows.push(Vec::new()),
            _ => {
                if grid.rows.is_empty() {
                    grid.rows.push(Vec::new());
                }
                grid.cell = Some(at);
            }
        }
    }

    fn end_cell(&mut self) {
        let Some(grid) = &mut self.grid else { return };
        let Some(at) = grid.cell.take() else { return };
        self.open.retain(|open| open.at <= at);
        let at = crate::base::text::floor(&self.out, at);
        let text = self.out.split_off(at);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(row) = grid.rows.last_mut() {
            row.push(text);
        }
    }

    fn inline(&mut self, tag: &TagText<'_>) {
        if !tag.closes {
            if self.open.len() < OPEN {
                let target = match tag.name.as_str() {
                    "a" => tag.get("href").unwrap_or_default(),
                    _ => String::new(),
                };
                self.open.push(Open {
                    name: tag.name.clone(),
                    at: self.out.len(),
                    target,
                });
            }
            return;
        }
        let Some(at) = self.open.iter().rposition(|open| open.name == tag.name) else {
            return;
        };
        let open = self.open.swap_remove(at);
        self.open.truncate(at);
        // Blocks that began since then took blanks away.
        let at = crate::base::text::floor(&self.out, open.at);
        let content = self.out.split_off(at);
        let words = content.trim();
        if words.is_empty() || words.contains("\n\n") || words.contains("\n-") {
            self.out.push_str(&content);
            return;
        }
        let start = content.len() - content.trim_start().len();
        let end = content.trim_end().len();
        let (before, after) = (&content[..start], &content[end..]);
        let marked = match open.name.as_str() {
            "b" | "strong" => format!("**{words}**"),
            "i" | "em" => format!("*{words}*"),
            "del" | "s" | "strike" => format!("~~{words}~~"),
            "a" => linked(words, &open.target),
            _ => format!("`{}`", words.replace('\\', "").replace('`', "'")),
        };
        self.out.push_str(before);
        self.out.push_str(&marked);
        self.out.push_str(after);
    }

    fn image(&mut self, tag: &TagText<'_>) {
        let source = tag.get("src").unwrap_or_default();
        let words = tag.get("alt").unwrap_or_default();
        let words = words.replace(['[', ']', '\n'], " ");
        if source.starts_with("data:") || source.trim().is_empty() {
            self.left_out.push("images");
            self.out.push_str(words.trim());
            return;
        }
        let source = target(&source);
        self.out.push_str(&format!("![{}]({source})", words.trim()));
    }

    fn finish(mut self) -> String {
        if let Some(at) = self.code {
            self.code = Some(at.min(self.out.len()));
            self.preformatted(true);
        }
        if self.grid.is_some() {
            self.end_table();
        }
        let lines = self.out.trim().lines().map(str::trim_end);
        let text = lines.collect::<Vec<_>>().join("\n");
        let text = text.trim_end_matches('\\').trim_end();
        text.to_owned()
    }
}

fn linked(words: &str, to: &str) -> String {
    let to = to.trim();
    if to.is_empty() || to.to_ascii_lowercase().starts_with("javascript:") {
        return words.to_owned();
    }
    if words == to {
        return format!("<{}>", target(to));
    }
    format!("[{}]({})", words.replace(['[', ']'], " "), target(to))
}

/// A target as Markdown takes it.
fn target(to: &str) -> String {
    let mut out = String::new();
    for c in to.trim().chars() {
        match c {
            ' ' => out.push_str("%20"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            c if c.is_control() || c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
