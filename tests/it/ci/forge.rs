//! A stand-in for the few things of GitHub's and GitLab's APIs that the CI kit asks for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

/// A comment: its number, who wrote it, what it says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) by: String,
    pub(super) body: String,
}

/// What the host knows, and what it was asked.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) comments: Vec<Comment>,
    /// Whether the token may not write.
    pub(super) read_only: bool,
    /// Pull request 17, as GitHub describes it.
    pub(super) pull: Value,
    /// The archive of run 5's review, and the size that is told of it.
    pub(super) artifact: Option<(Vec<u8>, usize)>,
    /// `METHOD path token`, in order.
    pub(super) asked: Vec<String>,
}

/// A server on the loopback interface; its thread ends with the test's process.
pub(super) struct Forge {
    pub(super) port: u16,
    facts: Arc<Mutex<Facts>>,
}

/// The account whose token the kit has.
pub(super) const BOT: &str = "github-actions[bot]";

impl Forge {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let facts = Arc::new(Mutex::new(Facts::default()));
        let shared = Arc::clone(&facts);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                let _gone = answer(stream, &shared, port);
            }
        });
        Self { port, facts }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().expect("no thread panicked")
    }

    /// What was asked that writes.
    pub(super) fn writes(&self) -> Vec<String> {
        let facts = self.facts();
        let asked = facts.asked.iter();
        asked
            .filter(|line| !line.starts_with("GET"))
            .cloned()
            .collect()
    }

    pub(super) fn add(&self, by: &str, body: &str) {
        let mut facts = self.facts();
        let id = facts.comments.len() as u64 + 1;
        facts.comments.push(Comment {
            id,
            by: by.to_owned(),
            body: body.to_owned(),
        });
    }
}

/// Reads one request, answers it, and hangs up.
fn answer(mut stream: TcpStream, facts: &Mutex<Facts>, port: u16) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default().to_owned();
    let (mut length, mut token, mut host) = (0, String::from("none"), String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "authorization" | "private-token" => token = value.to_owned(),
            "host" => host = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut facts = facts.lock().expect("no thread panicked");
    let local = if host.starts_with("localhost") {
        "elsewhere"
    } else {
        ""
    };
    facts
        .asked
        .push(format!("{method} {local}{target} {token}"));
    let (status, head, bytes) = reply(&mut facts, &method, &target, &body, port);
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{head}\r\n",
        bytes.len()
    )?;
    stream.write_all(&bytes)
}

type Reply = (u16, String, Vec<u8>);

fn told(status: u16, value: &Value) -> Reply {
    (status, String::new(), value.to_string().into_bytes())
}

fn reply(facts: &mut Facts, method: &str, target: &str, body: &[u8], port: u16) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let number = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name));
        value.and_then(|n| n.parse::<usize>().ok()).unwrap_or(1)
    };
    if method != "GET" && facts.read_only {
        return told(
            403,
            &json!({"message": "Resource not accessible by integration"}),
        );
    }
    let said = || {
        let value: Value = serde_json::from_slice(body).expect("JSON");
        value["body"].as_str().expect("a body").to_owned()
    };
    match (method, path) {
        ("GET", "/user") => told(200, &json!({"id": 99, "username": "bot"})),
        ("GET", "/repos/acme/shop/issues/17/comments" | "/projects/7/merge_requests/17/notes") => {
            let from = number("per_page=") * (number("page=") - 1);
            let shown = facts.comments.iter().skip(from).take(number("per_page="));
            let shown: Vec<Value> = shown
                .map(|c| {
                    let id = if c.by == BOT { 99 } else { 1 };
                    json!({"id": c.id, "body": c.body, "user": {"login": c.by}, "author": {"id": id}, "system": false})
                })
                .collect();
            told(200, &Value::Array(shown))
        }
        ("POST", "/repos/acme/shop/issues/17/comments" | "/projects/7/merge_requests/17/notes") => {
            let id = facts.comments.len() as u64 + 1;
            facts.comments.push(Comment {
                id,
                by: BOT.to_owned(),
                body: said(),
            });
            told(201, &json!({"id": id}))
        }
        ("PATCH" | "PUT", _) => {
            let id: u64 = path
                .rsplit('/')
                .next()
                .and_then(|n| n.parse().ok())
                .expect("a number");
            let body = said();
            let comment = facts
                .comments
                .iter_mut()
                .find(|c| c.id == id)
                .expect("it is there");
            comment.body = body;
            told(200, &json!({"id": id}))
        }
        ("GET", "/repos/acme/shop/pulls/17") => told(200, &facts.pull),
        ("GET", "/repos/acme/shop/actions/runs/5/artifacts") => {
            let all = facts.artifact.iter().map(|(_, size)| {
                json!({"id": 3, "name": "tallybook-review", "expired": false, "size_in_bytes": size})
            });
            told(200, &json!({"artifacts": all.collect::<Vec<_>>()}))
        }
        ("GET", "/repos/acme/shop/actions/artifacts/3/zip") => {
            let head = format!("Location: http://localhost:{port}/blob\r\n");
            (302, head, Vec::new())
        }
        ("GET", "/blob") => {
            let bytes = facts.artifact.as_ref().map(|(bytes, _)| bytes.clone());
            (200, String::new(), bytes.unwrap_or_default())
        }
        _ => told(404, &json!({"message": "Not Found"})),
    }
}

/// An archive of files as they are, whatever their names say.
pub(super) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let at = out.len() as u32;
        let mut facts = Vec::new();
        // Version 20, no flags, stored, midnight of 1 January 1980.
        for half in [20_u16, 0, 0, 0, 0x21] {
            facts.extend(half.to_le_bytes());
        }
        for word in [crc32(bytes), bytes.len() as u32, bytes.len() as u32] {
            facts.extend(word.to_le_bytes());
        }
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&facts);
        out.extend(name.as_bytes());
        out.extend(*bytes);
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&facts);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (at, count) = (out.len() as u32, entries.len() as u16);
    out.extend(&list);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}
