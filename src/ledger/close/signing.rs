//! Signed closings: the commit, and a tag of it.

use crate::git::NewTag;
use crate::model::OpenLaunch;

/// What is signed of a closing, as git's configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signing {
    pub commit: bool,
    /// A signed tag of the closing commit.
    pub tag: Option<TagName>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagName {
    /// `tallybook/<KEY>/<launch>`.
    Usual,
    Named(String),
}

impl Signing {
    /// The tag of a launch's closing commit, whose `message` names counts and receipt.
    pub(super) fn tag(&self, open: &OpenLaunch, message: &str) -> Option<NewTag> {
        let launch = format!("{}/{}", open.project, open.id);
        let name = match self.tag.as_ref()? {
            TagName::Usual => format!("tallybook/{launch}"),
            TagName::Named(name) => name.clone(),
        };
        let (_, body) = message.split_once("\n\n").unwrap_or_default();
        Some(NewTag {
            name,
            message: format!("Launch {launch} closed\n\n{body}"),
        })
    }
}
