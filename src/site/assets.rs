//! The embedded templates and assets, and the names that assets get.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Output, SiteError, texts};
use crate::base::{Digest, text};

/// Templates by name; pages extend `base.html`.
pub(crate) const TEMPLATES: [(&str, &str); 28] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("marks.html", include_str!("../../templates/marks.html")),
    (
        "review-marks.html",
        include_str!("../../templates/review-marks.html"),
    ),
    ("review.html", include_str!("../../templates/review.html")),
    ("changes.html", include_str!("../../templates/changes.html")),
    ("change.html", include_str!("../../templates/change.html")),
    (
        "workspace.html",
        include_str!("../../templates/workspace.html"),
    ),
    ("project.html", include_str!("../../templates/project.html")),
    (
        "launches.html",
        include_str!("../../templates/launches.html"),
    ),
    ("launch.html", include_str!("../../templates/launch.html")),
    ("results.html", include_str!("../../templates/results.html")),
    (
        "evidence.html",
        include_str!("../../templates/evidence.html"),
    ),
    (
        "environments.html",
        include_str!("../../templates/environments.html"),
    ),
    (
        "timeline.html",
        include_str!("../../templates/timeline.html"),
    ),
    ("cases.html", include_str!("../../templates/cases.html")),
    (
        "dashboard.html",
        include_str!("../../templates/dashboard.html"),
    ),
    ("case.html", include_str!("../../templates/case.html")),
    ("sheets.html", include_str!("../../templates/sheets.html")),
    (
        "comparison.html",
        include_str!("../../templates/comparison.html"),
    ),
    ("compare.html", include_str!("../../templates/compare.html")),
    (
        "launch-marks.html",
        include_str!("../../templates/launch-marks.html"),
    ),
    (
        "document-marks.html",
        include_str!("../../templates/document-marks.html"),
    ),
    ("logo.html", include_str!("../../templates/logo.html")),
    (
        "workspaces.html",
        include_str!("../../templates/workspaces.html"),
    ),
    ("pack.html", include_str!("../../templates/pack.html")),
    ("inline.html", include_str!("../../templates/inline.html")),
    ("single.html", include_str!("../../templates/single.html")),
    (
        "single-main.html",
        include_str!("../../templates/single-main.html"),
    ),
];

const ASSETS: [(&str, &str); 19] = [
    (
        "assets/compare.js",
        include_str!("../../templates/assets/compare.js"),
    ),
    (
        "assets/site.css",
        include_str!("../../templates/assets/site.css"),
    ),
    (
        "assets/theme.js",
        include_str!("../../templates/assets/theme.js"),
    ),
    (
        "assets/site.js",
        include_str!("../../templates/assets/site.js"),
    ),
    (
        "assets/results-data.js",
        include_str!("../../templates/assets/results-data.js"),
    ),
    (
        "assets/results-filter.js",
        include_str!("../../templates/assets/results-filter.js"),
    ),
    (
        "assets/results-groups.js",
        include_str!("../../templates/assets/results-groups.js"),
    ),
    (
        "assets/results-marks.js",
        include_str!("../../templates/assets/results-marks.js"),
    ),
    (
        "assets/results-table.js",
        include_str!("../../templates/assets/results-table.js"),
    ),
    (
        "assets/lists.js",
        include_str!("../../templates/assets/lists.js"),
    ),
    (
        "assets/tables.js",
        include_str!("../../templates/assets/tables.js"),
    ),
    (
        "assets/results-lines.js",
        include_str!("../../templates/assets/results-lines.js"),
    ),
    (
        "assets/results-list.js",
        include_str!("../../templates/assets/results-list.js"),
    ),
    (
        "assets/results.js",
        include_str!("../../templates/assets/results.js"),
    ),
    (
        "assets/difference.js",
        include_str!("../../templates/assets/difference.js"),
    ),
    (
        "assets/attachments.js",
        include_str!("../../templates/assets/attachments.js"),
    ),
    (
        "assets/result.js",
        include_str!("../../templates/assets/result.js"),
    ),
    (
        "assets/timeline.js",
        include_str!("../../templates/assets/timeline.js"),
    ),
    (
        "assets/review.js",
        include_str!("../../templates/assets/review.js"),
    ),
];

/// What a workspace adds to the styles, so that it need not replace them.
const THEME: &str = "assets/theme.css";

/// Where each asset was written, relative to the root.
#[derive(Clone, Debug)]
pub(crate) struct AssetPaths {
    pub(crate) css: String,
    pub(crate) theme_js: String,
    pub(crate) site_js: String,
    pub(crate) results_js: String,
    /// What the results' view is made of beside its own script, in the order in which they are loaded.
    pub(crate) result_js: Vec<String>,
    pub(crate) timeline_js: String,
    pub(crate) review_js: String,
    pub(crate) compare_js: String,
    pub(crate) lists_js: String,
    /// What saves tables, of every page with some.
    pub(crate) tables_js: String,
}

/// Returns an embedded asset's text; empty of one that there isn't.
pub(crate) fn embedded(name: &str) -> &'static str {
    let found = ASSETS.iter().find(|(known, _)| *known == name);
    found.map_or("", |(_, text)| *text)
}

/// Returns an asset's text as the site has it; styles with what the workspace adds to them,
/// and the first script with the texts that scripts say.
pub(crate) fn text<'a>(name: &str, overrides: &'a BTreeMap<String, String>) -> Cow<'a, str> {
    let text = overrides
        .get(name)
        .map_or_else(|| embedded(name), String::as_str);
    match (name, overrides.get(THEME)) {
        ("assets/site.css", Some(theme)) => Cow::Owned(format!("{text}\n{theme}")),
        // Every page has this script before others.
        ("assets/site.js", _) => Cow::Owned(format!("{}{text}", texts::script())),
        _ => Cow::Borrowed(text),
    }
}

/// Returns the script that every page has before others, with the texts that scripts say in English.
pub(crate) fn first_script() -> String {
    text("assets/site.js", &BTreeMap::new()).into_owned()
}

/// The names of all templates and assets.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let names = TEMPLATES.iter().chain(&ASSETS).map(|(name, _)| *name);
    names.chain([THEME])
}

/// Refuses overrides that would replace nothing.
pub(crate) fn check_overrides(overrides: &BTreeMap<String, String>) -> Result<(), SiteError> {
    let known: Vec<&str> = names().collect();
    match overrides
        .keys()
        .find(|name| !known.contains(&name.as_str()))
    {
        None => Ok(()),
        Some(name) => Err(SiteError::UnknownTemplate {
            name: name.clone(),
            known: text::ticked(&known, "or"),
        }),
    }
}

/// Writes the assets under names that change with their content, so that hosts may cache them
/// for ever.
pub(crate) fn write(
    overrides: &BTreeMap<String, String>,
    out: &mut dyn Output,
) -> Result<AssetPaths, SiteError> {
    let mut place = |name: &str| -> Result<String, SiteError> {
        let content = self::text(name, overrides);
        let (stem, extension) = name.rsplit_once('.').expect("every asset has an extension");
        let digest = Digest::of(content.as_bytes()).short();
        let path = format!("{stem}-{}.{extension}", &digest[..10]);
        out.file(&path, content.as_bytes())?;
        Ok(path)
    };
    let tables_js = place("assets/tables.js")?;
    Ok(AssetPaths {
        css: place("assets/site.css")?,
        theme_js: place("assets/theme.js")?,
        site_js: place("assets/site.js")?,
        results_js: place("assets/results.js")?,
        result_js: vec![
            place("assets/difference.js")?,
            place("assets/attachments.js")?,
            place("assets/result.js")?,
            place("assets/results-data.js")?,
            place("assets/results-filter.js")?,
            place("assets/results-groups.js")?,
            place("assets/results-marks.js")?,
            tables_js.clone(),
            place("assets/results-table.js")?,
            place("assets/results-lines.js")?,
            place("assets/results-list.js")?,
        ],
        timeline_js: place("assets/timeline.js")?,
        review_js: place("assets/review.js")?,
        compare_js: place("assets/compare.js")?,
        lists_js: place("assets/lists.js")?,
        tables_js,
    })
}
