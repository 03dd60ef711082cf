use proptest::prelude::*;

use super::*;

fn of(html: &str) -> String {
    markdown(html, &mut Vec::new())
}

#[test]
fn texts_keep_their_shape() {
    let all = [
        (
            "<p>Open the <b>page </b>and <em>wait</em></p><p>Go</p>",
            "Open the **page** and *wait*\n\nGo",
        ),
        ("a<br/>b<br><br>c", "a\\\nb\n\nc"),
        (
            "<ol><li><p>One</p></li><li>Two<ul><li>x</li><li>y</li></ul></li></ol>end",
            "1. One\n1. Two\n   - x\n   - y\n\nend",
        ),
        (
            "see <a href=\"https://a.example/x y\">this</a>",
            "see [this](https://a.example/x%20y)",
        ),
        ("<a href=\"javascript:alert(1)\">x</a>", "x"),
        ("<pre>a\n  b &lt; c</pre>", "```\na\n  b < c\n```"),
        (
            "<code>x*y</code> &amp; &eacute; &#8364; &bogus;",
            "`x*y` & é € &bogus;",
        ),
        (
            "<table><tr><th>A</th><th>B</th></tr><tr><td>1|2</td><td><p>x</p><p>y</p></td></tr></table>",
            "| A | B |\n| --- | --- |\n| 1\\|2 | x y |",
        ),
        (
            "a < b > c <user@host> 1 <2",
            "a \\< b > c \\<user@host> 1 \\<2",
        ),
        ("<script>alert('<p>')</script>x<!-- y -->z", "xz"),
        (
            "<img src=\"https://a.example/i.png\" alt=\"shot\">",
            "![shot](https://a.example/i.png)",
        ),
        ("&nbsp;<h2>T</h2>x", "## T\n\nx"),
    ];
    for (html, meant) in all {
        assert_eq!(of(html), meant, "{html}");
    }
}

#[test]
fn depth_and_length_cost_nothing() {
    for piece in [
        "<b>",
        "<ul><li>",
        "<div>",
        "<table><tr><td>",
        "<a href='x'>",
        "<p",
        "&#",
        "</",
        "<!--",
        "<pre>",
    ] {
        let text = piece.repeat(40_000);
        assert!(of(&text).len() < 10_000_000, "{piece}");
    }
    let attributes = format!("<a {}>x</a>", "b ".repeat(100_000));
    assert_eq!(of(&attributes), "x");
}

proptest! {
    #[test]
    fn no_text_panics(text in "(</?(b|i|p|ul|ol|li|pre|table|tr|td|a|code|br|h1|script)( href=['\"]?x)?>|[&#;a-zä \n|*`<>\"'/=-]){0,40}") {
        of(&text);
    }
}
