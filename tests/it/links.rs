//! Each link of the site leads somewhere: to a page that is there, and to a place on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::demo::playground;

/// The pages below a folder, by their paths in it, and all other files' paths.
fn site(root: &Path) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let (mut pages, mut files) = (BTreeMap::new(), BTreeSet::new());
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.expect("it is listed");
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path().strip_prefix(root).expect("it is below");
        let path = path.to_str().expect("UTF-8").replace('\\', "/");
        if path.ends_with(".html") {
            let page = std::fs::read_to_string(entry.path()).expect("it reads");
            pages.insert(path.clone(), page);
        }
        files.insert(path);
    }
    (pages, files)
}

/// Where a link from a page leads, from the site's root; nowhere above it.
fn resolve(page: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(page.to_owned());
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Says which links of a site lead nowhere.
fn dead(root: &Path) -> Vec<String> {
    let (pages, files) = site(root);
    let link = regex::Regex::new(r#"\b(?:href|src)="([^"]*)""#).expect("a pattern");
    let mut out = BTreeSet::new();
    let mut followed = 0;
    for (page, text) in &pages {
        for found in link.captures_iter(text) {
            let href = found[1]
                .replace("&amp;", "&")
                .replace("&#x27;", "'")
                .replace("&#39;", "'");
            if href.contains(':') {
                continue;
            }
            followed += 1;
            let (path, place) = href.split_once('#').unwrap_or((&href, ""));
            let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            let Some(target) = resolve(page, &path) else {
                out.insert(format!("{page}: `{href}` leads out of the site"));
                continue;
            };
            if !files.contains(&target) {
                out.insert(format!("{page}: `{href}` is not there"));
                continue;
            }
            // A place with a value is a state of a script.
            let place = percent_encoding::percent_decode_str(place).decode_utf8_lossy();
            let known = pages.get(&target).is_none_or(|text| {
                text.contains(&format!("id=\"{}\"", place.replace('&', "&amp;")))
            });
            if !place.is_empty() && !place.contains('=') && !known {
                out.insert(format!("{page}: `{href}` has no such place"));
            }
        }
    }
    assert!(followed > 1000, "only {followed} links");
    out.into_iter().collect()
}

#[test]
fn no_link_leads_nowhere() {
    let repo = playground();
    let found = dead(&repo.root().join("playground/site"));
    assert!(found.is_empty(), "{}: {found:#?}", found.len());
    // The same within a site over several workspaces.
    repo.git_in(".", ["clone", "--quiet", "playground", "other"]);
    let ran = repo.run(["render", "playground", "other", "--out", "both"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let found = dead(&repo.root().join("both"));
    assert!(found.is_empty(), "{}: {found:#?}", found.len());
}
