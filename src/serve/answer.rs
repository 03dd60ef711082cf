//! A request → what it gets. No network here.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::board::Now;
use super::live;
use super::spool::Site;

/// The folder of what the preview itself answers; no site has such a one.
pub(super) const OWN: &str = ".live";

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// The path with what follows a `?`, as sent.
    pub(super) url: &'a str,
    /// The `Host` header.
    pub(super) host: Option<&'a str>,
    /// Whether there is a workbench for pages to lead to.
    pub(super) has_bench: bool,
}

/// What is answered at once, or after the next rendering.
#[derive(Debug)]
pub(super) enum Reply {
    Now(Answer),
    /// The state, when it is another one than this round.
    Next(u64),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) media_type: &'static str,
    pub(super) body: Vec<u8>,
    /// Where to go instead.
    pub(super) location: Option<String>,
}

impl Answer {
    pub(super) fn of(status: u16, media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            media_type,
            body: body.into(),
            location: None,
        }
    }

    pub(super) fn html(status: u16, page: String) -> Self {
        Self::of(status, HTML, page)
    }
}

const HTML: &str = "text/html; charset=utf-8";
pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Answers a request; `run` tells this preview from one that was here before.
pub(super) fn answer(asked: Asked<'_>, now: &Now, run: &str) -> Reply {
    if !is_own_host(asked.host) {
        let page = live::message(
            "This preview answers on this machine alone",
            "Open it as http://localhost or http://127.0.0.1, with its port.",
        );
        return Reply::Now(Answer::html(403, page));
    }
    if !matches!(asked.method, "GET" | "HEAD") {
        let page = live::message("Nothing can be sent here", "A preview is for reading.");
        return Reply::Now(Answer::html(405, page));
    }
    let (path, query) = asked.url.split_once('?').unwrap_or((asked.url, ""));
    let path = percent_decode_str(path).decode_utf8_lossy();
    let path = path.trim_start_matches('/');
    match path
        .strip_prefix(OWN)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(name) => own(name, query, now, run),
        None => Reply::Now(of_site(path, now, (run, asked.has_bench))),
    }
}

/// Whether a request came under a name of this machine, which no page of elsewhere can be made to
/// have by another answer of its name server.
pub(super) fn is_own_host(host: Option<&str>) -> bool {
    let Some(host) = host else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

fn own(name: &str, query: &str, now: &Now, run: &str) -> Reply {
    Reply::Now(match name {
        "live.js" => Answer::of(200, SCRIPT, live::SCRIPT),
        "live.css" => Answer::of(200, "text/css; charset=utf-8", live::STYLE),
        "next.js" => match query
            .strip_prefix("after=")
            .and_then(|after| seen(after, run))
        {
            Some(round) if round == now.round => return Reply::Next(round),
            _ => Answer::of(200, SCRIPT, live::state(now, run)),
        },
        _ => Answer::html(404, live::message("There is no such page", "")),
    })
}

/// Returns the round that a page knows, if it is one of this run.
fn seen(after: &str, run: &str) -> Option<u64> {
    let (of, round) = after.split_once('-')?;
    round.parse().ok().filter(|_| of == run)
}

fn of_site(path: &str, now: &Now, run: (&str, bool)) -> Answer {
    let Some(site) = &now.site else {
        let page = match now.round {
            0 => live::message("Rendering", "The first pages are on their way."),
            _ => live::failure(&now.shown),
        };
        return Answer::html(503, live::with_script(&page, now, run));
    };
    match find(site, path) {
        Found::Folder => Answer {
            location: Some(format!("/{}/", encoded(path))),
            ..Answer::html(302, String::new())
        },
        Found::File(name) => match site.read(&name) {
            Ok(Some(bytes)) if name.ends_with(".html") => {
                let page = String::from_utf8_lossy(&bytes);
                Answer::html(200, live::with_script(&page, now, run))
            }
            Ok(Some(bytes)) => Answer::of(200, media_type(&name), bytes),
            Ok(None) => missing(now, run),
            Err(error) => Answer::html(500, live::message("It can't be read", &error.to_string())),
        },
        Found::Nothing => missing(now, run),
    }
}

enum Found {
    File(String),
    Folder,
    Nothing,
}

fn find(site: &Arc<Site>, path: &str) -> Found {
    if site.has(path) {
        return Found::File(path.to_owned());
    }
    let folder = path.strip_suffix('/').unwrap_or(path);
    let index = match folder {
        "" => "index.html".to_owned(),
        folder => format!("{folder}/index.html"),
    };
    match site.has(&index) {
        true if path.is_empty() || path.ends_with('/') => Found::File(index),
        true => Found::Folder,
        false => Found::Nothing,
    }
}

fn missing(now: &Now, run: (&str, bool)) -> Answer {
    let title = "There is no such page";
    let page = match now.shown.problems.is_empty() {
        true => live::message(
            title,
            "It may have been renamed or removed; the overview leads to all that there are.",
        ),
        // What can't be read has no page until it can: the address stays right.
        false => live::problems(
            title,
            "It may be of a file that can't be read. Mend it, and the page is here again:",
            &now.shown,
        ),
    };
    Answer::html(404, live::with_script(&page, now, run))
}

fn encoded(path: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(path, KEPT).to_string()
}

/// Returns what kind of file a name says it is; only what a site holds.
fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => SCRIPT,
        "json" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::board::Shown;
    use crate::serve::spool::Spool;
    use crate::site::Output as _;

    fn now() -> Now {
        let mut spool = Spool::new().unwrap();
        let page = b"<html><body>hello</body></html>";
        spool.file("index.html", page).unwrap();
        spool.file("shop/index.html", page).unwrap();
        spool.file("shop/data.js", b"x()").unwrap();
        spool.file("shop/a b.svg", b"<svg/>").unwrap();
        Now {
            round: 3,
            site_round: 2,
            site: Some(Arc::new(spool.finish().unwrap())),
            shown: Shown::default(),
        }
    }

    fn get(url: &str) -> Answer {
        let asked = Asked {
            method: "GET",
            url,
            host: Some("localhost:4180"),
            has_bench: false,
        };
        match answer(asked, &now(), "r1") {
            Reply::Now(answer) => answer,
            Reply::Next(round) => panic!("waits for what comes after {round}"),
        }
    }

    #[test]
    fn pages_and_files() {
        for (url, status, kind) in [
            ("/", 200, HTML),
            ("/index.html", 200, HTML),
            ("/index.html?status=failed", 200, HTML),
            ("/shop/", 200, HTML),
            ("/shop", 302, HTML),
            ("/shop/data.js", 200, SCRIPT),
            ("/shop/a%20b.svg", 200, "image/svg+xml"),
            ("/shop/nothing", 404, HTML),
            ("/../../etc/passwd", 404, HTML),
            ("/%2e%2e/%2e%2e/etc/passwd", 404, HTML),
            ("/%ff%00", 404, HTML),
            ("//example.com/", 404, HTML),
            ("", 200, HTML),
            ("/.live/live.js", 200, SCRIPT),
            ("/.live/other", 404, HTML),
        ] {
            let answer = get(url);
            assert_eq!((answer.status, answer.media_type), (status, kind), "{url}");
        }
        assert_eq!(get("/shop").location.as_deref(), Some("/shop/"));
        let page = String::from_utf8(get("/").body).unwrap();
        assert!(
            page.starts_with("<html><body>hello<script src=\"/.live/live.js\""),
            "{page}"
        );
        assert!(page.ends_with("</body></html>"), "{page}");
        assert_eq!(get("/shop/data.js").body, b"x()");
    }

    #[test]
    fn a_page_that_knows_all_waits() {
        let next = |after: &str| {
            let url = format!("/.live/next.js?after={after}");
            let asked = Asked {
                method: "GET",
                url: &url,
                host: Some("127.0.0.1"),
                has_bench: false,
            };
            matches!(answer(asked, &now(), "r1"), Reply::Next(3))
        };
        assert!(next("r1-3"));
        for told_at_once in [
            "",
            "r1-2",
            "r0-3",
            "r1-x",
            "-",
            "r1-99999999999999999999999",
        ] {
            assert!(!next(told_at_once), "{told_at_once}");
        }
    }

    #[test]
    fn other_names_and_methods_are_refused() {
        for (host, fine) in [
            (Some("localhost"), true),
            (Some("LOCALHOST:80"), true),
            (Some("shop.localhost:4180"), true),
            (Some("[::1]:4180"), true),
            (Some("127.0.0.1:1"), true),
            (Some("evil.example:4180"), false),
            (Some("localhost.evil.example"), false),
            (Some("127.0.0.1.evil.example:4180"), false),
            (Some("localhost:x"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(is_own_host(host), fine, "{host:?}");
        }
        for (method, host, status) in [
            ("POST", "localhost", 405),
            ("OPTIONS", "localhost", 405),
            ("GET", "evil.example", 403),
        ] {
            let asked = Asked {
                method,
                url: "/",
                host: Some(host),
                has_bench: true,
            };
            let Reply::Now(answer) = answer(asked, &now(), "r1") else {
                panic!("waits");
            };
            assert_eq!(answer.status, status);
            assert!(!String::from_utf8(answer.body).unwrap().contains("hello"));
        }
    }

    #[test]
    fn before_there_is_a_site() {
        let asked = Asked {
            method: "GET",
            url: "/shop/",
            host: Some("localhost"),
            has_bench: true,
        };
        let failed = Now {
            round: 1,
            shown: Shown {
                headline: "<b>no</b>".to_owned(),
                ..Shown::default()
            },
            ..Now::default()
        };
        for (now, words) in [
            (Now::default(), "Rendering"),
            (failed, "&lt;b&gt;no&lt;/b&gt;"),
        ] {
            let Reply::Now(answer) = answer(asked, &now, "r1") else {
                panic!("waits");
            };
            let page = String::from_utf8(answer.body).unwrap();
            assert_eq!(answer.status, 503);
            assert!(page.contains(words) && page.contains("live.js"), "{page}");
        }
    }
}
