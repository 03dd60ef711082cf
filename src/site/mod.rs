//! The static review site: view models → Tera → path and bytes; one writer.
//!
//! [`render`] is a pure function of its [`Input`]: same input, same bytes. Pages open from
//! `file://` and say what matters without JavaScript; bulk data lies in script files that assign
//! to one registry and are loaded on demand. Nothing here reads git, the clock or the disk: what a
//! launch holds comes through [`LaunchContent`], and what is made goes to an [`Output`].

mod assets;
mod build;
mod chart;
mod chunk;
mod error;
mod functions;
mod inline;
mod input;
mod links;
mod markdown;
mod output;
mod pages;
mod review;
mod several;
mod sitemap;
mod snapshot;
mod texts;
mod trace;
pub mod view;
mod widgets;
mod words;

pub use build::{Single, render, render_single};
pub use error::SiteError;
pub use input::{
    CaseInput, Changes, ContentError, Earlier, FindingInput, Input, LaunchContent, LaunchInput,
    Options, ProjectInput, Projects, ShardInput, Since, Stamp, Step, Summary, TooEarly,
    Translation,
};
pub use links::Links;
pub use markdown::to_html as markdown_html;
pub use output::{Folder, MARKER, Memory, Output};
pub use review::review_page;
pub use several::{Part, render_several};
pub use snapshot::{
    Rendered, Workbench, idle_templates, render_launch, render_snapshot, render_to, text_findings,
};
