//! Links to the site, where one says where it is.

use crate::cli::error::CommandError;
use crate::cli::reader::Reader;
use crate::model::Address;
use crate::site::Links;
use crate::store::Workspace;

/// Where the site is.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::cli::commands) struct SiteArg {
    /// The address of the rendered site, for links to it
    #[arg(long = "base-url", alias = "site", value_name = "URL")]
    site: Option<String>,
}

impl SiteArg {
    pub(in crate::cli::commands) fn address(&self) -> Result<Option<Address>, CommandError> {
        let Some(site) = &self.site else {
            return Ok(None);
        };
        let address = Address::parse(site).filter(|address| !address.as_str().contains(['?', '#']));
        let address = address.ok_or_else(|| {
            let message = format!("`{site}` is not where a site can be");
            CommandError::usage(message).hint("give an address as `https://acme.github.io/shop`")
        })?;
        let text = address.as_str();
        let root = text.strip_suffix("/index.html").unwrap_or(text);
        Ok(Address::parse(root))
    }
}

/// The pages of one project at an address.
#[derive(Debug)]
pub(super) struct Pages {
    address: Address,
    links: Option<Links>,
}

impl Pages {
    pub(super) fn new(address: Address, workspace: &Workspace, reader: &Reader<'_>) -> Self {
        let folders = workspace
            .projects
            .iter()
            .map(|project| project.folder.as_str());
        let launches = reader.heads.iter().map(|head| head.file.id.as_str());
        let cases = reader.project.cases.iter().map(|doc| doc.value.id.as_str());
        Self {
            links: Links::new(folders, &reader.project.folder, launches, cases),
            address,
        }
    }

    pub(super) fn project(&self) -> Option<Address> {
        self.address.join(&self.links.as_ref()?.project())
    }

    pub(super) fn launch(&self, id: &str) -> Option<Address> {
        self.address.join(&self.links.as_ref()?.launch(id)?)
    }

    pub(super) fn result(&self, launch: &str, id: &str) -> Option<Address> {
        self.address.join(&self.links.as_ref()?.result(launch, id)?)
    }

    pub(super) fn case(&self, id: &str) -> Option<Address> {
        self.address.join(&self.links.as_ref()?.case(id)?)
    }

    /// Returns the address of a file beside the project's page.
    pub(super) fn file(&self, name: &str) -> Option<Address> {
        let page = self.links.as_ref()?.project();
        let (folder, _) = page.rsplit_once('/')?;
        self.address.join(&format!("{folder}/{name}"))
    }
}
