//! Attestations: in-toto statements about closed launches, bare and in envelopes.

use std::process::{Command, Stdio};

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};

use crate::repo::{TestRepo, assert_refused};
use crate::shop::{result, shop, with};

/// Made by `openssl genpkey -algorithm ed25519` for these tests.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJHWr44wYYkSrM94U7Vxfq5MTel9DCWqgL2DsN8T2UGE\n\
    -----END PRIVATE KEY-----\n";

/// A shop with a closed launch that has a result of every kind; its id and receipt.
fn closed() -> (TestRepo, String, String) {
    let repo = shop();
    let folder = "../results";
    repo.allure(folder, &result("a", "plain", "passed"))
        .allure(folder, &result("b", "breaks", "failed"))
        .allure(folder, &result("c", "skips", "skipped"))
        .allure(
            folder,
            &with(
                result("d", "known", "broken"),
                &json!({"statusDetails": {"message": "503 Service"}}),
            ),
        )
        .allure(
            folder,
            &with(
                result("e", "muted", "failed"),
                &json!({"labels": [{"name": "ALLURE_ID", "value": "SHOP-MA1DRK"}]}),
            ),
        )
        .allure(
            folder,
            &with(
                result("f", "wavers", "passed"),
                &json!({"statusDetails": {"flaky": true}}),
            ),
        );
    let parameter = |value: &str| json!({"parameters": [{"name": "locale", "value": value}]});
    for (uuid, value) in [("g", "en"), ("h", "de")] {
        repo.allure(
            folder,
            &with(result(uuid, "locales", "passed"), &parameter(value)),
        );
    }
    let id = repo.open_launch("Nightly");
    repo.answer([
        "launch",
        "append",
        &id,
        folder,
        "--job",
        "linux",
        "--url",
        "https://ci.example.com/1",
    ]);
    let receipt = repo.answer([
        "launch",
        "close",
        &id,
        "--reason",
        "the candidate is built",
        "--meaning",
        "reviewed and approved",
    ]);
    repo.write("../key.pem", KEY);
    (repo, id, receipt)
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

#[test]
fn the_predicate_that_policies_know() {
    let (repo, id, receipt) = closed();
    let said = repo.answer(["export", "in-toto", &id, "--predicate", "test-result"]);
    let documentation = repo.git(["rev-parse", "HEAD^"]);
    assert_eq!(
        lines(&said),
        [json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [
                {"name": "source", "digest": {"gitCommit": documentation}},
                {"name": format!("SHOP/{id}/launch.yaml"), "digest": {"sha256": receipt}},
            ],
            "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
            "predicate": {
                "result": "FAILED",
                "configuration": [{"name": "documentation", "digest": {"gitCommit": documentation}}],
                "url": "https://ci.example.com/1",
                "passedTests": ["auth#locales [locale=de]", "auth#locales [locale=en]", "auth#plain"],
                "warnedTests": ["auth#known", "auth#muted", "auth#wavers"],
                "failedTests": ["auth#breaks"],
            },
        })]
    );
    // The second subject is the file itself.
    let folder = repo.launch_folder(&id);
    let bytes = std::fs::read(repo.root().join(folder).join("launch.yaml")).expect("it is there");
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, receipt);
}

#[test]
fn our_own_predicate_says_all_that_was_decided() {
    let (repo, id, receipt) = closed();
    let said = repo.answer(["export", "in-toto", &id, "--predicate", "tallybook"]);
    let statement = &lines(&said)[0];
    assert_eq!(
        statement["predicateType"],
        "https://tallybook.dev/attestation/launch/v1"
    );
    let predicate = &statement["predicate"];
    assert_eq!(predicate["receipt"], json!({"sha256": receipt}));
    assert_eq!(
        predicate["totals"],
        json!({
            "passed": 4, "failed": 2, "broken": 1, "skipped": 1, "unknown": 0, "inProgress": 0,
            "total": 8, "retries": 0, "muted": 1, "overridden": 0, "unresolved": 1, "known": 1, "flaky": 1,
        })
    );
    let by = "Alice Example <alice@example.com>";
    let documentation = repo.git(["rev-parse", "HEAD^"]);
    let mut closed = predicate["closed"].clone();
    assert!(closed["version"].take().is_string());
    assert_eq!(
        closed,
        json!({
            "at": "2026-11-22T18:43:00Z", "by": by, "reason": "the candidate is built",
            "meaning": "reviewed and approved", "documentation": documentation, "version": null,
        })
    );
    assert_eq!(predicate["launch"]["name"], "Nightly");
    assert_eq!(predicate["jobs"][0]["url"], "https://ci.example.com/1");
    assert_eq!(predicate["source"]["commit"], json!(documentation));
}

#[test]
fn envelopes_are_signed_and_the_same_every_time() {
    let (repo, id, _) = closed();
    let bare = repo.answer(["export", "in-toto", &id]);
    repo.answer([
        "export",
        "in-toto",
        &id,
        "--key",
        "../key.pem",
        "--out",
        "../a.intoto.jsonl",
    ]);
    let written = repo.read("../a.intoto.jsonl");
    let again = repo.answer([
        "export",
        "in-toto",
        &id,
        "--key",
        "../key.pem",
        "--at",
        "HEAD",
    ]);
    assert_eq!(written.trim_end(), again);
    let payloads: Vec<String> = lines(&written)
        .iter()
        .map(|envelope| {
            assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
            assert_eq!(envelope["signatures"].as_array().map(Vec::len), Some(1));
            let payload = envelope["payload"].as_str().expect("text");
            String::from_utf8(Base64::decode_vec(payload).expect("base64")).expect("text")
        })
        .collect();
    assert_eq!(payloads.join("\n"), bare);
}

/// Whether there is an OpenSSL that verifies whole files, as it does since 3.0.
fn has_openssl() -> bool {
    let output = Command::new("openssl")
        .arg("version")
        .stdin(Stdio::null())
        .output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let major = version
        .unwrap_or_default()
        .strip_prefix("OpenSSL ")
        .map(|rest| rest.chars().next() > Some('2'));
    major == Some(true)
}

/// OpenSSL agrees with the signature over what DSSE says is signed.
#[test]
fn openssl_verifies_an_envelope() {
    let (repo, id, _) = closed();
    let args = [
        "export",
        "in-toto",
        &id,
        "--predicate",
        "test-result",
        "--key",
        "../key.pem",
    ];
    let envelope = lines(&repo.answer(args)).remove(0);
    let decode = |value: &Value| Base64::decode_vec(value.as_str().expect("text")).expect("base64");
    let payload = decode(&envelope["payload"]);
    let head = format!("DSSEv1 28 application/vnd.in-toto+json {} ", payload.len());
    repo.write("../signed", [head.as_bytes(), &payload].concat());
    let signature = decode(&envelope["signatures"][0]["sig"]);
    assert_eq!(signature.len(), 64);
    repo.write("../sig", signature);
    let mut openssl = Command::new("openssl");
    openssl.args([
        "pkeyutl", "-verify", "-rawin", "-in", "signed", "-sigfile", "sig", "-inkey", "key.pem",
    ]);
    openssl
        .current_dir(repo.root().join(".."))
        .stdin(Stdio::null());
    // Elsewhere the length alone is held; unit tests hold the signature.
    if has_openssl() {
        let output = openssl.output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn a_bare_repository_attests_too() {
    let (repo, id, _) = closed();
    let here = repo.answer(["export", "in-toto", &id]);
    repo.git(["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let there = repo.run_in("../bare.git", ["export", "in-toto", &id, "--at", "main"]);
    assert_eq!(
        (there.code, there.stdout.trim_end()),
        (Some(0), here.as_str()),
        "{there}"
    );
}

#[test]
fn only_what_was_closed_is_attested() {
    let (repo, id, _) = closed();
    let folder = repo.launch_folder(&id);
    let open = repo.open_launch("Open");
    let ran = repo.run(["export", "in-toto", &open]);
    assert_refused(&ran, &["is open", "close it first"]);
    for name in ["outcomes.yaml", "tests.yaml", "SHA256SUMS"] {
        let path = format!("{folder}/{name}");
        let text = repo.read(&path);
        repo.write(&path, format!("{text}\n"));
        let ran = repo.run(["export", "in-toto", &id]);
        assert_refused(
            &ran,
            &[
                &format!("`{path}` is not what was closed"),
                "tallybook verify",
            ],
        );
        repo.write(&path, text);
    }
    let shard = std::fs::read_dir(repo.root().join(&folder).join("results")).expect("it lists");
    let shard = shard.flatten().next().expect("a shard").path();
    let text = std::fs::read_to_string(&shard).expect("it reads");
    std::fs::write(&shard, text.replace("failed", "passed")).expect("written");
    assert_refused(
        &repo.run(["export", "in-toto", &id]),
        &["is not what was closed"],
    );
}

#[test]
fn what_history_tells_is_held_against_the_launch() {
    let (repo, id, _) = closed();
    let folder = repo.launch_folder(&id);
    let export = || repo.run(["export", "in-toto", &id]);
    let whole = repo.answer(["export", "in-toto", &id]);
    // Changed and put back: the files are as they were.
    let path = format!("{folder}/notes.txt");
    repo.write(&path, "x");
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "change"]);
    repo.git(["rm", "-q", &path]);
    repo.git(["commit", "-qm", "put back"]);
    let ran = export();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    let words = ["changed-history", "is not attested", "`tallybook verify`"];
    assert!(words.iter().all(|word| ran.stderr.contains(word)), "{ran}");
    // A shallow clone can't see that, and says so.
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &url, "../shallow"]);
    let ran = repo.run_in("../shallow", ["export", "in-toto", &id]);
    assert_eq!(
        (ran.code, ran.stdout.trim_end()),
        (Some(0), whole.as_str()),
        "{ran}"
    );
    assert!(ran.stderr.contains("`git fetch --unshallow`"), "{ran}");
    // So are the texts that it names, as they were executed.
    repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    let text = repo.git_output(".", &["ls-files", "projects/shop/executed"]);
    let text = text.stdout.lines().next().expect("a text").to_owned();
    let executed = repo.read(&text);
    for bytes in ["other words".to_owned(), executed] {
        repo.write(&text, bytes);
        repo.git(["commit", "-qam", "reword"]);
    }
    let ran = export();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    assert!(ran.stderr.contains("changed the executed text"), "{ran}");
    // What was said of it later is held, too.
    repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    repo.answer(["launch", "note", &id, "not for release"]);
    assert_eq!(export().code, Some(0));
    repo.git(["rm", "-qr", "projects/shop/annotations"]);
    repo.git(["commit", "-qm", "unsay"]);
    let ran = export();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran}");
    // Forged whole, with sums that hold.
    repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    let forged = repo
        .read(&format!("{folder}/launch.yaml"))
        .replace("Nightly", "Release");
    repo.write(&format!("{folder}/launch.yaml"), forged);
    let ran = export();
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(
        ran.stderr.contains("is not the one that is committed"),
        "{ran}"
    );
    repo.git(["commit", "-qam", "forge"]);
    let ran = export();
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("changed-launch"), "{ran}");
}

#[test]
fn each_launch_that_a_stranger_brought_is_refused() {
    let (repo, id, _) = closed();
    let later = repo.open_launch("Later");
    repo.answer(["launch", "append", &later, "../results"]);
    repo.answer(["launch", "close", &later]);
    // Both in one commit, by somebody who is no member.
    repo.git(["reset", "-q", "--soft", "HEAD~2"]);
    let author = "Eve <eve@example.com>";
    repo.git(["commit", "-q", "--author", author, "-m", "both"]);
    for launch in [id, later] {
        let ran = repo.run(["export", "in-toto", &launch]);
        assert_eq!(ran.code, Some(1), "{ran}");
        let words = format!("closed launch `{launch}`");
        assert!(ran.stderr.contains(&words), "{ran}");
    }
}

#[test]
fn what_was_forged_with_its_history_is_missed_by_later_launches() {
    let (repo, id, _) = closed();
    let later = repo.open_launch("Later");
    repo.answer(["launch", "append", &later, "../results"]);
    repo.answer(["launch", "close", &later]);
    let folder = repo.launch_folder(&id);
    repo.git(["checkout", "-q", "--orphan", "anew"]);
    let path = format!("{folder}/launch.yaml");
    let forged = repo.read(&path).replace("Nightly", "Release");
    repo.write(&path, forged);
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "all anew"]);
    let ran = repo.run(["export", "in-toto", &id]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let words = format!("launch `{later}` names a receipt that no launch here has");
    assert!(ran.stderr.contains(&words), "{ran}");
    let ran = repo.run(["export", "in-toto", &later]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("missing-previous"), "{ran}");
}

#[test]
fn a_key_that_can_not_sign_is_told() {
    let (repo, id, _) = closed();
    repo.write(
        "../odd.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let ran = repo.run(["export", "in-toto", &id, "--key", "../odd.pem"]);
    assert_refused(
        &ran,
        &[
            "`../odd.pem` can't sign: its private key is encrypted",
            "openssl pkey",
        ],
    );
    repo.write("../odd.pem", "nothing");
    let ran = repo.run(["export", "in-toto", &id, "--key", "../odd.pem"]);
    assert_refused(&ran, &["it holds no private key in PEM", "openssl genpkey"]);
    assert_refused(
        &repo.run(["export", "in-toto", &id, "--key", "../gone.pem"]),
        &["gone.pem"],
    );
}

/// Nothing that is missing, planned or skipped turns into a pass.
#[test]
fn passing_takes_that_something_passed_and_nothing_is_missing() {
    let repo = shop();
    let verdict = |id: &str| {
        let said = repo.answer(["export", "in-toto", id, "--predicate", "test-result"]);
        let result = lines(&said)[0]["predicate"]["result"].clone();
        result.as_str().expect("a word").to_owned()
    };
    let close = |name: &str, status: &str| {
        repo.allure(&format!("../{name}"), &result(name, "plain", status));
        repo.close_with(name, &format!("../{name}")).0
    };
    assert_eq!(verdict(&close("passes", "passed")), "PASSED");
    assert_eq!(verdict(&close("skips", "skipped")), "WARNED");
    repo.allure("../lost", &result("lost", "plain", "passed"));
    let id = repo.answer(["launch", "open", "--name", "lost", "--expect", "windows"]);
    repo.answer(["launch", "append", &id, "../lost"]);
    repo.answer([
        "launch",
        "close",
        &id,
        "--accept-loss",
        "windows",
        "--reason",
        "the runner died",
    ]);
    assert_eq!(verdict(&id), "WARNED");
}
