//! Content that git-lfs keeps of closed launches, for a remote that gets the pointers.

use std::collections::BTreeSet;

use crate::git::{CommitId, EntryKind, GitError, MAX_POINTER, ObjectId, Repo, read_pointer};
use crate::store::attachments::{ContentFolder, digest_of};

/// Gives a remote whose branch is at `theirs` the content of the attachments that a push of `to` brings
/// pointers to, as far as it is here: whoever fetches a launch can read it then. What the commits
/// between them brought and took away again stays here.
pub(super) fn push_content(
    repo: &Repo,
    remote: &str,
    theirs: Option<CommitId>,
    to: Option<CommitId>,
) -> Result<(), GitError> {
    let Some(to) = to.filter(|to| Some(*to) != theirs) else {
        return Ok(());
    };
    let objects: Vec<String> = brought(repo, theirs, to)?.into_iter().collect();
    repo.push_lfs(remote, &objects)
}

/// The digests of content that is here, of attachments whose pointers one commit has and another
/// hasn't.
fn brought(
    repo: &Repo,
    theirs: Option<CommitId>,
    to: CommitId,
) -> Result<BTreeSet<String>, GitError> {
    let kept = ContentFolder::lfs(repo.common_dir());
    let mut out = BTreeSet::new();
    if !kept.is_there() {
        return Ok(out);
    }
    let theirs = theirs.map(|id| repo.tree(id)).transpose()?;
    let theirs = theirs.map(|tree| tree.id());
    let mut open = vec![(repo.tree(to)?.id(), theirs, String::new())];
    while let Some((tree, other, path)) = open.pop() {
        // What a partial clone lacks came from a remote.
        let other = other.filter(|other| repo.has_object(*other));
        for (entry, before) in repo.tree_of(tree).differing(other)? {
            let before = before.filter(|before| before.kind == EntryKind::Folder);
            match entry.kind {
                EntryKind::Folder if repo.has_object(entry.id) => {
                    let path = format!("{path}/{}", entry.name);
                    open.push((entry.id, before.map(|before| before.id), path));
                }
                EntryKind::File | EntryKind::Executable if is_of_attachments(&path) => {
                    let is_kept = kept.size(&entry.name).is_some();
                    if is_kept && points_to_its_name(repo, &entry.name, entry.id)? {
                        out.extend(digest_of(&entry.name).map(|digest| digest.to_string()));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(out)
}

/// Whether a folder holds attachments of a closed launch.
fn is_of_attachments(folder: &str) -> bool {
    folder.ends_with("/attachments") && folder.contains("/launches/")
}

/// Whether a blob is the pointer to what its name says: an attachment that is itself the text of a
/// pointer has another name.
fn points_to_its_name(repo: &Repo, name: &str, blob: ObjectId) -> Result<bool, GitError> {
    if !repo.has_object(blob) || repo.blob_size(blob)? > MAX_POINTER as u64 {
        return Ok(false);
    }
    let pointer = read_pointer(&repo.blob(blob)?);
    Ok(pointer.is_some_and(|(digest, _)| digest_of(name) == Some(digest)))
}
