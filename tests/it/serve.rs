//! The live preview: what is saved is shown, what is wrong is told, and nothing is taken away.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::repo::TestRepo;
use crate::shop::{result, shop};

const CASE: &str = "projects/shop/cases/mail/dark.md";
/// Nobody waits longer for a rendering, however slow the machine.
const HANG: Duration = Duration::from_secs(300);

struct Preview {
    process: Child,
    address: String,
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Preview {
    fn start(repo: &TestRepo, args: &[&str]) -> Self {
        let mut command = repo.command("", args);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the binary starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a line comes");
        let address = line.trim().strip_prefix("http://").expect("an address");
        Self {
            process,
            address: address.trim_end_matches('/').to_owned(),
        }
    }

    /// Returns the status and the rest of an answer.
    fn ask(&self, method: &str, url: &str, host: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(HANG)).expect("set");
        let request =
            format!("{method} {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answered");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
        (status.expect("a status"), answer)
    }

    fn get(&self, url: &str) -> (u16, String) {
        self.ask("GET", url, "localhost")
    }

    fn state(&self, after: &str) -> Value {
        let (status, answer) = self.get(&format!("/.live/next.js?after={after}"));
        assert_eq!(status, 200, "{answer}");
        let (_, state) = answer.split_once("tallybookLive(").expect("a call");
        let (state, _) = state.rsplit_once(");").expect("a call");
        serde_json::from_str(state).expect("JSON")
    }

    /// Waits, rendering by rendering, until the state is as it should be.
    #[track_caller]
    fn until(&self, fits: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        let mut after = String::new();
        loop {
            let state = self.state(&after);
            if fits(&state) {
                return state;
            }
            assert!(start.elapsed() < HANG, "it stays so: {state}");
            let run = state["run"].as_str().expect("a run");
            after = format!("{run}-{}", state["round"]);
        }
    }
}

fn rendered(state: &Value) -> bool {
    state["site"].as_u64() > Some(0)
}

fn headline(state: &Value) -> &str {
    state["headline"].as_str().expect("a headline")
}

#[test]
fn what_is_saved_is_shown() {
    let repo = shop();
    let preview = Preview::start(&repo, &["serve", "--port", "0"]);
    let state = preview.until(rendered);
    assert_eq!(headline(&state), "");
    let (status, page) = preview.get("/");
    assert!(status == 200 && page.contains("data-site=\"1\""), "{page}");
    let (status, cases) = preview.get("/shop/cases.html");
    assert!(
        status == 200 && cases.contains("Mail in dark mode"),
        "{cases}"
    );

    let case = repo.read(CASE);
    repo.write(CASE, case.replace("Mail in dark", "Post in grey"));
    preview.until(|_| {
        preview
            .get("/shop/cases.html")
            .1
            .contains("Post in grey mode")
    });

    repo.commit("Another title");
    repo.allure("../results", &result("a", "plain", "failed"));
    repo.close_with("Nightly", "../results");
    preview.until(|_| preview.get("/shop/launches.html").1.contains("Nightly"));
    repo.git(["reset", "--hard", "--quiet", "HEAD~1"]);
    preview.until(|_| !preview.get("/shop/launches.html").1.contains("Nightly"));
}

#[test]
fn what_is_wrong_is_told_and_the_site_stays() {
    let repo = shop();
    let preview = Preview::start(&repo, &["serve", "--port", "0"]);
    preview.until(rendered);
    let bad = "projects/shop/cases/mail/bad.md";
    repo.write(bad, "---\nid: [\ntitle\n---\n");
    let state = preview.until(|state| !headline(state).is_empty());
    assert_eq!(headline(&state), "1 error in 1 file");
    let problem = &state["problems"][0];
    let place = problem["place"].as_str().expect("a place");
    assert!(place.starts_with(&format!("{bad}:")), "{state}");
    assert_eq!(problem["level"], "error");
    assert_eq!(preview.get("/shop/cases.html").0, 200);
    std::fs::remove_file(repo.root().join(bad)).expect("removed");
    preview.until(|state| headline(state).is_empty());

    let settings = repo.read("tallybook.yaml");
    repo.write("tallybook.yaml", "format: 9000\n");
    preview.until(|state| !headline(state).is_empty());
    let (status, page) = preview.get("/shop/cases.html");
    assert!(
        status == 200 && page.contains("Mail in dark mode"),
        "{page}"
    );
    std::fs::remove_file(repo.root().join("tallybook.yaml")).expect("removed");
    let gone = preview.until(|state| headline(state).starts_with("The site can't be rendered"));
    assert_eq!(gone["problems"][0]["level"], "error", "{gone}");
    assert_eq!(preview.get("/shop/cases.html").0, 200);
    repo.write("tallybook.yaml", &settings);
    preview.until(|state| headline(state).is_empty());
}

#[test]
fn a_template_that_is_wrong_is_told() {
    let repo = shop();
    repo.write("templates/site/cases.html", "{% if %}");
    let preview = Preview::start(&repo, &["serve", "--port", "0"]);
    let state = preview.until(|state| state["round"].as_u64() > Some(0));
    assert!(!rendered(&state) && !headline(&state).is_empty(), "{state}");
    let (status, page) = preview.get("/");
    assert!(status == 503 && page.contains("cases.html"), "{page}");
    std::fs::remove_dir_all(repo.root().join("templates")).expect("removed");
    preview.until(rendered);
    assert_eq!(preview.get("/").0, 200);
}

#[test]
fn this_machine_alone() {
    let repo = shop();
    let preview = Preview::start(&repo, &["serve", "--port", "0", "--at", "HEAD"]);
    preview.until(rendered);
    for (method, host, status) in [
        ("GET", "localhost", 200),
        ("HEAD", "localhost", 200),
        ("GET", "evil.example", 403),
        ("POST", "localhost", 405),
    ] {
        assert_eq!(preview.ask(method, "/", host).0, status, "{method} {host}");
    }
    for url in [
        "/../tallybook.yaml",
        "/%2e%2e/tallybook.yaml",
        "/.git/HEAD",
        "/.tallybook-site",
    ] {
        assert_eq!(preview.get(url).0, 404, "{url}");
    }
    let (status, answer) = preview.get("/shop");
    assert!(
        status == 302 && answer.contains("Location: /shop/\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("X-Content-Type-Options: nosniff"),
        "{answer}"
    );

    // What is not committed is not shown, also after it was looked at.
    let before = preview.state("")["round"].as_u64();
    repo.write(
        CASE,
        repo.read(CASE).replace("Mail in dark", "Post in grey"),
    );
    preview.until(|state| state["round"].as_u64() > before);
    assert!(
        preview
            .get("/shop/cases.html")
            .1
            .contains("Mail in dark mode")
    );
}

#[test]
fn the_next_port_and_nothing_left_behind() {
    let repo = shop();
    let folder = tempfile::tempdir().expect("a folder");
    let first = Preview::start(&repo, &["serve", "--port", "0"]);
    let port = first.address.rsplit(':').next().expect("a port").to_owned();
    let mut command = repo.command("", &["serve", "--port", &port]);
    command.env("TMPDIR", folder.path());
    let mut process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let second = Preview {
        process,
        address: line
            .trim()
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned(),
    };
    assert_ne!(second.address, first.address);
    second.until(rendered);
    drop(second);
    let left = std::fs::read_dir(folder.path()).expect("lists").count();
    assert_eq!(left, 0);
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}
