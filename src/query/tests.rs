//! The language against worked examples, and its laws against random queries.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::base::time::{Date, Timestamp};
use crate::diag::Span;

const FIELDS: &[Field] = &[
    field("name", &[], Kind::Text),
    field("full_name", &[], Kind::Text),
    Field {
        values: &["passed", "failed", "broken", "skipped", "unknown"],
        ..field("status", &[], Kind::Text)
    },
    field("tag", &["tags"], Kind::Text),
    field("layer", &[], Kind::Text),
    field("duration", &[], Kind::Duration),
    field("created", &["createdDate"], Kind::Instant),
    field("retries", &[], Kind::Number),
    field("muted", &[], Kind::Truth),
    field("issue", &[], Kind::Text),
    Field {
        key: Some("the name of a field"),
        ..field("cf", &[], Kind::Text)
    },
];

const FUNCTIONS: &[Function] = &[rate("flipRate"), rate("passRate")];

const fn rate(name: &'static str) -> Function {
    Function {
        name,
        kind: Kind::Rate,
        window: Some(Window::Last(20)),
        values: &[],
        about: "",
    }
}

const SCHEMA: Schema = Schema {
    of: "results",
    fields: FIELDS,
    functions: FUNCTIONS,
    elsewhere: &[("createdBy", "git knows who wrote it")],
};

const fn field(name: &'static str, aliases: &'static [&'static str], kind: Kind) -> Field {
    Field::new(name, kind, "").also(aliases)
}

/// A subject that is a map; times are 2026-11-25T12:00:00Z and an hour before.
#[derive(Default)]
struct Row(BTreeMap<String, Vec<Value<'static>>>);

impl Row {
    fn with(mut self, name: &str, value: Value<'static>) -> Self {
        self.0.entry(name.to_owned()).or_default().push(value);
        self
    }

    fn text(self, name: &str, text: &'static str) -> Self {
        self.with(name, Value::Text(text.into()))
    }
}

impl Subject for Row {
    fn look(&self, lookup: &Lookup) -> Found<'_> {
        let name = match (&lookup.key, lookup.window) {
            (Some(key), _) => format!("{}[{key}]", lookup.name),
            (None, Some(window)) => format!("{}({window:?})", lookup.name),
            (None, None) => lookup.name.to_owned(),
        };
        Found::Many(self.0.get(&name).cloned().unwrap_or_default())
    }
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-25T12:00:00Z").unwrap()
}

fn context() -> Context {
    Context {
        now: now(),
        user: Some("alice".to_owned()),
    }
}

fn row() -> Row {
    Row::default()
        .text("name", "Sign in with an expired Password")
        .text("full_name", "tests.auth#expired")
        .text("status", "failed")
        .text("tag", "smoke")
        .text("tag", "Auth")
        .text("layer", "7")
        .text("cf[Epic]", "Login")
        .text("cf[build]", "12")
        .with("duration", Value::Duration(5321))
        .with("created", Value::Instant(now().ms() - 3_600_000))
        .with("retries", Value::Number(2.0))
        .with("muted", Value::Truth(false))
        .with("flipRate(Last(20))", Value::Number(0.25))
        .with("flipRate(Within(2592000000))", Value::Number(0.5))
}

fn bound(text: &str) -> Bound {
    let query = parse(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
    let bound = query.bind(&SCHEMA, &context());
    bound.unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

fn problems(text: &str) -> Vec<String> {
    let problems = match parse(text) {
        Ok(query) => query.bind(&SCHEMA, &context()).expect_err(text),
        Err(problem) => vec![problem],
    };
    let shown = |p: Problem| {
        let help = p.help.map(|help| format!("; {help}")).unwrap_or_default();
        format!("[{}] {}{help}", &text[p.span.range()], p.message)
    };
    problems.into_iter().map(shown).collect()
}

#[test]
fn what_fits() {
    for text in [
        "",
        "  ",
        "true",
        "not false",
        r#"name ~= "EXPIRED""#,
        r#"(name ~= "nothing" or name ~= "sign in") and status = "FAILED""#,
        r#"tag in ["fast", "smoke"]"#,
        r#"not id_free = "x" or true"#.replace("id_free", "issue").as_str(),
        r#"tag is "auth" AND TAG = 'smoke'"#,
        "tags = smoke",
        "layer = 7",
        "not (name = 2026-11-22-1843-nightly-4f7k) and name ~= 'sign in'",
        r#"cf["Epic"] is Login"#,
        r#"cf["Story"] is null"#,
        r#"cf["build"] > 11 and cf["build"] <= 12.0"#,
        "issue is null and issue = empty",
        "tag is not null and has tag and not has issue",
        "duration > 5s and duration < 5.5s and duration = 5321 and duration >= 5321ms",
        "created = 2026-11-25 and created >= 2026-11-25 and created <= 2026-11-25",
        "created < 2026-11-26 and created > 2026-11-24",
        "created > -2h and created < now() and created > dayStartUtc()",
        "created = 2026-11-25T11:00:00Z and created > weekAgo()",
        r#"created > "2026-11-24T00:00:00Z""#,
        "created > 1569430502709",
        "retries = 2 and retries > 1.5 and retries in [1, 2]",
        "muted = false",
        "flipRate() = 25% and flipRate(20) < 0.3 and flip_rate(30d) >= 50%",
        r"name ~= /^Sign .* Password$/ and not name ~= /password/ and name ~= /PASSWORD/i",
        r"full_name = /tests\.auth.*/ and fullName != /tests\.auth/",
        "full_name ~= 'auth#' and full_name !~= nothing",
        "status not in [passed, skipped] and status != passed",
        "status = failed order by name limit 3",
    ] {
        assert!(bound(text).holds(&row()), "{text}");
    }
}

#[test]
fn what_does_not_fit() {
    for text in [
        "false",
        "status = passed",
        "tag != smoke",
        "tag not in [smoke]",
        "tag !~= uth",
        "created > 2026-11-25",
        "created < 2026-11-25",
        "created < -2h",
        "duration > 6s",
        r#"layer > 7"#,
        r#"name > 3"#,
        r"full_name = /tests/",
        r"full_name = /tests|expired/",
        "status in []",
        "true and false",
        "not true or false",
        "currentUser_free = 1"
            .replace("currentUser_free", "retries")
            .as_str(),
    ] {
        assert!(!bound(text).holds(&row()), "{text}");
    }
}

#[test]
fn no_operator_fits_what_is_missing() {
    for text in [
        "issue = x",
        "issue != x",
        "issue ~= x",
        "issue !~= x",
        "issue in [x]",
        "issue not in [x]",
        "issue > 1",
        "issue != null",
        "has issue",
    ] {
        assert!(!bound(text).holds(&row()), "{text}");
        assert!(bound(&format!("not {text}")).holds(&row()), "not {text}");
    }
}

#[test]
fn and_binds_tighter_than_or() {
    assert!(bound("true or false and false").holds(&row()));
    assert!(!bound("(true or false) and false").holds(&row()));
    assert!(bound("not false or true").holds(&row()));
    assert_eq!(
        parse("true or (false and false)").unwrap().to_string(),
        "true or false and false"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    insta::assert_snapshot!(
        [
            "statsu = failed",
            "status = faild",
            "status",
            "status =",
            "= x",
            "nme-x = 1",
            "flipRate = 1",
            "status() = failed",
            "flipRat() > 1",
            "flipRate(1, 2) > 0",
            "flipRate(0) > 0",
            "flipRate(-3d) > 0",
            "cf = x",
            r#"tag["x"] = 1"#,
            "duration > x",
            "duration ~= 5",
            "created > 5d",
            "created = 2026-13-01",
            "muted > true",
            "muted = 1",
            "retries = many",
            "status > 3",
            "tag in [a, null]",
            "tag > null",
            "tag in x",
            "tag in [a b]",
            "tag in [a",
            "(tag = a",
            "tag = a)",
            "tag = a b",
            r#"tag = "a"#,
            "tag = /(/",
            "tag = /a",
            "tag = /a/x",
            r#"tag = "\u12""#,
            r#"tag = "\ud800""#,
            "tag = 5x",
            "tag = -",
            "tag = a; b",
            "order name",
            "order by",
            "limit x",
            "limit 1.5",
            "tag = nobody() and statsu = 1",
            "created = no()",
            "tag = a && tag = b",
            "tag = a | tag = b",
            "! muted = true",
    "name ~ \"sign in\"",
            "created > now()-7d",
            "limit 5 order by name",
            "order by name limit 5 limit 6",
            "passRate(30d) < 90",
        ]
        .map(|text| format!("{text}\n  {}", problems(text).join("\n  ")))
        .join("\n"), @r##"
    statsu = failed
      [statsu] results have no field `statsu`; did you mean `status`?
    status = faild
      [faild] `status` is never `faild`: it is `passed`, `failed`, `broken`, `skipped` or `unknown`; did you mean `failed`?
    status
      [] the query ends where an operator is expected; write `status = …`, `status in […]` or `has status`
    status =
      [] the query ends where a value is expected
    = x
      [=] `=` stands where the name of a field is expected
    nme-x = 1
      [nme-x] no field has a `-` in its name; a field stands left of the operator, its value right of it
    flipRate = 1
      [flipRate] results have no field `flipRate`; it is a function: write `flipRate()`
    status() = failed
      [status()] results have no function `status()`; it is a field: write `status`
    flipRat() > 1
      [flipRat()] results have no function `flipRat()`; did you mean `flipRate`?
    flipRate(1, 2) > 0
      [flipRate(1, 2)] `flipRate()` takes at most one value
    flipRate(0) > 0
      [0] this is no window of history; write a number of launches such as `20`, or a span such as `30d`
    flipRate(-3d) > 0
      [-3d] this is no window of history; write a number of launches such as `20`, or a span such as `30d`
    cf = x
      [cf] `cf` stands without the name of a field; write `cf["…"]`, with the name of a field in quotes
    tag["x"] = 1
      [tag["x"]] `tag` has no brackets
    duration > x
      [x] `duration` is a duration: `> "x"` does not fit; write a number with `ms`, `s`, `m`, `h` or `d`, such as `1.5s`
    duration ~= 5
      [5] `~=` looks into texts, and `duration` is a duration
    created > 5d
      [5d] `created` is a time: `> 5d` does not fit; write a day `2026-11-22`, a time `2026-11-22T18:43:00Z` or `-7d`
    created = 2026-13-01
      [2026-13-01] `2026-13-01` is no date of the calendar and no time; a day is `2026-11-22`, a time `2026-11-22T18:43:00Z`
    muted > true
      [true] `muted` is `true` or `false`: `> true` does not fit; write `= true` or `= false`
    muted = 1
      [1] `muted` is `true` or `false`: `= 1` does not fit; write `= true` or `= false`
    retries = many
      [many] `retries` is a number: `= "many"` does not fit; write a number such as `3`, or `90%`
    status > 3
      [3] `status` is a text: `>` compares numbers
    tag in [a, null]
      [null] `null` in a list fits nothing; write `or tag is null` behind the list
    tag > null
      [null] `>` can't be used with `null`; write `is null` or `is not null`
    tag in x
      [x] `x` stands where `[` is expected
    tag in [a b]
      [b] `b` stands where `,` or `]` is expected
    tag in [a
      [] the query ends where `,` or `]` is expected
    (tag = a
      [] the query ends where `)` is expected
    tag = a)
      [)] `)` stands where `and`, `or`, `order by`, `limit` or the end is expected
    tag = a b
      [b] `b` stands where `and`, `or`, `order by`, `limit` or the end is expected; a value of several words is written in quotes, a number and its unit without a blank
    tag = "a
      ["a] this text has no closing quote; end it with `"`
    tag = /(/
      [/(/] this regular expression does not work: error: unclosed group
    tag = /a
      [/a] this regular expression has no closing `/`
    tag = /a/x
      [/a/x] a regular expression has no flag `x`, only `i`
    tag = "\u12"
      ["\u] `\u` stands in front of four hexadecimal digits
    tag = "\ud800"
      ["\ud800] this text has half a pair of surrogates
    tag = 5x
      [x] `x` is no unit; units are `ms`, `s`, `m`, `h`, `d`, `w` and `%`; text is written in quotes
    tag = -
      [-] `-` stands in front of a number only; there is no arithmetic: a time before now is `-7d`; a value with `-` is written in quotes
    tag = a; b
      [;] `;` has no meaning here; a value with such characters is written in quotes
    order name
      [name] `order` stands in front of `by`
    order by
      [] the query ends where the name of a field is expected
    limit x
      [x] `limit` stands in front of a whole number
    limit 1.5
      [1.5] `limit` stands in front of a whole number
    tag = nobody() and statsu = 1
      [nobody()] there is no value `nobody()`
      [statsu] results have no field `statsu`; did you mean `status`?
    created = no()
      [no()] there is no value `no()`; did you mean `now`?
    tag = a && tag = b
      [&] `&` has no meaning here; write `and`
    tag = a | tag = b
      [|] `|` has no meaning here; write `or`
    ! muted = true
      [!] `!` has no meaning here; write `not`
    name ~ "sign in"
      [~] `~` has no meaning here; `~=` asks for a text or a `/pattern/` within
    created > now()-7d
      [-7d] a value stands where `and`, `or`, `order by`, `limit` or the end is expected; a value of several words is written in quotes, a number and its unit without a blank
    limit 5 order by name
      [order] `order` stands where the end is expected; `order by` stands in front of `limit`
    order by name limit 5 limit 6
      [limit] `limit` stands where the end is expected; a value of several words is written in quotes, a number and its unit without a blank
    passRate(30d) < 90
      [90] `passRate` is a rate from 0 to 1: it is never 90; write `90%`
    "##);
}

#[test]
fn what_none_has_is_named() {
    let other = Row::default().text("tag", "slow").text("layer", "unit");
    let rows = [row(), other];
    let strangers = |text: &str| -> Vec<String> {
        let found = bound(text).strangers(&rows, "results").into_iter();
        let shown = |p: Problem| {
            let help = p.help.map(|help| format!("; {help}")).unwrap_or_default();
            format!("[{}] {}{help}", &text[p.span.range()], p.message)
        };
        found.map(shown).collect()
    };
    for text in [
        "",
        "tag = SMOKE and tag not in [slow, auth]",
        "tag ~= nothing and name = /x/ and status = broken",
        r#"has cf["Epic"] and cf["build"] > 100"#,
        "has issue and issue is null and owner_free = null"
            .replace("owner_free", "issue")
            .as_str(),
    ] {
        assert_eq!(strangers(text), [""; 0], "{text}");
    }
    for (text, said) in [
        (
            "tag != smok",
            "[smok] `tag` is `smok` in none of the results; did you mean `smoke`?",
        ),
        (
            "not tag in [slow, x]",
            "[x] `tag` is `x` in none of the results",
        ),
        ("issue = WEB-1", "[WEB-1] none of the results has `issue`"),
        (
            r#"cf["Epik"] is null"#,
            r#"[cf["Epik"]] none of the results has `cf["Epik"]`"#,
        ),
        (
            r#"cf["epic"] ~= x"#,
            r#"[cf["epic"]] none of the results has `cf["epic"]`"#,
        ),
    ] {
        assert_eq!(strangers(text), [said], "{text}");
    }
    assert!(bound("tag = x").strangers::<Row>(&[], "results").is_empty());
}

#[test]
fn bounds_hold() {
    let deep = format!("{}true{}", "(".repeat(65), ")".repeat(65));
    assert!(problems(&deep)[0].contains("nested deeper than 64"));
    assert!(
        problems(&"not ".repeat(100))
            .concat()
            .contains("nested deeper")
    );
    let wide = vec!["muted = true"; 1000].join(" or ");
    assert!(!bound(&wide).holds(&row()));
    assert!(problems(&"a".repeat(20_000))[0].contains("longer than 16384"));
    let large = problems(r"name ~= /\w{1000}{100}/");
    assert!(large[0].contains("too large"), "{large:?}");
}

#[test]
fn nobody_is_asked_for_in_vain() {
    let query = parse("name = currentUser()").unwrap();
    let context = Context {
        user: None,
        ..context()
    };
    let problems = query.bind(&SCHEMA, &context).unwrap_err();
    assert_eq!(problems[0].message, "nobody is known as `currentUser()`");
}

#[test]
fn order_is_stable_and_ends_with_what_is_missing() {
    let rows = [
        Row::default()
            .text("name", "b")
            .with("retries", Value::Number(10.0)),
        Row::default().text("name", "A"),
        Row::default()
            .text("name", "c")
            .with("retries", Value::Number(9.0)),
        Row::default()
            .text("name", "a")
            .with("retries", Value::Number(9.0)),
    ];
    let names = |text: &str| {
        let rows = bound(text).select(&rows);
        let name = |row: &&Row| match &row.0["name"][0] {
            Value::Text(text) => text.to_string(),
            _ => unreachable!("names are texts"),
        };
        rows.iter().map(name).collect::<String>()
    };
    assert_eq!(names("order by retries"), "cabA");
    assert_eq!(names("order by retries desc"), "bcaA");
    assert_eq!(names("order by retries desc, name"), "bacA");
    assert_eq!(names("order by name limit 2"), "Aa");
    assert_eq!(names("limit 1"), "b");
    assert_eq!(names("limit 0"), "");
}

#[test]
fn only_what_is_asked_for_is_looked_up() {
    let bound = bound("(name = a or not has issue) and flipRate(5) > 0 order by duration");
    let names: Vec<&str> = bound.lookups().iter().map(|lookup| lookup.name).collect();
    assert_eq!(names, ["name", "issue", "flipRate", "duration"]);
}

fn literal() -> impl Strategy<Value = What> {
    prop_oneof![
        Just(What::Null),
        any::<bool>().prop_map(What::Truth),
        (-1e9..1e9).prop_map(What::Number),
        any::<u16>().prop_map(|n| What::Percent(f64::from(n) / 4.0)),
        any::<String>().prop_map(What::Text),
        r"([a-z/.*]|\\[a-z/\\.]){0,8}"
            .prop_filter("a slash in front would be escaped twice", |p| !p
                .contains(r"\/"))
            .prop_flat_map(|pattern| {
                let regex = move |ignore_case| What::Regex {
                    pattern: pattern.clone(),
                    ignore_case,
                };
                any::<bool>().prop_map(regex)
            }),
        (1970..2100, 1..13, 1..29).prop_map(|(y, m, d)| {
            What::Day(Date::parse(&format!("{y:04}-{m:02}-{d:02}")).unwrap())
        }),
        (0..4_000_000_000_000i64).prop_map(|ms| What::Instant(Timestamp::from_ms(ms))),
        (any::<i16>(), 0..6usize).prop_map(|(n, unit)| What::Span {
            amount: f64::from(n) / 8.0,
            unit: Unit::ALL[unit],
        }),
        "[a-z]{1,5}x".prop_map(What::Call),
    ]
    .no_shrink()
}

fn spanned(what: What) -> Literal {
    Literal {
        what,
        span: Span::default(),
    }
}

fn accessor() -> impl Strategy<Value = Accessor> {
    let arguments = prop::option::of(prop::collection::vec(literal().prop_map(spanned), 0..3));
    (
        "[a-z_]{1,6}[0-9]",
        prop::option::of(any::<String>()),
        arguments,
    )
        .prop_map(|(name, key, arguments)| Accessor {
            name,
            arguments: arguments.filter(|_| key.is_none()),
            key,
            span: Span::default(),
        })
}

fn op() -> impl Strategy<Value = Op> {
    use Op::*;
    prop::sample::select(vec![
        Equal,
        Unequal,
        Contains,
        Lacks,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
    ])
}

fn clause() -> impl Strategy<Value = Clause> {
    let value = || literal().prop_map(spanned);
    prop_oneof![
        (accessor(), op(), value()).prop_map(|(a, op, value)| Clause::Compare(a, op, value)),
        (
            accessor(),
            any::<bool>(),
            prop::collection::vec(value(), 0..4)
        )
            .prop_map(|(accessor, negated, values)| Clause::In {
                accessor,
                negated,
                values
            }),
        accessor().prop_map(Clause::Has),
    ]
}

fn nested(leaf: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    let nested = leaf.prop_recursive(4, 24, 4, |inner| {
        let many = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many().prop_map(Expr::And),
            many().prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    });
    nested.boxed()
}

fn expr() -> BoxedStrategy<Expr> {
    let truth = any::<bool>().prop_map(Expr::Truth);
    nested(prop_oneof![truth, clause().prop_map(Expr::Clause)].boxed())
}

/// Conditions that the schema of these tests knows, on fields that are there and that are not.
fn asked() -> BoxedStrategy<Expr> {
    let clauses = [
        "status = failed",
        "status != failed",
        "issue = x",
        "issue != x",
        "tag in [smoke]",
        "tag not in [x]",
        "issue not in [x]",
        "has issue",
        "duration > 5s",
        "retries <= 1",
        "muted = false",
        "name ~= sign",
        "issue !~= x",
        "issue is null",
    ];
    let leaf = prop::sample::select(clauses.to_vec());
    nested(
        leaf.prop_map(|text| parse(text).unwrap().expr.unwrap())
            .boxed(),
    )
}

fn answer(expr: Expr) -> bool {
    let query = Query {
        expr: Some(expr),
        ..Query::default()
    };
    query.bind(&SCHEMA, &context()).unwrap().holds(&row())
}

proptest! {
    #[test]
    fn printing_and_parsing_gives_the_same(
        expr in prop::option::of(expr()),
        order in prop::collection::vec((accessor(), any::<bool>()), 0..3),
        limit in prop::option::of(0..100_000usize),
    ) {
        let order = order.into_iter().map(|(by, descending)| Order { by, descending }).collect();
        let query = Query { expr, order, limit };
        let text = query.to_string();
        prop_assume!(text.len() <= super::lex::MAX_BYTES);
        prop_assert_eq!(parse(&text), Ok(query), "{}", text);
    }

    #[test]
    fn de_morgan_holds(a in asked(), b in asked()) {
        let not = |expr| Expr::Not(Box::new(expr));
        let (x, y) = (answer(a.clone()), answer(b.clone()));
        prop_assert_eq!(answer(Expr::And(vec![a.clone(), b.clone()])), x && y);
        let left = answer(not(Expr::And(vec![a.clone(), b.clone()])));
        prop_assert_eq!(left, answer(Expr::Or(vec![not(a.clone()), not(b.clone())])));
        let left = answer(not(Expr::Or(vec![a.clone(), b.clone()])));
        prop_assert_eq!(left, answer(Expr::And(vec![not(a), not(b)])));
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"([a-z]{1,6}|[ \[\]()=~!<>,"'/.\\-]|[0-9]{1,4}|and|or|not|in|\PC){0,24}"#) {
        if let Ok(query) = parse(&text) {
            let _ = query.bind(&SCHEMA, &context());
            prop_assert_eq!(parse(&query.to_string()), Ok(query));
        }
    }
}
