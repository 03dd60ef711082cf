//! The server: a port of this machine, and the threads that answer.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tiny_http::{Header, Request, Response, Server};

use super::answer::{Answer, Asked, Reply, SCRIPT, answer, is_own_host};
use super::bench::{self, BODY_MAX, Bench, Gate, Head, Spoken};
use super::board::Board;
use super::live;
use crate::base::files::FileError;

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("no port from {first} to {last} is free")]
    NoPort {
        first: u16,
        last: u16,
        source: io::Error,
    },
    #[error("can't listen on port {port}")]
    Port { port: u16, source: io::Error },
    #[error("the preview can't start")]
    Start(#[source] io::Error),
    #[error("can't watch `{path}`")]
    Watch { path: String, source: notify::Error },
    #[error(transparent)]
    File(#[from] FileError),
}

/// How many ports are tried.
const PORTS: u16 = 20;
/// How many requests are answered at a time, those that wait apart.
const ANSWERING: usize = 4;
/// How many pages may wait for the next rendering; more are answered at once, and ask again.
const WAITING: usize = 64;
/// How many requests that send something are taken at a time; a slow one keeps its place until it is sent.
const SENDING: usize = 16;
/// How long a page waits before it asks again: shorter than what browsers and proxies give up after.
const PATIENCE: Duration = Duration::from_secs(25);

/// A port of this machine that only this machine reaches.
pub struct Listener {
    server: Server,
    address: SocketAddr,
    run: String,
    key: String,
    spoken: Spoken,
    bench: Option<Bench>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Listener").field(&self.address).finish()
    }
}

impl Listener {
    /// Takes `port`, or the next free one of the twenty from there; any free one for 0. `run` tells
    /// this preview from others, and `key` opens the workbench, both in letters and digits.
    ///
    /// # Errors
    /// Where none is free, or the system allows none.
    pub fn take(port: u16, run: String, key: String) -> Result<Self, ServeError> {
        let last = port.saturating_add(PORTS - 1);
        let mut next = port;
        let listener = loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, next)) {
                Ok(listener) => break listener,
                Err(source) if source.kind() != io::ErrorKind::AddrInUse || port == 0 => {
                    return Err(ServeError::Port { port: next, source });
                }
                Err(source) if next == last => {
                    return Err(ServeError::NoPort {
                        first: port,
                        last,
                        source,
                    });
                }
                Err(_) => next += 1,
            }
        };
        let address = listener.local_addr().map_err(ServeError::Start)?;
        let server = Server::from_listener(listener, None)
            .map_err(|e| ServeError::Start(io::Error::other(e)))?;
        Ok(Self {
            server,
            address,
            run,
            key,
            spoken: Spoken::default(),
            bench: None,
        })
    }

    /// Opens the workbench, and returns where its calls come in.
    pub(super) fn open_bench(&mut self) -> bench::Calls {
        let (bench, calls) = Bench::new(self.key.clone(), self.spoken.clone());
        self.bench = Some(bench);
        calls
    }

    /// Returns what the workbench says, to be set as the workspace has it.
    pub fn spoken(&self) -> Spoken {
        self.spoken.clone()
    }

    /// Returns the port that was taken.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers until the process ends.
    pub(super) fn answer(&self, board: &Board) {
        let waiting = &AtomicUsize::new(0);
        let sending = &AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..ANSWERING {
                scope.spawn(move || {
                    while let Ok(request) = self.server.recv() {
                        if request
                            .body_length()
                            .is_some_and(|length| length > BODY_MAX)
                        {
                            refuse_large(request);
                            continue;
                        }
                        if request.body_length() != Some(0) && !is_reading(&request) {
                            // What is sent slowly must not keep those that answer.
                            if sending.fetch_add(1, Ordering::Relaxed) < SENDING {
                                scope.spawn(move || {
                                    self.take_in(request, board);
                                    sending.fetch_sub(1, Ordering::Relaxed);
                                });
                            } else {
                                sending.fetch_sub(1, Ordering::Relaxed);
                                send(
                                    request,
                                    bench::told(503, "too much is sent at a time; try again"),
                                );
                            }
                            continue;
                        }
                        match self.reply(&request, board) {
                            Reply::Now(answer) => send(request, answer),
                            Reply::Next(round) => {
                                let may_wait = waiting.fetch_add(1, Ordering::Relaxed) < WAITING;
                                let patience = if may_wait { PATIENCE } else { Duration::ZERO };
                                scope.spawn(move || {
                                    self.send_next(request, board, round, patience);
                                    waiting.fetch_sub(1, Ordering::Relaxed);
                                });
                            }
                        }
                    }
                });
            }
        });
    }

    /// Answers a request that sends something.
    fn take_in(&self, mut request: Request, board: &Board) {
        let gate = self.gate(&request);
        let answer = match (gate, &self.bench) {
            (Some(Gate::Do(action)), Some(bench)) => match body(&mut request) {
                Ok(body) => bench.call(action, &body),
                Err(answer) => answer,
            },
            (Some(Gate::Answer(answer)), _) => answer,
            _ => match self.reply(&request, board) {
                Reply::Now(answer) => answer,
                Reply::Next(_) => bench::told(405, "nothing can be sent there"),
            },
        };
        send(request, answer);
    }

    /// What the workbench makes of a request; none where it is not one for it.
    fn gate(&self, request: &Request) -> Option<Gate> {
        let bench = self.bench.as_ref()?;
        let url = request.url();
        let path = url.split('?').next().unwrap_or_default();
        let own = path.trim_start_matches('/').strip_prefix(bench::OWN)?;
        let host = header(request, "Host");
        if !(own.is_empty() || own.starts_with('/')) || !is_own_host(host) {
            return None;
        }
        if own.is_empty() {
            let there = Answer {
                location: Some(format!("/{}/", bench::OWN)),
                ..Answer::html(302, String::new())
            };
            return Some(Gate::Answer(there));
        }
        Some(bench.gate(&Head {
            method: request.method().as_str(),
            url,
            host: host.unwrap_or_default(),
            origin: header(request, "Origin"),
            site: header(request, "Sec-Fetch-Site"),
            key: header(request, "X-Tallybook-Key"),
            media_type: header(request, "Content-Type").unwrap_or_default(),
        }))
    }

    fn reply(&self, request: &Request, board: &Board) -> Reply {
        match self.gate(request) {
            Some(Gate::Answer(answer)) => return Reply::Now(answer),
            // An action without a body is about nothing.
            Some(Gate::Do(_)) => {
                return Reply::Now(bench::told(400, "an action is about a JSON object"));
            }
            None => {}
        }
        let asked = Asked {
            method: request.method().as_str(),
            url: request.url(),
            host: header(request, "Host"),
            has_bench: self.bench.is_some(),
        };
        answer(asked, &board.now(), &self.run)
    }

    fn send_next(&self, request: Request, board: &Board, round: u64, patience: Duration) {
        let now = board.wait(round, patience);
        send(
            request,
            Answer::of(200, SCRIPT, live::state(&now, &self.run)),
        );
    }
}

fn header<'r>(request: &'r Request, name: &'static str) -> Option<&'r str> {
    let mut own = request
        .headers()
        .iter()
        .filter(|header| header.field.equiv(name));
    own.next().map(|header| header.value.as_str())
}

fn is_reading(request: &Request) -> bool {
    matches!(request.method().as_str(), "GET" | "HEAD")
}

/// Refuses a body that is larger than any that is taken.
///
/// tiny_http reads away what is left of a body in a buffer of that size, so what somebody claims to send would decide
/// how much memory is asked for, and a process that does not get it is ended. The connection is let go of instead.
fn refuse_large(request: Request) {
    let answer = bench::told(413, "that is too large; 24 MB is what a file may have");
    let response = Response::from_data(answer.body).with_status_code(answer.status);
    std::mem::forget(request.upgrade("none", response));
}

/// Reads what is sent, up to the bound: without a length it may be anything.
fn body(request: &mut Request) -> Result<Vec<u8>, Answer> {
    let mut out = Vec::new();
    let read = request
        .as_reader()
        .take(BODY_MAX as u64 + 1)
        .read_to_end(&mut out);
    match read {
        Ok(_) if out.len() > BODY_MAX => Err(bench::told(
            413,
            "that is too large; 24 MB is what a file may have",
        )),
        Ok(_) => Ok(out),
        Err(_) => Err(bench::told(400, "it was not sent whole")),
    }
}

/// Sends an answer. Who hung up gets none.
fn send(request: Request, answer: Answer) {
    let mut response = Response::from_data(answer.body).with_status_code(answer.status);
    let mut headers = vec![
        ("Content-Type", answer.media_type.to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
        ("Referrer-Policy", "no-referrer".to_owned()),
    ];
    if request
        .url()
        .trim_start_matches('/')
        .starts_with(bench::OWN)
    {
        let alone = "frame-ancestors 'none'".to_owned();
        headers.push(("Content-Security-Policy", alone));
        headers.push(("X-Frame-Options", "DENY".to_owned()));
    }
    headers.extend(answer.location.map(|location| ("Location", location)));
    for (name, value) in headers {
        // All of these are ASCII without line ends.
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    request.respond(response).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_port_where_one_is_taken() {
        let first = Listener::take(0, "a".to_owned(), String::new()).unwrap();
        let port = first.port();
        let second = Listener::take(port, "b".to_owned(), String::new()).unwrap();
        assert!(second.port() > port, "{}", second.port());
    }
}
