//! What can keep a site from being rendered.

use std::path::PathBuf;

use super::input::ContentError;
use crate::base::FileError;
use crate::store::StoreError;

/// A site could not be rendered or written.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{}` is not a rendered site: it has no `{}`; give an empty or new folder", path.display(), super::MARKER)]
    NotASite { path: PathBuf },
    #[error("template `{name}` is none of the site's: expected {known}")]
    UnknownTemplate { name: String, known: String },
    #[error("cannot read the site's templates")]
    Templates(#[source] tera::Error),
    #[error("cannot render template `{template}` as `{page}`")]
    Render {
        template: String,
        page: String,
        source: tera::Error,
    },
    #[error("cannot read the workspace")]
    Snapshot(#[from] StoreError),
    #[error("cannot read launch `{launch}`")]
    Launch {
        launch: String,
        source: ContentError,
    },
}
