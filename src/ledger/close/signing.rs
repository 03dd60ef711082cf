//! Signed closings: the commit, and a tag of it.

use crate::git::NewTag;
use crate::model::{LaunchFile, OpenLaunch};

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

impl TagName {
    fn of(&self, launch: &str) -> String {
        match self {
            Self::Usual => format!("tallybook/{launch}"),
            Self::Named(name) => name.clone(),
        }
    }
}

impl Signing {
    /// The name of a closed launch's tag: the one that is asked for, else the usual one.
    pub(super) fn tag_name(&self, launch: &LaunchFile) -> String {
        let launch = format!("{}/{}", launch.project, launch.id);
        self.tag.as_ref().unwrap_or(&TagName::Usual).of(&launch)
    }

    /// The tag of a launch's closing commit, whose `message` names counts and receipt.
    pub(super) fn tag(&self, open: &OpenLaunch, message: &str) -> Option<NewTag> {
        let launch = format!("{}/{}", open.project, open.id);
        let name = self.tag.as_ref()?.of(&launch);
        let (_, body) = message.split_once("\n\n").unwrap_or_default();
        Some(NewTag {
            name,
            message: format!("Launch {launch} closed\n\n{body}"),
        })
    }
}
