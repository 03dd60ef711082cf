//! The page of one review, a single file.

use tera::{Context, Tera};

use super::{Telling, view};
use crate::review::Brief;
use crate::site::texts::say;
use crate::site::view::review::ReviewPage;
use crate::site::view::{Crumb, Fact, Frame, Inline, Stamp};
use crate::site::{SiteError, assets, functions, inline, texts, words};

const PAGE: &str = "review.html";

/// Renders a review as one page that asks for nothing else: styles and scripts stand in it, and it says
/// everything without the latter. The same review gives the same bytes.
///
/// A workspace's own templates and texts are left aside, so that a change can't decide how its own review looks.
///
/// # Errors
/// The embedded templates don't render, which would be a bug.
pub fn review_page(brief: &Brief, workspace: &str) -> Result<String, SiteError> {
    texts::within(&texts::english(), || page(brief, workspace))
}

fn page(brief: &Brief, workspace: &str) -> Result<String, SiteError> {
    let mut tera = Tera::new();
    functions::register(&mut tera);
    tera.add_raw_templates(assets::TEMPLATES)
        .map_err(SiteError::Templates)?;
    let telling = Telling {
        most: usize::MAX,
        rest: "sheet.more",
        case: &|_, _| None,
        launch: &|_, _| None,
    };
    let page = ReviewPage {
        frame: frame(brief, workspace),
        inline: inline(),
        range: words::line(&brief.range),
        facts: facts(brief),
        review: view(brief, &telling),
    };
    let fail = |source| SiteError::Render {
        template: PAGE.to_owned(),
        page: PAGE.to_owned(),
        source,
    };
    let context = Context::from_serialize(&page).map_err(fail)?;
    tera.render(PAGE, &context).map_err(fail)
}

fn frame(brief: &Brief, workspace: &str) -> Frame {
    let workspace = words::line(workspace);
    let crumb = |name: &str| Crumb {
        name: name.to_owned(),
        href: None,
    };
    let title = match workspace.is_empty() {
        true => say!("review.review"),
        false => say!("title.of", page = say!("review.review"), name = &workspace),
    };
    let crumbs = match workspace.as_str() {
        "" => vec![crumb(&say!("review.review"))],
        name => vec![crumb(name), crumb(&say!("review.review"))],
    };
    let texts = texts::current();
    Frame {
        language: texts.language().to_owned(),
        direction: texts.direction(),
        title: say!(
            "title.of",
            page = words::sentence(&brief.verdict),
            name = title
        ),
        crumbs,
        stamp: Stamp {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Stamp::default()
        },
        ..Frame::default()
    }
}

fn facts(brief: &Brief) -> Vec<Fact> {
    let commit = |label: &str, id: &str| Fact {
        label: label.to_owned(),
        value: id.chars().take(12).collect(),
        mono: true,
        copy: Some(id.to_owned()),
        ..Fact::default()
    };
    let head = brief.head.as_deref().map(|head| commit("head", head));
    let base = Some(commit("base", &brief.base));
    base.into_iter().chain(head).collect()
}

fn inline() -> Inline {
    let site = assets::first_script();
    let review = assets::embedded("assets/review.js");
    inline::inline(
        assets::embedded("assets/site.css"),
        assets::embedded("assets/theme.js"),
        &format!("{site}{review}"),
    )
}
