//! What holds of texts, whichever there are.

use super::entry::Entry;
use super::*;
use crate::base::Timestamp;
use crate::model::{CatalogueText, OrderedMap};

fn texts(language: &str, yaml: &str) -> Arc<Texts> {
    let (doc, findings) = parse_texts("x.yaml", yaml.into());
    assert_eq!(findings, []);
    let doc = doc.expect("the texts read");
    Arc::new(Texts::of(language, &doc.value).expect("a language"))
}

fn found(language: &str, yaml: &str) -> Vec<String> {
    let (findings, _) = check(language, "x.yaml", Some(yaml.into()));
    let found = findings.into_iter();
    found
        .map(|finding| format!("{} {}", finding.code.id, finding.message))
        .collect()
}

/// A language whose texts have no letter of their own: what has letters comes from elsewhere. Placeholders, and code
/// between backticks, stay.
pub(crate) fn wordless() -> Arc<Texts> {
    let without = |text: &mut String| {
        let (mut is_slot, mut is_code) = (false, false);
        *text = text
            .chars()
            .map(|c| {
                match c {
                    '{' | '}' => is_slot = c == '{',
                    '`' => is_code = !is_code,
                    _ => {}
                }
                match c.is_alphabetic() && !is_slot && !is_code {
                    true => '·',
                    false => c,
                }
            })
            .collect();
    };
    let yaml = include_str!("../../../templates/texts/en.yaml");
    let (doc, _) = parse_texts("en.yaml", yaml.into());
    let all = doc.expect("it reads").value;
    let sections = all.iter().map(|(section, texts)| {
        let texts = texts.iter().map(|(name, text)| {
            let mut text = text.clone();
            text.text.iter_mut().for_each(without);
            let forms = |forms: &OrderedMap<String>| -> OrderedMap<String> {
                let forms = forms.iter().map(|(form, text)| {
                    let mut text = text.clone();
                    without(&mut text);
                    (form.to_owned(), text)
                });
                forms.collect()
            };
            text.forms = forms(&text.forms);
            let parts = text.parts.iter();
            text.parts = parts
                .map(|(slot, all)| (slot.to_owned(), forms(all)))
                .collect();
            (name.to_owned(), text)
        });
        (section.to_owned(), texts.collect())
    });
    let texts = Texts::of("en-XA", &sections.collect()).expect("a language");
    assert_eq!(texts.own.len(), english().own.len(), "each is there");
    Arc::new(texts)
}

#[test]
fn every_english_text_reads_and_fits_itself() {
    let yaml = include_str!("../../../templates/texts/en.yaml");
    assert_eq!(found("en", yaml), Vec::<String>::new());
    let (doc, _) = parse_texts("en.yaml", yaml.into());
    let all = doc.expect("it reads").value;
    let n: usize = all.iter().map(|(_, texts)| texts.len()).sum();
    assert_eq!(n, english().own.len());
}

#[test]
fn a_language_chooses_its_own_forms() {
    let polish = "count:\n  launch: {one: '{n} start', few: '{n} starty', many: '{n} startów', other: '{n} startu'}\n";
    let polish = texts("pl", polish);
    let said = within(&polish, || [1, 2, 5, 22].map(|n| count(n, "launch")));
    assert_eq!(said, ["1 start", "2 starty", "5 startów", "22 starty"]);
    // What it lacks is English, in English forms.
    let said = within(&polish, || [1, 2, 5].map(|n| count(n, "case")));
    assert_eq!(said, ["1 case", "2 cases", "5 cases"]);
    assert_eq!(count(2, "launch"), "2 launches");
}

#[test]
fn a_number_inside_of_a_text_may_have_forms_of_its_own() {
    let german = texts(
        "de",
        "number: {group: .}\nlaunches:\n  none-unresolved: {text: 'In {launches}', launches: {one: einem Start, other: '{n} Starten'}}\n",
    );
    let of = |n| {
        say!(
            "launches.none-unresolved",
            launches = counted(n, "closed launch")
        )
    };
    let said = within(&german, || [of(1), of(1_200)]);
    assert_eq!(said, ["In einem Start", "In 1.200 Starten"]);
    assert_eq!(of(1), "1 closed launch, none with unresolved failures");
}

#[test]
fn numbers_and_times_are_written_as_the_language_writes_them() {
    let german = texts(
        "de",
        "number: {group: ' ', decimal: ','}\nmonth: {nov: Nov.}\ndate: {day: '{day}. {month} {year}'}\nbytes: {mb: '{n} MByte'}\n",
    );
    let time = Timestamp::from_ms(1_763_837_000_123);
    let said = within(&german, || {
        [
            thousands(1_234_567),
            human_duration(5_321),
            bytes(4_200_000),
            when(time).text,
        ]
    });
    assert_eq!(
        said,
        ["1 234 567", "5,3 s", "4,2 MByte", "22. Nov. 2025, 18:43"]
    );
    let english = [thousands(1_234_567), human_duration(5_321), when(time).text];
    assert_eq!(english, ["1,234,567", "5.3 s", "22 Nov 2025, 18:43"]);
}

#[test]
fn markup_is_escaped_but_for_ours() {
    let written = CatalogueText {
        text: Some("<b>{name}</b> `a {name}` {link}".to_owned()),
        ..CatalogueText::default()
    };
    let entry = Entry::new(&written).expect("it reads");
    let args = [
        ("name", Arg::from("<i>")),
        ("link", Arg::Markup("<a>x</a>")),
    ];
    let rules = rules_of("en").expect("a language");
    assert_eq!(
        entry.fill_markup(&args, &rules),
        "&lt;b&gt;&lt;i&gt;&lt;/b&gt; <code>a &lt;i&gt;</code> <a>x</a>"
    );
    let open = CatalogueText {
        text: Some("an `end".to_owned()),
        ..CatalogueText::default()
    };
    let open = Entry::new(&open).expect("it reads");
    assert_eq!(open.fill_markup(&[], &rules), "an <code>end</code>");
}

#[test]
fn scripts_get_texts_that_end_no_element() {
    let hostile = texts("de", "script: {copied: \"</script><b>\\u2028\"}\n");
    let script = within(&hostile, script);
    assert!(script.starts_with("const tallybookTexts = {\"language\":\"de\""));
    assert!(!script.contains('<') && !script.contains('\u{2028}'));
    assert!(
        script.contains("\\u003c/script>\\u003cb>\\u2028"),
        "{script}"
    );
}

#[test]
fn what_can_not_be_said_is_told() {
    let one = |text: &str| found("de", &format!("verdict:\n  passed: {text}\n")).remove(0);
    for (text, why) in [
        ("bestanden", "it lacks the placeholder `{n}`"),
        ("'{n} {m}'", "the English text has no placeholder `{m}`"),
        ("'{n} {'", "has a brace that is part of no placeholder"),
        ("'{n} {N}'", "has a brace that is part of no placeholder"),
        ("{one: '{n}'}", "it lacks the form `other`"),
        (
            "{two: '{n}', other: '{n}'}",
            "`two` is no form of the language",
        ),
        (
            "{text: '{n}', other: '{n}'}",
            "both `text` and plural forms",
        ),
        ("{text: '{n}', m: {other: '{n}'}}", "forms of `m`"),
        (
            "{text: '{n}', n: {other: '{m}'}}",
            "stands in the form of a number",
        ),
        ("{}", "it has no text"),
    ] {
        let said = one(text);
        assert!(
            said.starts_with("TB0384") && said.contains(why),
            "{text}: {said}"
        );
    }
}

#[test]
fn languages_are_told_from_what_is_none() {
    let empty = OrderedMap::default();
    let of = |language: &str| {
        let texts = Texts::of(language, &empty)?;
        Some((texts.language().to_owned(), texts.direction()))
    };
    assert_eq!(of("de"), Some(("de".to_owned(), "ltr")));
    assert_eq!(of("PT-br"), Some(("pt-BR".to_owned(), "ltr")));
    assert_eq!(of("fa"), Some(("fa".to_owned(), "rtl")));
    for none in ["", "../x", "not a language", "und", "x\" onload=\"y"] {
        assert_eq!(of(none), None, "{none}");
    }
}

#[test]
fn what_is_said_ends_with_its_page() {
    let german = texts("de", "verdict: {ready: Bereit}\n");
    let said = within(&german, || {
        let inner = within(&english(), || say!("verdict.ready"));
        (say!("verdict.ready"), inner)
    });
    assert_eq!(said, ("Bereit".to_owned(), "Ready".to_owned()));
    let panicked = std::panic::catch_unwind(|| within(&german, || panic!("on purpose")));
    assert!(panicked.is_err());
    assert_eq!(say!("verdict.ready"), "Ready");
}
