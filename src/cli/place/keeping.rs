//! Where a workspace keeps attachments.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::{Place, store_error};
use crate::base::files;
use crate::cli::context::Context;
use crate::cli::error::CommandError;
use crate::model::WorkspaceFile;
use crate::store::attachments::{AttachedFiles, AttachmentSetting, AttachmentStore, ContentFolder};
use crate::store::{self, Snapshot, Workspace};

impl Place {
    /// Returns where a workspace keeps attachments. A folder is named from the workspace, absolutely, or
    /// by the environment.
    pub(crate) fn attachments(
        &self,
        ctx: &Context,
        workspace: &Workspace,
    ) -> Result<AttachmentStore, CommandError> {
        let settings = workspace.settings.as_ref();
        self.kept(ctx, settings.map(|doc| &doc.value))
    }

    /// Returns where the workspace of a snapshot keeps attachments; reads its settings alone.
    pub(crate) fn attachments_at(
        &self,
        ctx: &Context,
        snapshot: &Snapshot,
    ) -> Result<AttachmentStore, CommandError> {
        let settings = store::settings(&*snapshot.docs).map_err(store_error)?;
        self.kept(ctx, settings.as_ref())
    }

    fn kept(
        &self,
        ctx: &Context,
        settings: Option<&WorkspaceFile>,
    ) -> Result<AttachmentStore, CommandError> {
        Ok(match attachment_setting(settings)? {
            AttachmentSetting::Git => AttachmentStore::Git,
            AttachmentSetting::Lfs => match &self.repo {
                Some(repo) => AttachmentStore::Lfs(ContentFolder::lfs(repo.common_dir())),
                None => AttachmentStore::Git,
            },
            AttachmentSetting::Directory { path } => {
                let folder = self.root.join(expanded(ctx, &path)?);
                self.check_store(&path, &folder)?;
                AttachmentStore::Directory(ContentFolder::directory(folder))
            }
        })
    }

    /// Refuses a folder that others keep something in: what the path alone does not tell, by variables,
    /// links, and where the repository is.
    fn check_store(&self, path: &str, folder: &Path) -> Result<(), CommandError> {
        let folder = real(folder);
        let git = self
            .repo
            .iter()
            .flat_map(|repo| [repo.git_dir(), repo.common_dir()]);
        let git = git.map(|dir| (dir.to_owned(), "git's own folder"));
        let projects = (
            self.root.join("projects"),
            "`projects`, where everything is committed",
        );
        let inside = git
            .chain([projects])
            .find(|(taken, _)| folder.starts_with(real(taken)));
        let what = match (inside, folder.parent()) {
            (Some((_, what)), _) => format!("is inside {what}"),
            (None, None) => "is the root of the file system".to_owned(),
            (None, Some(_)) if folder == real(&self.root) => "is the workspace itself".to_owned(),
            (None, Some(_)) => return Ok(()),
        };
        Err(CommandError::usage(format!(
            "attachments are to be kept in `{path}`, and `{}` {what}",
            folder.display()
        ))
        .hint("name a folder of its own in `attachments.path` of `tallybook.yaml`"))
    }

    /// Returns a snapshot whose attachments are read from where the workspace keeps them.
    pub(crate) fn attached(
        &self,
        ctx: &Context,
        snapshot: Snapshot,
    ) -> Result<Snapshot, CommandError> {
        let store = match self.attachments_at(ctx, &snapshot)? {
            AttachmentStore::Git => return Ok(snapshot),
            store => store,
        };
        let launches = AttachedFiles::new(snapshot.launches.clone(), store);
        Ok(Snapshot {
            launches: Arc::new(launches),
            ..snapshot
        })
    }
}

/// Follows the links of a path as far as it is there; what is not is taken as it stands, without `..`.
pub(crate) fn real(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
        if let Ok(followed) = files::canonical(&out) {
            out = followed;
        }
    }
    out
}

/// Replaces a variable at the beginning of a path, `$NAME/…` or `${NAME}/…`.
fn expanded(ctx: &Context, path: &str) -> Result<PathBuf, CommandError> {
    let Some(rest) = path.strip_prefix('$') else {
        return Ok(PathBuf::from(path));
    };
    let (name, rest) = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some(braced) => braced,
        None => rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len())),
    };
    let value = ctx.vars.get(name).ok_or_else(|| {
        CommandError::usage(format!(
            "attachments are kept in `{path}`, and the variable `{name}` is not set"
        ))
        .hint(format!("set `{name}` to the folder that holds them"))
    })?;
    Ok(PathBuf::from(value).join(rest.trim_start_matches(['/', '\\'])))
}

/// Returns where `tallybook.yaml` wants attachments.
pub(super) fn attachment_setting(
    settings: Option<&WorkspaceFile>,
) -> Result<AttachmentSetting, CommandError> {
    let written = settings.map_or(&serde_json::Value::Null, |settings| &settings.attachments);
    AttachmentSetting::parse(written).map_err(|error| {
        CommandError::usage(format!("`tallybook.yaml` is wrong: {error}"))
            .hint("`tallybook validate` shows where")
    })
}
