//! Views → Tera → pages.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Tera};

use super::assets::{self, AssetPaths};
use super::view::{Crumb, Frame, Section, Stamp};
use super::{Output, SiteError, Summary, functions, sitemap, texts};
use crate::model::Address;

/// The writer of a site: renders pages and counts what it writes.
pub(crate) struct Writer<'o> {
    tera: Tera,
    overrides: &'o BTreeMap<String, String>,
    assets: AssetPaths,
    stamp: Stamp,
    out: &'o mut dyn Output,
    pub(crate) summary: Summary,
    /// Where the site will be.
    site: Option<Address>,
    /// The name of the page over the site, where that is one of several.
    pub(crate) above: Option<String>,
    /// The paths of its pages, in the order in which they were written.
    pages: Vec<String>,
    /// The paths of what search boxes look through, a file a project.
    pub(crate) searches: Vec<String>,
}

/// What a page's frame differs by.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrameOf<'a> {
    /// The page's path from the root.
    pub(crate) path: &'a str,
    pub(crate) title: String,
    pub(crate) crumbs: Vec<Crumb>,
    pub(crate) sections: Vec<Section>,
    pub(crate) search: Option<String>,
    pub(crate) results_view: bool,
    /// Whether the page has the script of reviews.
    pub(crate) review: bool,
    /// Whether the page has the script that compares launches.
    pub(crate) compare: bool,
    /// Whether the page has the script that filters and orders a list.
    pub(crate) lists: bool,
}

/// Whether a file of a site is one that search boxes look through.
pub(crate) fn is_search(path: &str) -> bool {
    path.ends_with("/search.js")
}

impl<'o> Writer<'o> {
    /// Reads the templates and writes the assets.
    pub(crate) fn new(
        overrides: &'o BTreeMap<String, String>,
        stamp: Stamp,
        site: Option<Address>,
        out: &'o mut dyn Output,
    ) -> Result<Self, SiteError> {
        assets::check_overrides(overrides)?;
        let mut tera = Tera::new();
        functions::register(&mut tera);
        let templates = assets::TEMPLATES
            .iter()
            .map(|(name, text)| (*name, overrides.get(*name).map_or(*text, String::as_str)));
        tera.add_raw_templates(templates)
            .map_err(|error| SiteError::of_template(error, overrides, SiteError::Templates))?;
        let mut counted = Counted {
            out,
            summary: Summary::default(),
        };
        let assets = assets::write(overrides, &mut counted)?;
        let Counted { out, summary } = counted;
        Ok(Self {
            tera,
            overrides,
            assets,
            stamp,
            out,
            summary,
            site,
            above: None,
            pages: Vec::new(),
            searches: Vec::new(),
        })
    }

    /// The workspace's own templates and assets.
    pub(crate) fn overrides(&self) -> &'o BTreeMap<String, String> {
        self.overrides
    }

    /// Writes one file.
    pub(crate) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        self.summary.files += 1;
        self.summary.bytes += bytes.len() as u64;
        if is_search(path) {
            self.searches.push(path.to_owned());
        }
        self.out.file(path, bytes)
    }

    /// Renders one page.
    pub(crate) fn page(
        &mut self,
        path: &str,
        template: &str,
        view: &impl Serialize,
    ) -> Result<(), SiteError> {
        let fail = |error| self.failed(error, template, path);
        let mut context = Context::from_serialize(view).map_err(fail)?;
        let address = self.site.as_ref().and_then(|site| site.join(path));
        context.insert("address", &address);
        let html = self.tera.render(template, &context).map_err(fail)?;
        self.pages.push(path.to_owned());
        self.file(path, html.as_bytes())
    }

    fn failed(&self, error: tera::Error, template: &str, page: &str) -> SiteError {
        SiteError::of_template(error, self.overrides, |source| SiteError::Render {
            template: template.to_owned(),
            page: page.to_owned(),
            source,
        })
    }

    /// Renders a template to a text, for a page that is put together elsewhere.
    pub(crate) fn text(&self, template: &str, view: &impl Serialize) -> Result<String, SiteError> {
        let fail = |error| self.failed(error, template, template);
        let context = Context::from_serialize(view).map_err(fail)?;
        self.tera.render(template, &context).map_err(fail)
    }

    /// Renders a component by its arguments, which are the fields of a view.
    pub(crate) fn piece(
        &self,
        component: &str,
        arguments: &impl Serialize,
    ) -> Result<String, SiteError> {
        let fail = |error| self.failed(error, component, component);
        let context = Context::from_serialize(arguments).map_err(fail)?;
        let made = self.tera.render_component(component, &context, None, true);
        made.map_err(fail)
    }

    /// Writes the map of all pages, where it is known where they will be.
    pub(crate) fn map(&mut self) -> Result<(), SiteError> {
        let Some(site) = self.site.clone() else {
            return Ok(());
        };
        let pages = std::mem::take(&mut self.pages);
        for (name, text) in sitemap::files(&site, &pages) {
            self.file(&name, text.as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn frame(&self, of: FrameOf<'_>) -> Frame {
        let root = "../".repeat(of.path.matches('/').count());
        let asset = |path: &str| format!("{root}{path}");
        let above = self.above.iter().map(|name| Crumb {
            name: name.clone(),
            href: Some(format!("{root}../index.html")),
        });
        // A page of no project's own looks through all of them.
        let all = self.searches.iter().map(|path| asset(path));
        let all = Vec::from_iter(all).join(" ");
        let search = of.search.or(Some(all).filter(|all| !all.is_empty()));
        let texts = texts::current();
        Frame {
            language: texts.language().to_owned(),
            direction: texts.direction(),
            title: of.title,
            crumbs: above.chain(of.crumbs).collect(),
            sections: of.sections,
            search,
            css: asset(&self.assets.css),
            theme_js: asset(&self.assets.theme_js),
            site_js: asset(&self.assets.site_js),
            more_js: match of.results_view {
                true => self
                    .assets
                    .result_js
                    .iter()
                    .map(|path| asset(path))
                    .collect(),
                false => vec![asset(&self.assets.tables_js)],
            },
            page_js: match (of.results_view, of.review) {
                (true, _) => Some(asset(&self.assets.results_js)),
                (_, true) => Some(asset(&self.assets.review_js)),
                _ if of.compare => Some(asset(&self.assets.compare_js)),
                _ if of.lists => Some(asset(&self.assets.lists_js)),
                _ => None,
            },
            stamp: self.stamp.clone(),
            root,
        }
    }

    /// The frame of a page that has a timeline.
    pub(crate) fn with_timeline(&self, frame: Frame) -> Frame {
        Frame {
            page_js: Some(format!("{}{}", frame.root, self.assets.timeline_js)),
            ..frame
        }
    }
}

struct Counted<'o> {
    out: &'o mut dyn Output,
    summary: Summary,
}

impl Output for Counted<'_> {
    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        self.summary.files += 1;
        self.summary.bytes += bytes.len() as u64;
        self.out.file(path, bytes)
    }
}
