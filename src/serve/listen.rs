//! The server: a port of this machine, and the threads that answer.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tiny_http::{Header, Request, Response, Server};

use super::answer::{Answer, Asked, Reply, SCRIPT, answer};
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
/// How long a page waits before it asks again: shorter than what browsers and proxies give up after.
const PATIENCE: Duration = Duration::from_secs(25);

/// A port of this machine that only this machine reaches.
pub struct Listener {
    server: Server,
    address: SocketAddr,
    run: String,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Listener").field(&self.address).finish()
    }
}

impl Listener {
    /// Takes `port`, or the next free one of the twenty from there; any free one for 0. `run` tells
    /// this preview from others, in letters and digits.
    ///
    /// # Errors
    /// Where none is free, or the system allows none.
    pub fn take(port: u16, run: String) -> Result<Self, ServeError> {
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
        })
    }

    /// Returns the port that was taken.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers until the process ends.
    pub(super) fn answer(&self, board: &Board) {
        let waiting = &AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..ANSWERING {
                scope.spawn(move || {
                    while let Ok(request) = self.server.recv() {
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

    fn reply(&self, request: &Request, board: &Board) -> Reply {
        let host = request
            .headers()
            .iter()
            .find(|header| header.field.equiv("Host"));
        let asked = Asked {
            method: request.method().as_str(),
            url: request.url(),
            host: host.map(|header| header.value.as_str()),
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

/// Sends an answer. Who hung up gets none.
fn send(request: Request, answer: Answer) {
    let mut response = Response::from_data(answer.body).with_status_code(answer.status);
    let mut headers = vec![
        ("Content-Type", answer.media_type.to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
    ];
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
        let first = Listener::take(0, "a".to_owned()).unwrap();
        let port = first.port();
        let second = Listener::take(port, "b".to_owned()).unwrap();
        assert!(second.port() > port, "{}", second.port());
    }
}
