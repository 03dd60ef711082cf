//! What killed commands left beside open launches, and nobody needs.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::part::{OpenState, StateError};
use crate::base::files;

/// Folders that never held a part, or whose launch is closed: openings and appends that were killed
/// before they had a name, follow-ups that were not opened, closed launches whose removal was killed.
/// An append that had begun is none of them: a closing must know of it.
const LEFT: [&str; 5] = [".opening-", ".closed-", ".begun-", ".ended-", ".following-"];

/// Removes what was left for some time, by this machine's clock; returns how many folders.
pub fn clear_leftovers(state: &OpenState, time: Duration) -> Result<usize, StateError> {
    let mut cleared = sweep(state.root(), time)?;
    for id in state.ids()? {
        cleared += sweep(&state.aside_dir(&id), time)?;
    }
    Ok(cleared)
}

fn sweep(folder: &Path, time: Duration) -> Result<usize, StateError> {
    let is_old = |since: SystemTime| since.elapsed().is_ok_and(|elapsed| elapsed >= time);
    let mut cleared = 0;
    for entry in files::list_dir(folder)? {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let touched = entry.metadata().and_then(|metadata| metadata.modified());
        if LEFT.iter().any(|prefix| name.starts_with(prefix)) && touched.is_ok_and(is_old) {
            files::remove_dir(&entry.path())?;
            cleared += 1;
        }
    }
    Ok(cleared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_needs_goes() {
        let common = tempfile::tempdir().expect("a folder");
        let state = OpenState::new(common.path(), "", "SHOP");
        state.create("a-1", b"format: 1\n").expect("opens");
        let aside = state.aside_dir("a-1");
        let parts = state.parts_dir("a-1").join("unit-0123456789");
        let left = [
            state.root().join(".opening-x"),
            state.root().join(".closed-b-2"),
            aside.join(".begun-x"),
            aside.join(".following-x"),
        ];
        let kept = [aside.join("append-x"), parts, state.launch_dir("a-1")];
        for folder in left.iter().chain(&kept) {
            files::create_dir(folder).expect("made");
        }
        let day = Duration::from_secs(86_400);
        assert_eq!(clear_leftovers(&state, day).expect("lists"), 0);
        assert_eq!(clear_leftovers(&state, Duration::ZERO).expect("lists"), 4);
        assert!(left.iter().all(|folder| !folder.exists()));
        assert!(kept.iter().all(|folder| folder.exists()));
    }
}
