//! `dashboards/<id>.yaml`.

use std::sync::Arc;

use super::{Parsed, stem, yaml_file};
use crate::model::{Dashboard, Interval, Metric, Of, Size, Widget, WidgetKind};
use crate::store::codes;
use crate::store::shape::{Mapping, Value};

/// Parses a dashboard. Its id is the file's name; a widget whose kind can't be read is left out.
pub fn parse_dashboard(path: &str, text: Arc<str>) -> Parsed<Dashboard> {
    yaml_file(path, text, |top| read(path, top))
}

pub(super) fn read(path: &str, top: &Mapping<'_, '_>) -> Dashboard {
    Dashboard {
        id: stem(path).to_owned(),
        name: top.required_text("name"),
        description: top.text("description"),
        launches: top.text("launches"),
        widgets: widgets(top),
    }
}

fn widgets(top: &Mapping<'_, '_>) -> Vec<Widget> {
    let Some(value) = top.get("widgets") else {
        return Vec::new();
    };
    let items = value.items(false, "a list of mappings");
    if items.len() > Dashboard::MOST_WIDGETS {
        let (n, most) = (items.len(), Dashboard::MOST_WIDGETS);
        let message = format!("the dashboard has {n} widgets, expected at most {most}");
        value.report(value.finding(codes::TOO_COMPLEX, message));
    }
    let each = items.into_iter().take(Dashboard::MOST_WIDGETS).enumerate();
    each.filter_map(|(place, item)| {
        let mapping = item.mapping()?;
        let widget = widget(place, &mapping);
        mapping.finish();
        widget
    })
    .collect()
}

fn widget(place: usize, item: &Mapping<'_, '_>) -> Option<Widget> {
    let kind = item.required("kind");
    let kind = kind.and_then(|kind| kind.choice(WidgetKind::ALL, WidgetKind::as_str));
    let widget = Widget {
        place,
        kind: kind.unwrap_or_default(),
        title: item.text("title"),
        of: item.choice("of", &Of::ALL, Of::as_str),
        query: item.text("query"),
        saved: item.text("saved"),
        launches: item.text("launches"),
        by: item.text("by"),
        metric: item.choice("metric", Metric::ALL, Metric::as_str),
        interval: item.choice("interval", Interval::ALL, Interval::as_str),
        last: number(item.get("last"), Widget::MOST_LAUNCHES),
        days: number(item.get("days"), Widget::MOST_DAYS),
        limit: number(item.get("limit"), Widget::MOST_ROWS),
        size: item.choice("size", Size::ALL, Size::as_str),
        body: item.text("body"),
    };
    kind.map(|_| widget)
}

fn number(value: Option<Value<'_, '_>>, most: u64) -> Option<u64> {
    let expected = format!("a number from 1 to {most}");
    value?.integer_within(1, Some(most), &expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "projects/shop/dashboards/release.yaml";

    #[test]
    fn dashboards_are_read() {
        let text = "name: Release\ndescription: D\nlaunches: branch = main\nwidgets:\n\
            - {kind: launch_trend, title: Nightly, last: 30, size: full, launches: name ~= night}\n\
            - {kind: pie, of: results, query: status = failed, saved: risky, by: 'label[x]', limit: 5}\n\
            - {kind: statistic_trend, interval: month, days: 365}\n\
            - {kind: top_cases, metric: flip_rate}\n\
            - kind: markdown\n  body: |\n    # Hello\n";
        let (doc, findings) = parse_dashboard(PATH, text.into());
        assert_eq!(findings, []);
        let read = doc.expect("reads").value;
        assert_eq!((read.id.as_str(), read.widgets.len()), ("release", 5));
        let [trend, pie, statistic, top, text] = &read.widgets[..] else {
            panic!("five widgets");
        };
        assert_eq!((trend.last, trend.size), (Some(30), Some(Size::Full)));
        assert_eq!(
            (pie.of, pie.limit, pie.place),
            (Some(Of::Results), Some(5), 1)
        );
        assert_eq!(
            (statistic.interval, statistic.days),
            (Some(Interval::Month), Some(365))
        );
        assert_eq!(top.metric, Some(Metric::FlipRate));
        assert_eq!(text.body.as_deref(), Some("# Hello\n"));
    }

    #[test]
    fn wrong_shapes_have_places() {
        let text = "name: R\nwidgets:\n- {kind: piee, by: x}\n- {title: T}\n- pie\n\
            - {kind: markdown, body: b, last: 0, days: 4000, limit: -1, size: huge, colour: red}\n";
        let (doc, findings) = parse_dashboard(PATH, text.into());
        let all: Vec<_> = findings
            .iter()
            .map(|f| (f.code, &text[f.span.expect("a place").range()]))
            .collect();
        let expected = [
            (codes::UNKNOWN_VALUE, "piee"),
            (codes::MISSING_KEY, "{title: T}"),
            (codes::WRONG_TYPE, "pie"),
            (codes::WRONG_TYPE, "0"),
            (codes::WRONG_TYPE, "4000"),
            (codes::WRONG_TYPE, "-1"),
            (codes::UNKNOWN_VALUE, "huge"),
            (codes::UNKNOWN_KEY, "colour"),
        ];
        assert_eq!(all, expected);
        let widgets = doc.expect("reads").value.widgets;
        let places: Vec<usize> = widgets.iter().map(|widget| widget.place).collect();
        assert_eq!(places, [3], "places are those of the file");
    }

    #[test]
    fn too_many_widgets_are_told() {
        let many = "- {kind: launch_list}\n".repeat(Dashboard::MOST_WIDGETS + 1);
        let (doc, findings) = parse_dashboard(PATH, format!("name: R\nwidgets:\n{many}").into());
        assert_eq!(findings.len(), 1);
        let widgets = doc.expect("reads").value.widgets;
        assert_eq!(widgets.len(), Dashboard::MOST_WIDGETS);
    }
}
