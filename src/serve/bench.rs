//! The workbench: what may be asked of it, by whom, and its page. No network here.
//!
//! It writes, so it answers to nobody but the browser that was given its key: other accounts of this machine reach
//! the port as well, and any page of the web can make a browser send something to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::{Answer, SCRIPT};
use super::live;
use crate::site::Workbench;

/// The folder of the workbench; no site has such a one.
pub(super) const OWN: &str = ".work";
/// How many bytes a request may have: a screenshot or a log, in base 64.
pub(super) const BODY_MAX: usize = 32 << 20;
/// How long an action may take, a push included, before the page is told to look again.
const PATIENCE: Duration = Duration::from_secs(300);

const PAGE: &str = include_str!("../../templates/work/work.html");
const PAGE_SCRIPT: &str = include_str!("../../templates/work/work.js");
const PAGE_STYLE: &str = include_str!("../../templates/work/work.css");
const SITE_STYLE: &str = include_str!("../../templates/assets/site.css");
const THEME: &str = include_str!("../../templates/assets/theme.js");

/// What the workbench says, as the workspace has it by now.
#[derive(Clone, Debug, Default)]
pub struct Spoken(Arc<Mutex<Workbench>>);

impl Spoken {
    /// Says it from the next page on.
    pub fn set(&self, said: Workbench) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = said;
    }

    fn now(&self) -> Workbench {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.clone()
    }
}

/// The tag with which the page begins; what it speaks stands in it.
const HTML: &str = "<html lang=\"en\">";

fn page(said: &Workbench) -> String {
    let own = format!(
        "<html lang=\"{}\" dir=\"{}\">",
        said.language, said.direction
    );
    PAGE.replacen(HTML, &own, 1)
}

/// Something that a person wants done.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The name of the action.
    pub action: String,
    /// What it is about, as an object.
    pub of: Value,
}

/// Why something was not done, in words for whoever wanted it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refused {
    /// What was asked for is another one by now: `now` has it.
    pub is_outdated: bool,
    pub message: String,
    pub hints: Vec<String>,
    pub now: Option<Box<Value>>,
}

/// Does what a call asks for.
pub type Worker = Box<dyn FnMut(Call) -> Result<Value, Refused>>;

pub(super) type Calls = Receiver<Waiting>;
pub(super) type Waiting = (Call, std::sync::mpsc::SyncSender<Result<Value, Refused>>);

/// The workbench of one server: calls are done one after the other, in a thread of their own.
#[derive(Debug)]
pub(super) struct Bench {
    /// What the page sends to be the one that was let in.
    key: String,
    spoken: Spoken,
    calls: Mutex<Sender<Waiting>>,
}

/// What a request says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) host: &'a str,
    pub(super) origin: Option<&'a str>,
    pub(super) site: Option<&'a str>,
    pub(super) key: Option<&'a str>,
    pub(super) media_type: &'a str,
}

/// What becomes of a request before its body is read.
#[derive(Debug, PartialEq)]
pub(super) enum Gate {
    Answer(Answer),
    /// The body is to be read, for this action.
    Do(String),
}

impl Bench {
    /// Returns the workbench, and where its calls come in.
    pub(super) fn new(key: String, spoken: Spoken) -> (Self, Calls) {
        let (calls, receiver) = channel();
        let calls = Mutex::new(calls);
        (Self { key, spoken, calls }, receiver)
    }

    /// Decides what a request below the folder gets. Its host is one of this machine.
    pub(super) fn gate(&self, head: &Head<'_>) -> Gate {
        let path = head.url.split('?').next().unwrap_or_default();
        let name = path.trim_start_matches('/').strip_prefix(OWN);
        let name = name.and_then(|rest| rest.strip_prefix('/')).unwrap_or("");
        let is_reading = matches!(head.method, "GET" | "HEAD");
        if let Some(action) = name.strip_prefix("do/") {
            return match self.refusal(head) {
                Some((status, why)) => Gate::Answer(told(status, why)),
                None => Gate::Do(action.to_owned()),
            };
        }
        Gate::Answer(if !is_reading {
            told(405, "nothing can be sent there")
        } else if name.is_empty() {
            Answer::html(200, page(&self.spoken.now()))
        } else {
            match name {
                "work.js" => Answer::of(200, SCRIPT, PAGE_SCRIPT),
                "site.js" => Answer::of(200, SCRIPT, self.spoken.now().script),
                "theme.js" => Answer::of(200, SCRIPT, THEME),
                "work.css" => Answer::of(200, "text/css; charset=utf-8", PAGE_STYLE),
                "site.css" => Answer::of(200, "text/css; charset=utf-8", SITE_STYLE),
                _ => Answer::html(404, live::message("There is no such page", "")),
            }
        })
    }

    /// Says why a call is not done, whatever it says.
    fn refusal(&self, head: &Head<'_>) -> Option<(u16, &'static str)> {
        if head.method != "POST" {
            return Some((405, "actions are sent by POST"));
        }
        let own = format!("http://{}", head.host);
        let is_own = head
            .origin
            .is_some_and(|origin| origin.eq_ignore_ascii_case(&own));
        if !is_own || head.site.is_some_and(|site| site != "same-origin") {
            return Some((403, "this was sent by another page"));
        }
        if !self.knows(head) {
            return Some((401, "open the address that `tallybook serve` printed"));
        }
        let media_type = head.media_type.split(';').next().unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case("application/json") {
            return Some((415, "actions are JSON"));
        }
        None
    }

    fn knows(&self, head: &Head<'_>) -> bool {
        head.key.is_some_and(|key| is_same(key, &self.key))
    }

    /// Has a call done, and returns what came of it.
    pub(super) fn call(&self, action: String, body: &[u8]) -> Answer {
        let Ok(of @ Value::Object(_)) = serde_json::from_slice(body) else {
            return told(400, "an action is about a JSON object");
        };
        let (sender, done) = sync_channel(1);
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = calls.send((Call { action, of }, sender));
        drop(calls);
        match sent.ok().and_then(|()| done.recv_timeout(PATIENCE).ok()) {
            Some(Ok(value)) => answer(200, &value),
            Some(Err(refused)) => {
                let status = if refused.is_outdated { 409 } else { 422 };
                let body =
                    json!({"message": refused.message, "hints": refused.hints, "now": refused.now});
                answer(status, &body)
            }
            None => told(503, "the workbench is busy; look again"),
        }
    }
}

/// Does calls until the server ends.
pub(super) fn work(calls: &Calls, mut worker: Worker) {
    while let Ok((call, done)) = calls.recv() {
        // A fault ends one call, not the workbench: what is kept is on the disk.
        let said = catch_unwind(AssertUnwindSafe(|| worker(call))).unwrap_or_else(|_| {
            Err(Refused {
                message: "that went wrong, by a bug in Tallybook; what was kept is kept".to_owned(),
                ..Refused::default()
            })
        });
        // Who asked may be gone by now.
        let _ = done.send(said);
    }
}

/// Says in JSON why something is not done.
pub(super) fn told(status: u16, why: &str) -> Answer {
    answer(status, &json!({"message": why, "hints": [], "now": null}))
}

fn answer(status: u16, value: &Value) -> Answer {
    Answer::of(status, "application/json", value.to_string())
}

/// Compares in the same time wherever two keys differ.
fn is_same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    one.len() == other.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench() -> Bench {
        Bench::new("k3y".to_owned(), Spoken::default()).0
    }

    fn post<'a>() -> Head<'a> {
        Head {
            method: "POST",
            url: "/.work/do/queue",
            host: "127.0.0.1:4180",
            origin: Some("http://127.0.0.1:4180"),
            site: Some("same-origin"),
            key: Some("k3y"),
            media_type: "application/json",
        }
    }

    #[test]
    fn it_speaks_what_it_is_given() {
        let spoken = Spoken::default();
        let (bench, _calls) = Bench::new("k".to_owned(), spoken.clone());
        let got = |url| match bench.gate(&Head {
            method: "GET",
            url,
            ..Head::default()
        }) {
            Gate::Answer(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
            Gate::Do(_) => String::new(),
        };
        assert!(got("/.work/").contains("<html lang=\"en\" dir=\"ltr\">"));
        assert!(got("/.work/site.js").contains("\"work.execute-tests\""));
        spoken.set(Workbench {
            language: "ar".to_owned(),
            direction: "rtl",
            script: "1;".to_owned(),
        });
        assert!(got("/.work/").contains("<html lang=\"ar\" dir=\"rtl\">"));
        assert_eq!(got("/.work/site.js"), "1;");
    }

    #[test]
    fn only_its_own_page_may_act() {
        let status = |head: Head<'_>| match bench().gate(&head) {
            Gate::Do(action) => {
                assert_eq!(action, "queue");
                200
            }
            Gate::Answer(answer) => answer.status,
        };
        assert_eq!(status(post()), 200);
        let bare = Head {
            site: None,
            ..post()
        };
        assert_eq!(
            status(bare),
            200,
            "older browsers don't say `Sec-Fetch-Site`"
        );
        for (name, head, expected) in [
            (
                "get",
                Head {
                    method: "GET",
                    ..post()
                },
                405,
            ),
            (
                "options",
                Head {
                    method: "OPTIONS",
                    ..post()
                },
                405,
            ),
            (
                "no origin",
                Head {
                    origin: None,
                    ..post()
                },
                403,
            ),
            (
                "origin",
                Head {
                    origin: Some("https://evil.example"),
                    ..post()
                },
                403,
            ),
            (
                "null",
                Head {
                    origin: Some("null"),
                    ..post()
                },
                403,
            ),
            (
                "port",
                Head {
                    origin: Some("http://127.0.0.1:4181"),
                    ..post()
                },
                403,
            ),
            (
                "site",
                Head {
                    site: Some("cross-site"),
                    ..post()
                },
                403,
            ),
            (
                "no key",
                Head {
                    key: None,
                    ..post()
                },
                401,
            ),
            (
                "another key",
                Head {
                    key: Some("k3z"),
                    ..post()
                },
                401,
            ),
            (
                "a form",
                Head {
                    media_type: "text/plain",
                    ..post()
                },
                415,
            ),
        ] {
            assert_eq!(status(head), expected, "{name}");
        }
    }

    #[test]
    fn the_page_itself_holds_nothing() {
        let get = |url| {
            let head = Head {
                method: "GET",
                url,
                key: None,
                ..post()
            };
            match bench().gate(&head) {
                Gate::Answer(answer) => answer,
                Gate::Do(action) => panic!("{action}"),
            }
        };
        let page = get("/.work/");
        assert_eq!(page.status, 200);
        assert!(!String::from_utf8(page.body).unwrap().contains("k3y"));
        assert_eq!(get("/.work/work.js").status, 200);
        assert_eq!(get("/.work/../../etc/passwd").status, 404);
    }

    #[test]
    fn calls_come_back_with_what_was_done() {
        let (bench, calls) = Bench::new("k".to_owned(), Spoken::default());
        let worker = std::thread::spawn(move || {
            work(
                &calls,
                Box::new(|call| match call.action.as_str() {
                    "echo" => Ok(call.of),
                    "fault" => panic!("a fault"),
                    _ => Err(Refused {
                        message: "no".to_owned(),
                        is_outdated: call.action == "late",
                        ..Refused::default()
                    }),
                }),
            );
        });
        let said = |action: &str, body: &[u8]| {
            let answer = bench.call(action.to_owned(), body);
            (answer.status, String::from_utf8(answer.body).unwrap())
        };
        assert_eq!(said("echo", b"{\"a\":1}"), (200, "{\"a\":1}".to_owned()));
        assert_eq!(said("fault", b"{}").0, 422);
        assert_eq!(said("other", b"{}").0, 422);
        assert_eq!(said("late", b"{}").0, 409);
        for bad in [&b"[]"[..], b"", b"\xff", b"{\"a\":"] {
            assert_eq!(said("echo", bad).0, 400, "{bad:?}");
        }
        drop(bench);
        worker.join().unwrap();
    }
}
