//! What can keep a site from being rendered.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::input::ContentError;
use super::snapshot::TEMPLATES;
use crate::base::FileError;
use crate::diag::{Finding, Sources, Span};
use crate::store::{StoreError, codes};

/// A site could not be rendered or written.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{}` is not a rendered site: it has no `{}`; give an empty or new folder", path.display(), super::MARKER)]
    NotASite { path: PathBuf },
    #[error("template `{name}` is none of the site's: expected {known}")]
    UnknownTemplate { name: String, known: String },
    #[error("`{TEMPLATES}/{name}` does not work: {message}")]
    Override {
        name: String,
        text: String,
        /// Where in the text.
        span: Span,
        message: String,
    },
    #[error("cannot read the site's templates")]
    Templates(#[source] tera::Error),
    #[error("cannot render template `{template}` as `{page}`")]
    Render {
        template: String,
        page: String,
        source: tera::Error,
    },
    #[error(
        "{budget} is too little for a launch in one file: it takes {least} without any failure"
    )]
    Budget { budget: String, least: String },
    #[error("no closed launch `{launch}`")]
    NoLaunch { launch: String },
    #[error("cannot read the workspace")]
    Snapshot(#[from] StoreError),
    #[error("cannot read launch `{launch}`")]
    Launch {
        launch: String,
        source: ContentError,
    },
}

impl SiteError {
    /// Returns the error of a template; where that is the workspace's own, with its place.
    pub(crate) fn of_template(
        source: tera::Error,
        overrides: &BTreeMap<String, String>,
        other: impl FnOnce(tera::Error) -> Self,
    ) -> Self {
        let (tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report)) =
            source.kind()
        else {
            return other(source);
        };
        match overrides.get(report.filename()) {
            Some(text) => Self::Override {
                name: report.filename().to_owned(),
                text: text.clone(),
                span: Span::new(report.span().range.start, report.span().range.end),
                message: report.message().trim_end_matches('.').to_owned(),
            },
            None => other(source),
        }
    }

    /// Returns the finding that the error is, with the file that it is in: one about a template of the workspace.
    pub fn finding(&self) -> Option<(Finding, Sources)> {
        let Self::Override {
            name,
            text,
            span,
            message,
        } = self
        else {
            return None;
        };
        let path = format!("{TEMPLATES}/{name}");
        let mut sources = Sources::default();
        sources.insert(path.as_str(), text.as_str().into());
        let finding = Finding::error(codes::BROKEN_TEMPLATE, path, message.as_str()).at(*span);
        Some((finding, sources))
    }
}
