//! `templates/site/texts/<language>.yaml`: the texts of the site in one language.

use std::sync::Arc;

use super::{Parsed, yaml_file};
use crate::model::{Catalogue, CatalogueText, OrderedMap};
use crate::store::shape::Value;

/// The key under which a text stands that has further keys beside it.
const TEXT: &str = "text";

/// Parses a catalogue of texts. Which keys there may be is not asked here.
pub fn parse_texts(path: &str, text: Arc<str>) -> Parsed<Catalogue> {
    yaml_file(path, text, |top| {
        top.all(|section| Some(section.named(entry)))
    })
}

fn entry(value: Value<'_, '_>) -> Option<CatalogueText> {
    if !value.is_mapping() {
        let text = Some(value.scalar()?);
        return Some(CatalogueText {
            text,
            ..CatalogueText::default()
        });
    }
    enum Part {
        One(String),
        Forms(OrderedMap<String>),
    }
    let parts = value.named(|value| match value.is_mapping() {
        false => value.scalar().map(Part::One),
        true => Some(Part::Forms(value.named(|form| form.scalar()))),
    });
    let mut out = CatalogueText::default();
    for (key, part) in parts.iter() {
        match part {
            Part::One(text) if key == TEXT => out.text = Some(text.clone()),
            Part::One(form) => out.forms.insert(key, form.clone()),
            Part::Forms(forms) => out.parts.insert(key, forms.clone()),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codes;

    #[test]
    fn texts_are_lines_forms_and_forms_of_parts() {
        let text = "launch:\n  ready: Ready\n  no: 12\n  failed: {one: '{n} failure', other: '{n} failures'}\n  \
                    of: {text: '{n} in {launches}', launches: {one: a launch, other: '{n} launches'}}\n";
        let (doc, findings) = parse_texts("de.yaml", text.into());
        assert_eq!(findings, []);
        let catalogue = doc.expect("reads").value;
        let launch = catalogue.get("launch").expect("a section");
        let of = |name: &str| launch.get(name).expect("a text").clone();
        assert_eq!(of("ready").text.as_deref(), Some("Ready"));
        assert_eq!(of("no").text.as_deref(), Some("12"));
        assert_eq!(of("failed").forms.len(), 2);
        assert_eq!(of("of").text.as_deref(), Some("{n} in {launches}"));
        assert_eq!(of("of").parts.get("launches").map(OrderedMap::len), Some(2));
    }

    #[test]
    fn what_is_no_text_is_a_finding() {
        for text in [
            "launch: 1\n",
            "launch:\n  a: [1]\n",
            "launch:\n  a: {one: {b: {c: d}}}\n",
        ] {
            let (_, findings) = parse_texts("de.yaml", text.into());
            assert_eq!(findings[0].code, codes::WRONG_TYPE, "{text}");
        }
    }
}
