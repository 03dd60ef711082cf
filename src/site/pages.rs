//! Views → Tera → pages.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Tera};

use super::assets::{self, AssetPaths};
use super::view::{Crumb, Frame, Section, Stamp};
use super::{Output, SiteError, Summary, sitemap};
use crate::model::Address;

/// The writer of a site: renders pages and counts what it writes.
pub(crate) struct Writer<'o> {
    tera: Tera,
    assets: AssetPaths,
    stamp: Stamp,
    out: &'o mut dyn Output,
    pub(crate) summary: Summary,
    /// Where the site will be.
    site: Option<Address>,
    /// The paths of its pages, in the order in which they were written.
    pages: Vec<String>,
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
}

impl<'o> Writer<'o> {
    /// Reads the templates and writes the assets.
    pub(crate) fn new(
        overrides: &BTreeMap<String, String>,
        stamp: Stamp,
        site: Option<Address>,
        out: &'o mut dyn Output,
    ) -> Result<Self, SiteError> {
        assets::check_overrides(overrides)?;
        let mut tera = Tera::new();
        let texts = assets::TEMPLATES
            .iter()
            .map(|(name, text)| (*name, overrides.get(*name).map_or(*text, String::as_str)));
        tera.add_raw_templates(texts)
            .map_err(SiteError::Templates)?;
        let mut counted = Counted {
            out,
            summary: Summary::default(),
        };
        let assets = assets::write(overrides, &mut counted)?;
        let Counted { out, summary } = counted;
        Ok(Self {
            tera,
            assets,
            stamp,
            out,
            summary,
            site,
            pages: Vec::new(),
        })
    }

    /// Writes one file.
    pub(crate) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), SiteError> {
        self.summary.files += 1;
        self.summary.bytes += bytes.len() as u64;
        self.out.file(path, bytes)
    }

    /// Renders one page.
    pub(crate) fn page(
        &mut self,
        path: &str,
        template: &str,
        view: &impl Serialize,
    ) -> Result<(), SiteError> {
        let fail = |source| SiteError::Render {
            template: template.to_owned(),
            page: path.to_owned(),
            source,
        };
        let mut context = Context::from_serialize(view).map_err(fail)?;
        let address = self.site.as_ref().and_then(|site| site.join(path));
        context.insert("address", &address);
        self.pages.push(path.to_owned());
        let html = self.tera.render(template, &context).map_err(fail)?;
        self.file(path, html.as_bytes())
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
        Frame {
            title: of.title,
            crumbs: of.crumbs,
            sections: of.sections,
            search: of.search,
            css: asset(&self.assets.css),
            theme_js: asset(&self.assets.theme_js),
            site_js: asset(&self.assets.site_js),
            page_js: match (of.results_view, of.review) {
                (true, _) => Some(asset(&self.assets.results_js)),
                (_, true) => Some(asset(&self.assets.review_js)),
                _ => None,
            },
            stamp: self.stamp.clone(),
            root,
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
