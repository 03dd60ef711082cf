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
    stdout: std::cell::RefCell<BufReader<std::process::ChildStdout>>,
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Preview {
    fn start(repo: &TestRepo, args: &[&str]) -> Self {
        Self::of(repo.command("", args))
    }

    fn of(mut command: std::process::Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the binary starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("piped");
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut line).expect("a line comes");
        let address = line.trim().strip_prefix("http://").expect("an address");
        Self {
            process,
            address: address.trim_end_matches('/').to_owned(),
            stdout: stdout.into(),
        }
    }

    /// Returns the key of the second address.
    fn key(&self) -> String {
        let mut line = String::new();
        let mut stdout = self.stdout.borrow_mut();
        stdout.read_line(&mut line).expect("a line comes");
        let key = line.trim().split_once("/.work/#key=");
        key.expect("the workbench's address").1.to_owned()
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
    let second = Preview::of(command);
    assert_ne!(second.address, first.address);
    second.until(rendered);
    drop(second);
    let left = std::fs::read_dir(folder.path()).expect("lists").count();
    assert_eq!(left, 0);
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

/// What is sent to the workbench, with the headers of its own page unless others are given.
fn act(
    preview: &Preview,
    key: &str,
    action: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> (u16, String) {
    let mut all = vec![
        ("Host", preview.address.clone()),
        ("Origin", format!("http://{}", preview.address)),
        ("X-Tallybook-Key", key.to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("Content-Length", body.len().to_string()),
    ];
    for (name, value) in headers {
        all.retain(|(known, _)| known != name);
        all.push((name, (*value).to_owned()));
    }
    let lines: String = all
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let mut stream = TcpStream::connect(&preview.address).expect("it listens");
    stream.set_read_timeout(Some(HANG)).expect("set");
    let request =
        format!("POST /.work/do/{action} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    // A server that refuses a body may leave the connection as it is behind its answer.
    let mut piece = [0; 4096];
    while !is_whole(&answer) {
        match stream.read(&mut piece) {
            Ok(n) if n > 0 => answer.extend_from_slice(&piece[..n]),
            _ => break,
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned());
    let status: Option<u16> = status;
    (
        status.unwrap_or_else(|| panic!("no status for {headers:?}: {answer}")),
        body.unwrap_or_default(),
    )
}

/// Whether an answer has all that its head promises.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lengths = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = lengths.next().and_then(|(_, n)| n.parse::<usize>().ok());
    length.is_none_or(|length| answer.len() >= head.len() + 4 + length)
}

fn json_of(said: (u16, String)) -> Value {
    assert_eq!(said.0, 200, "{}", said.1);
    serde_json::from_str(&said.1).expect("JSON")
}

const MANUAL: &str = "projects/shop/cases/mail/by-hand.md";

fn planned() -> (TestRepo, String) {
    let repo = shop();
    repo.write(
        MANUAL,
        "---\nid: SHOP-00001A\ntitle: By hand\nexecution: manual\ntags: [byhand]\n---\n\n## Steps\n\n1. Look.\n2. Look again.\n",
    );
    repo.write(
        "projects/shop/plans/byhand.yaml",
        "name: By hand\nquery: tag = byhand\n",
    );
    repo.commit("A case for people");
    let id = repo.answer([
        "launch",
        "open",
        "--name",
        "Hands",
        "--plan",
        "byhand",
        "--planned",
    ]);
    (repo, id.trim().to_owned())
}

#[test]
fn a_case_is_executed_closed_and_kept() {
    let (repo, launch) = planned();
    let preview = Preview::start(&repo, &["serve", "--port", "0"]);
    let key = preview.key();
    let call = |action: &str, body: Value| act(&preview, &key, action, &body.to_string(), &[]);
    let queue = json_of(call("queue", serde_json::json!({})));
    let open = &queue["launches"][0];
    assert_eq!(
        (open["id"].as_str(), open["tasks"][0]["done"].as_bool()),
        (Some(launch.as_str()), Some(false))
    );
    let which = serde_json::json!({"project": open["project"], "launch": launch, "task": open["tasks"][0]["id"]});
    let with = |more: Value| {
        let mut all = which.clone();
        all.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        all
    };
    let shown = json_of(call("open", which.clone()));
    assert!(shown["digest"].is_null() && shown["draft"]["text"].is_null());
    let one = json_of(call(
        "edit",
        with(serde_json::json!({"digest": null, "step": 0, "do": "answer", "status": "passed"})),
    ));
    // Who knows an older draft changes nothing, and gets the newer one.
    let late = call(
        "edit",
        with(serde_json::json!({"digest": null, "step": 0, "do": "answer", "status": "failed"})),
    );
    assert_eq!(late.0, 409, "{}", late.1);
    let now: Value = serde_json::from_str(&late.1).expect("JSON");
    assert_eq!(now["now"]["digest"], one["digest"]);
    // The answer to the first was lost on the way: sent once more, it is in already.
    let again = json_of(call(
        "edit",
        with(serde_json::json!({"digest": null, "step": 0, "do": "answer", "status": "passed"})),
    ));
    assert_eq!(again["digest"], one["digest"]);
    // A name with a path is a label, and a step that is not there is refused.
    let digest = &one["digest"];
    let attach = serde_json::json!({"digest": digest, "step": 1, "do": "attach", "name": "../../x.txt", "data": "aGk="});
    let two = json_of(call("edit", with(attach)));
    assert_eq!(two["draft"]["steps"][1]["files"][0]["name"], "x.txt");
    let digest = &two["digest"];
    for wrong in [
        serde_json::json!({"digest": digest, "step": 9, "do": "answer", "status": "passed"}),
        serde_json::json!({"digest": digest, "step": 0, "do": "answer", "status": "in_progress"}),
        serde_json::json!({"digest": digest, "step": 0, "do": "attach", "name": "x", "data": "%%"}),
        serde_json::json!({"digest": digest, "step": null, "do": "link", "url": "javascript:alert(1)"}),
        serde_json::json!({"digest": digest, "step": null, "do": "link", "url": "http://"}),
        serde_json::json!({"digest": digest, "step": null, "do": "link", "url": "https:///a"}),
        serde_json::json!({"digest": digest, "step": 0, "do": "nothing"}),
        serde_json::json!({"digest": digest, "step": 0, "do": "comment", "text": "AKIAIOSFODNN7EXAMPLE and ghp_0123456789abcdefghijABCDEFGHIJ012345"}),
    ] {
        let (status, said) = call("edit", with(wrong.clone()));
        assert_eq!(status, 422, "{wrong}: {said}");
    }
    assert_eq!(
        call("record", with(serde_json::json!({"digest": digest}))).0,
        422,
        "a step is not answered"
    );
    let three = json_of(call(
        "edit",
        with(serde_json::json!({"digest": digest, "step": 1, "do": "answer", "status": "failed"})),
    ));
    let done = json_of(call(
        "record",
        with(serde_json::json!({"digest": three["digest"]})),
    ));
    assert_eq!(
        (done["status"].as_str(), done["is_there"].as_bool()),
        (Some("failed"), Some(true))
    );
    // As is what was recorded: by its draft it is known.
    let uuid = &three["draft"]["uuid"];
    let again = json_of(call(
        "record",
        with(serde_json::json!({"digest": three["digest"], "uuid": uuid})),
    ));
    assert_eq!(again["status"], "failed");
    assert_eq!(
        call(
            "record",
            with(serde_json::json!({"digest": three["digest"]}))
        )
        .0,
        409
    );
    let closed = json_of(call(
        "close",
        serde_json::json!({"project": open["project"], "launch": launch, "push": false}),
    ));
    assert_eq!(closed["ok"], true, "{closed}");
    let head: Value =
        serde_json::from_str(&repo.answer(["launch", "show", &launch, "--format", "json"]))
            .expect("JSON");
    assert_eq!(
        head["receipt"].as_str(),
        closed["answer"].as_str().map(str::trim)
    );
    assert_eq!(repo.run(["verify"]).code, Some(0));
    repo.assert_clean();
}

#[test]
fn cases_are_written_looked_at_and_committed() {
    let (repo, _) = planned();
    repo.git([
        "mv",
        "projects/shop/plans/byhand.yaml",
        "projects/shop/plans/people.yaml",
    ]);
    let preview = Preview::start(&repo, &["serve", "--port", "0"]);
    let key = preview.key();
    let call = |action: &str, body: Value| act(&preview, &key, action, &body.to_string(), &[]);
    let cases = json_of(call("cases", serde_json::json!({})));
    let project = &cases["projects"][0]["project"];
    let of = serde_json::json!({"project": project, "case": "SHOP-00001A"});
    let with = |more: Value| {
        let mut all = of.clone();
        all.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        all
    };
    let text = json_of(call("text", of.clone()));
    let old = text["text"].as_str().expect("a text");
    let new = old.replace(
        "Look again.",
        "Look at it for long.\n   - **Expected:** It is there.",
    );
    let saved = json_of(call(
        "save",
        with(serde_json::json!({"text": new, "digest": text["digest"]})),
    ));
    assert_eq!(repo.read(MANUAL), new);
    assert_ne!(saved["digest"], text["digest"]);
    let late = call(
        "save",
        with(serde_json::json!({"text": "lost", "digest": text["digest"]})),
    );
    assert_eq!(late.0, 409, "{}", late.1);
    let shown = json_of(call("pending", serde_json::json!({})));
    let paths = shown["paths"].to_string();
    assert!(
        paths.contains("by-hand.md")
            && paths.contains("byhand.yaml")
            && paths.contains("people.yaml"),
        "{paths}"
    );
    assert!(
        shown["review"]["answer"].to_string().contains("step"),
        "{shown}"
    );
    // Whatever is there now was not looked at.
    repo.write(MANUAL, new.replace("for long", "for a moment"));
    let commit = |tree: &Value, branch: &str| {
        call(
            "commit",
            serde_json::json!({"message": "Look longer", "tree": tree, "branch": branch}),
        )
    };
    let late = commit(&shown["tree"], "");
    assert_eq!(late.0, 422, "{}", late.1);
    assert!(late.1.contains("look again"), "{}", late.1);
    let head = repo.git(["rev-parse", "HEAD"]);
    let shown = json_of(call("pending", serde_json::json!({})));
    assert_eq!(commit(&shown["tree"], "no..name").0, 422);
    repo.write(".git/index.lock", "");
    assert_eq!(commit(&shown["tree"], "longer").0, 422);
    std::fs::remove_file(repo.root().join(".git/index.lock")).expect("removes");
    assert_eq!(repo.git(["branch", "--list", "longer"]), "");
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    let done = json_of(commit(&shown["tree"], "longer"));
    assert_eq!(done["branch"], "longer");
    assert_eq!(
        repo.git(["symbolic-ref", "--short", "HEAD"]).trim(),
        "longer"
    );
    assert_eq!(repo.git(["log", "-1", "--format=%s"]).trim(), "Look longer");
    repo.assert_clean();
    let shown = json_of(call("pending", serde_json::json!({})));
    assert_eq!(shown["paths"], serde_json::json!([]));
    // Pushed if asked, and never over what others pushed.
    let remote = tempfile::tempdir().expect("a folder");
    let url = remote.path().display().to_string();
    repo.git(["init", "--quiet", "--bare", &url]);
    repo.git(["remote", "add", "origin", &url]);
    let push = |text: &str| {
        repo.write(MANUAL, text);
        let shown = json_of(call("pending", serde_json::json!({})));
        assert_eq!(shown["remote"], "origin");
        let of = serde_json::json!({"message": "Pushed", "tree": shown["tree"], "push": true});
        json_of(call("commit", of))
    };
    assert_eq!(push(&new)["remote"], "origin");
    let tip = repo.git(["rev-parse", "HEAD"]);
    assert!(
        repo.git(["ls-remote", "origin", "longer"])
            .starts_with(tip.trim())
    );
    let other = repo.git([
        "commit-tree",
        "-m",
        "Of others",
        "-p",
        "HEAD",
        "HEAD^{tree}",
    ]);
    repo.git([
        "push",
        "--quiet",
        "origin",
        &format!("{}:refs/heads/longer", other.trim()),
    ]);
    let done = push(old);
    assert!(
        done["unpushed"].to_string().contains("git pull --rebase"),
        "{done}"
    );
    assert!(
        repo.git(["ls-remote", "origin", "longer"])
            .starts_with(other.trim())
    );
}

#[test]
fn who_executes_is_asked_at_the_start() {
    let (repo, _) = planned();
    repo.write(
        "projects/shop/members/alice.yaml",
        "name: Alice\nrole: owner\nemails: [alice@example.com]\n",
    );
    let ran = repo.run(["serve", "--port", "0", "--as", "nobody-at-all"]);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("no member of the project"), "{ran}");
}

#[test]
fn the_workbench_answers_to_its_own_page_alone() {
    let (repo, _) = planned();
    let preview = Preview::start(&repo, &["serve", "--port", "0"]);
    let key = preview.key();
    let own = preview.address.clone();
    let status = |headers: &[(&str, &str)]| act(&preview, &key, "queue", "{}", headers).0;
    assert_eq!(status(&[]), 200);
    for (header, value, expected) in [
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "cross-site", 403),
        ("X-Tallybook-Key", "x", 401),
        ("Content-Type", "text/plain", 415),
        ("Content-Length", "99999999999", 413),
    ] {
        assert_eq!(status(&[(header, value)]), expected, "{header}: {value}");
    }
    let elsewhere = act(
        &preview,
        &key,
        "queue",
        "{}",
        &[("Host", "evil.example"), ("Origin", "http://evil.example")],
    );
    assert!(matches!(elsewhere.0, 403 | 405), "{}", elsewhere.1);
    for (url, expected) in [
        ("/.work/", 200),
        ("/.work/work.js", 200),
        ("/.work/../x", 404),
        ("/.work/%2e%2e/x", 404),
    ] {
        assert_eq!(preview.ask("GET", url, &own).0, expected, "{url}");
    }
    let (_, opened) = preview.ask("GET", "/.work/", &own);
    assert!(
        opened.contains("X-Frame-Options: DENY") && !opened.contains(&key),
        "{opened}"
    );
    let opened = opened.to_lowercase();
    assert!(
        !opened.contains("access-control") && !opened.contains("set-cookie"),
        "{opened}"
    );
    // Clients that are slow or say nothing keep nobody from anything.
    let idle: Vec<TcpStream> = (0..200)
        .filter_map(|_| TcpStream::connect(&own).ok())
        .collect();
    let slow: Vec<TcpStream> = (0..12)
        .filter_map(|_| {
            let mut stream = TcpStream::connect(&own).ok()?;
            let head = format!("POST /.work/do/queue HTTP/1.1\r\nHost: {own}\r\nOrigin: http://{own}\r\nX-Tallybook-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{");
            stream.write_all(head.as_bytes()).ok()?;
            Some(stream)
        })
        .collect();
    assert_eq!((idle.len(), slow.len()), (200, 12));
    assert_eq!(status(&[]), 200);
    preview.until(rendered);
    assert_eq!(preview.get("/").0, 200);
}

#[test]
fn a_read_only_preview_has_no_workbench() {
    let (repo, _) = planned();
    let preview = Preview::start(&repo, &["serve", "--port", "0", "--read-only"]);
    preview.until(rendered);
    assert_eq!(preview.get("/.work/").0, 404);
    assert_eq!(act(&preview, "", "queue", "{}", &[]).0, 405);
    assert!(!preview.get("/").1.contains("data-work"));
}
