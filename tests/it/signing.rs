//! Signed closings and tags: made as git is configured, and told apart by `verify`.

use std::process::{Command, Stdio};

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha512};

use crate::branch::Product;
use crate::repo::{TestRepo, assert_found, assert_refused};
use crate::shared::Fleet;
use crate::shop::{result, shop};

/// A program that stands in for `ssh-keygen`: it signs with three bytes that are no signature.
const STAND_IN: &str = "#!/bin/sh\nfor last; do :; done\n\
    printf '%s\\n' '-----BEGIN SSH SIGNATURE-----' QUJD '-----END SSH SIGNATURE-----' > \"$last.sig\"\n";

/// A string as SSH writes it.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("short");
    [&length.to_be_bytes()[..], bytes].concat()
}

/// A key of SSH that is made from a number.
struct Key(SigningKey);

impl Key {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    fn blob(&self) -> Vec<u8> {
        let point = self.0.verifying_key();
        [field(b"ssh-ed25519"), field(point.as_bytes())].concat()
    }

    /// The line of a `.pub` file.
    fn line(&self) -> String {
        format!("ssh-ed25519 {} test", Base64::encode_string(&self.blob()))
    }

    /// Signs as `ssh-keygen -Y sign -n git` does.
    fn sign(&self, payload: &[u8]) -> String {
        let fields =
            |last: &[u8]| [field(b"git"), field(b""), field(b"sha512"), field(last)].concat();
        let message = [b"SSHSIG".to_vec(), fields(&Sha512::digest(payload))].concat();
        let signature = self.0.sign(&message).to_bytes();
        let signature = [field(b"ssh-ed25519"), field(&signature)].concat();
        let start = [
            b"SSHSIG".to_vec(),
            1_u32.to_be_bytes().to_vec(),
            field(&self.blob()),
        ]
        .concat();
        let blob = [start, fields(&signature)].concat();
        format!(
            "-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n",
            Base64::encode_string(&blob)
        )
    }
}

/// Signs the last commit, whatever it was, and lets `alter` change what was signed afterwards.
fn sign_last(repo: &TestRepo, key: &Key, alter: impl Fn(String) -> String) {
    let payload = repo.git_output("", &["cat-file", "commit", "HEAD"]).stdout;
    let signature = key.sign(payload.as_bytes());
    let (head, message) = payload.split_once("\n\n").expect("a commit");
    let signature = signature.trim_end().replace('\n', "\n ");
    let signed = alter(format!("{head}\ngpgsig {signature}\n\n{message}"));
    repo.write("../commit", signed);
    let id = repo.git(["hash-object", "-t", "commit", "-w", "../commit"]);
    repo.git(["update-ref", "HEAD", &id]);
}

/// A shop whose member alice has a key.
fn shop_with_key(key: &Key) -> TestRepo {
    let repo = shop();
    repo.write(
        "projects/shop/members/alice.yaml",
        format!(
            "name: Alice Example\nemails: [alice@example.com]\nrole: owner\nkeys:\n- \"{}\"\n",
            key.line()
        ),
    );
    repo.commit("Alice has a key");
    repo
}

fn closed(repo: &TestRepo, name: &str) -> String {
    let id = opened(repo, name);
    repo.answer(["launch", "close", &id]);
    id
}

/// A launch that waits for being closed.
fn opened(repo: &TestRepo, name: &str) -> String {
    let folder = format!("../results-{name}");
    repo.allure(&folder, &result(&format!("uuid-{name}"), "plain", "passed"));
    let id = repo.open_launch(name);
    repo.answer(["launch", "append", &id, &folder]);
    id
}

/// Lets git sign with the stand-in.
fn sign_with_stand_in(repo: &TestRepo, folder: &str) {
    let program = repo.root().join("../stand-in");
    std::fs::write(&program, STAND_IN).expect("written");
    executable(&program);
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("gpg.ssh.program", program.to_str().expect("UTF-8")),
        ("user.signingKey", "/dev/null"),
    ] {
        repo.git_in(folder, ["config", name, value]);
    }
}

fn executable(path: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(path, mode).expect("executable");
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// The commit as it is stored, and without its signature.
fn unsigned(raw: &str) -> String {
    let (head, message) = raw.split_once("\n\n").expect("a commit");
    let mut within = false;
    let lines = head.lines().filter(|line| {
        within = line.starts_with("gpgsig ") || (within && line.starts_with(' '));
        !within
    });
    format!("{}\n\n{message}", lines.collect::<Vec<_>>().join("\n"))
}

fn raw(repo: &TestRepo, rev: &str) -> String {
    repo.git_output("", &["cat-file", "-p", rev]).stdout
}

/// The state of each closing, sorted by launch.
fn states(repo: &TestRepo) -> Vec<String> {
    let ran = repo.run(["verify", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let closings = report["signatures"]["closings"].as_array().expect("a list");
    closings
        .iter()
        .map(|closing| {
            let state = closing["state"].as_str().expect("a word");
            let member = closing["member"].as_str().unwrap_or("-");
            format!("{state} {member}")
        })
        .collect()
}

#[test]
fn a_closing_is_signed_as_git_is_configured() {
    let plain = shop();
    closed(&plain, "one");
    let repo = shop();
    sign_with_stand_in(&repo, "");
    repo.allure("../results-one", &result("uuid-one", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results-one"]);
    repo.answer(["launch", "close", &id, "--sign"]);
    let commit = raw(&repo, "HEAD");
    assert!(
        commit.contains("\ngpgsig -----BEGIN SSH SIGNATURE-----\n QUJD\n -----END"),
        "{commit}"
    );
    // But for its signature it is the commit that it would have been.
    assert_eq!(unsigned(&commit), raw(&plain, "HEAD"));
    repo.assert_clean();
    assert_eq!(repo.git(["tag"]), "");
}

#[test]
fn git_s_own_setting_signs_every_closing() {
    let repo = shop();
    sign_with_stand_in(&repo, "");
    repo.git(["config", "commit.gpgSign", "true"]);
    closed(&repo, "one");
    assert!(raw(&repo, "HEAD").contains("gpgsig "));
    repo.allure("../two", &result("uuid-two", "plain", "passed"));
    let id = repo.open_launch("two");
    repo.answer(["launch", "append", &id, "../two"]);
    repo.answer(["launch", "close", &id, "--no-sign"]);
    assert!(!raw(&repo, "HEAD").contains("gpgsig "));
}

#[test]
fn run_and_idle_sign_too() {
    let repo = shop();
    sign_with_stand_in(&repo, "");
    let script = "printf '<testsuite name=\"a\"><testcase classname=\"a\" name=\"b\"/></testsuite>' > junit.xml";
    repo.answer(["launch", "run", "--sign", "--", "sh", "-c", script]);
    assert!(raw(&repo, "HEAD").contains("gpgsig "));
    repo.allure("../left", &result("uuid-left", "plain", "passed"));
    let id = repo.open_launch("left");
    repo.answer(["launch", "append", &id, "../left"]);
    repo.answer(["launch", "close", "--idle", "0s", "--sign", "--tag"]);
    assert!(raw(&repo, "HEAD").contains("gpgsig "));
    assert_eq!(repo.git(["tag"]), format!("tallybook/SHOP/{id}"));
    let ran = repo.run(["launch", "close", "--idle", "0s", "--tag=all"]);
    assert_refused(&ran, &["tag `all` can't name several launches"]);
}

#[test]
fn what_cannot_be_signed_is_not_closed() {
    let repo = shop();
    repo.write(
        "../refuses",
        "#!/bin/sh\necho 'the token is locked' >&2\nexit 1\n",
    );
    executable(&repo.root().join("../refuses"));
    let program = repo.root().join("../refuses");
    repo.git(["config", "gpg.format", "ssh"]);
    repo.git(["config", "user.signingKey", "/dev/null"]);
    repo.git([
        "config",
        "gpg.ssh.program",
        program.to_str().expect("UTF-8"),
    ]);
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    let head = repo.git(["rev-parse", "HEAD"]);
    for flags in [&["--sign"][..], &["--tag"], &["--sign", "--tag=v1"]] {
        let mut args = vec!["launch", "close", &id];
        args.extend(flags);
        let ran = repo.output("", &args);
        assert_refused(
            &ran,
            &[
                "git can't sign the commit",
                "the token is locked",
                "--no-sign",
            ],
        );
    }
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
    assert_eq!(repo.git(["tag"]), "");
    repo.assert_clean();
    let launch = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(launch["state"], "open");
    // A program that says all is well and signs nothing.
    repo.write("../refuses", "#!/bin/sh\n");
    executable(&program);
    let ran = repo.run(["launch", "close", &id, "--sign"]);
    assert_refused(&ran, &["git can't sign the commit"]);
    repo.answer(["launch", "close", &id]);
}

#[test]
fn a_tag_holds_the_receipt() {
    let repo = shop();
    sign_with_stand_in(&repo, "");
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    repo.git(["tag", "v1"]);
    let before = repo.git(["rev-parse", "HEAD"]);
    let ran = repo.run(["launch", "close", &id, "--tag=v1"]);
    assert_refused(&ran, &["there is a tag `v1` already", "--tag=NAME"]);
    for name in ["-d", "a b", "a..b"] {
        let ran = repo.run(["launch", "close", &id, &format!("--tag={name}")]);
        assert_refused(&ran, &["can't be the name of a tag"]);
    }
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    let receipt = repo.answer(["launch", "close", &id, "--tag"]);
    let tag = raw(&repo, &format!("refs/tags/tallybook/SHOP/{id}"));
    let head = repo.git(["rev-parse", "HEAD"]);
    assert!(
        tag.starts_with(&format!("object {head}\ntype commit\n")),
        "{tag}"
    );
    let message = format!(
        "\n\nLaunch SHOP/{id} closed\n\n1 passed; 0 unresolved\n\nTallybook-Launch: SHOP/{id}\n\
         Tallybook-Receipt: sha256:{receipt}\n-----BEGIN SSH SIGNATURE-----\n"
    );
    assert!(tag.contains(&message), "{tag}");
    assert!(
        tag.contains("\ntagger Alice Example <alice@example.com> 1795372980 +0000\n"),
        "{tag}"
    );
    repo.assert_clean();
    let again = repo.run(["launch", "close", &id, "--sign"]);
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stderr.contains("nothing was signed"), "{again}");
}

/// Whoever was killed between the tag and the branch leaves a tag of a commit that no branch has.
#[test]
fn a_tag_that_was_left_behind_is_made_anew() {
    let repo = shop();
    sign_with_stand_in(&repo, "");
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    let lost = repo.git(["commit-tree", "-m", "Lost", "HEAD^{tree}"]);
    let name = format!("tallybook/SHOP/{id}");
    let subject = format!("Launch SHOP/{id} closed");
    repo.git(["tag", "-a", "-m", &subject, &name, &lost]);
    repo.answer(["launch", "close", &id, "--tag"]);
    assert_eq!(
        repo.git(["rev-parse", &format!("{name}^{{commit}}")]),
        repo.git(["rev-parse", "HEAD"])
    );
}

#[test]
fn a_signed_closing_is_pushed_with_its_tag() {
    let fleet = Fleet::new(&["a"]);
    let report = fleet.report("r.xml");
    sign_with_stand_in(&fleet.0, "a");
    let id = fleet.answer("a", ["launch", "open", "--name", "one", "--push"]);
    fleet.answer("a", ["launch", "append", &id, &report, "--push"]);
    let head = |folder: &str| fleet.0.git_in(folder, ["rev-parse", "main"]);
    // The remote has a tag of that name.
    fleet.0.git_in("origin.git", ["tag", "taken", "main"]);
    let before = head("origin.git");
    let ran = fleet.run("a", ["launch", "close", &id, "--push", "--tag=taken"]);
    assert_refused(&ran, &["it has a tag of that name already"]);
    assert_eq!(
        (head("origin.git"), fleet.0.git_in("a", ["tag"])),
        (before, String::new())
    );
    fleet.answer("a", ["launch", "close", &id, "--push", "--tag"]);
    let name = format!("tallybook/SHOP/{id}");
    assert_eq!(
        fleet
            .0
            .git_in("origin.git", ["rev-parse", &format!("{name}^{{commit}}")]),
        head("origin.git")
    );
    let commit = fleet.0.git_in("origin.git", ["cat-file", "-p", "main"]);
    assert!(commit.contains("gpgsig "), "{commit}");
    assert_eq!(head("a"), head("origin.git"));
}

#[test]
fn a_closing_and_its_tag_are_synced() {
    let repo = shop();
    sign_with_stand_in(&repo, "");
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    let log = repo.root().join("../steps");
    let mut command = repo.command("", &["launch", "close", &id, "--tag"]);
    command.env("TALLYBOOK_FAULT", format!("log:{}", log.display()));
    let ran = repo.finish(command);
    assert_eq!(ran.code, Some(0), "{ran}");
    let steps = std::fs::read_to_string(log).expect("logged");
    let synced = |path: &str| {
        let is_it = |line: &&str| line.starts_with("sync\t") && line.ends_with(path);
        steps.lines().filter(is_it).count()
    };
    let tag = format!("refs/tags/tallybook/SHOP/{id}");
    assert_eq!(synced(&tag), 1, "{steps}");
    for rev in [&tag, "HEAD"] {
        let object = repo.git(["rev-parse", rev]);
        let (folder, rest) = object.split_at(2);
        assert_eq!(synced(&format!("/objects/{folder}/{rest}")), 1, "{steps}");
        assert!(synced(&format!("/objects/{folder}")) >= 1, "{steps}");
    }
}

#[test]
fn a_tag_that_was_made_here_is_pushed_later() {
    let product = Product::new(&["a"]);
    sign_with_stand_in(product.repo(), "a");
    let tags = |folder: &str| {
        let format = "--format=%(refname:short) %(objectname)";
        product.git(folder, ["for-each-ref", format, "refs/tags"])
    };
    let close = |key: &str, more: &[&str]| {
        let args = [&["launch", "close", "--key", key][..], more].concat();
        let ran = product.repo().output("a/qa", &args);
        assert_eq!(ran.code, Some(0), "{ran}");
    };
    product.append("a", "k", "k");
    close("k", &["--tag"]);
    assert_eq!(tags("origin.git"), "");
    close("k", &["--push"]);
    let usual = tags("a");
    assert!(usual.starts_with("tallybook/SHOP/k-"), "{usual}");
    assert_eq!(tags("origin.git"), usual);
    // By its name, and where git pushed the branch.
    product.append("a", "l", "l");
    close("l", &["--tag=v2"]);
    product.git("a", ["push", "--quiet", "origin", "tallybook"]);
    product.git("a", ["tag", "-am", "No closing", "v1", "tallybook"]);
    close("l", &["--push", "--tag=v1"]);
    close("l", &["--push"]);
    assert_eq!(tags("origin.git"), usual, "neither is the closing's tag");
    close("l", &["--push", "--tag=v2"]);
    product.git("a", ["tag", "-d", "v1"]);
    assert_eq!(tags("origin.git"), tags("a"));
    close("l", &["--push", "--tag=v2"]);
}

#[test]
fn verify_tells_signers_apart() {
    let alice = Key::new(1);
    let repo = shop_with_key(&alice);
    closed(&repo, "a-signed");
    sign_last(&repo, &alice, |commit| commit);
    closed(&repo, "b-unsigned");
    closed(&repo, "c-stranger");
    sign_last(&repo, &Key::new(9), |commit| commit);
    assert_eq!(
        states(&repo),
        ["signed alice", "unsigned -", "unknown-signer -"]
    );
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let line = "closings: 1 signed by members (alice 1), 1 signed by no member's key, 1 unsigned";
    assert!(ran.stdout.lines().any(|said| said == line), "{ran}");
    let id = closed(&repo, "d-bad");
    sign_last(&repo, &alice, |commit| {
        commit.replacen("\n1 passed", "\n2 passed", 1)
    });
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    let commit = repo.git(["rev-parse", "--short=10", "HEAD"]);
    let said = format!(
        "commit `{commit}` closed launch `{id}` with a bad signature: the SSH signature is not of this \
         content"
    );
    assert!(
        ran.stdout.contains("bad-signature") && ran.stdout.contains(&said),
        "{ran}"
    );
}

/// A key that comes with the closing, or after it, does not count.
#[test]
fn keys_count_from_the_next_commit_on() {
    let (alice, eve) = (Key::new(1), Key::new(2));
    let repo = shop_with_key(&alice);
    closed(&repo, "a");
    let member = format!("name: Eve\nrole: runner\nkeys:\n- \"{}\"\n", eve.line());
    repo.write("projects/shop/members/eve.yaml", &member);
    repo.git(["add", "--all"]);
    repo.git(["commit", "--quiet", "--amend", "--no-edit"]);
    sign_last(&repo, &eve, |commit| commit);
    assert_eq!(states(&repo), ["unknown-signer -"]);
    closed(&repo, "b");
    sign_last(&repo, &eve, |commit| commit);
    // Whoever leaves has signed what they signed.
    repo.git(["rm", "--quiet", "projects/shop/members/eve.yaml"]);
    repo.commit("Eve leaves");
    closed(&repo, "c");
    sign_last(&repo, &eve, |commit| commit);
    assert_eq!(
        states(&repo),
        ["unknown-signer -", "signed eve", "unknown-signer -"]
    );
}

#[test]
fn a_project_may_require_signatures() {
    let alice = Key::new(1);
    let repo = shop_with_key(&alice);
    closed(&repo, "a-before");
    let project = repo.read("projects/shop/project.yaml");
    repo.write(
        "projects/shop/project.yaml",
        format!("{project}signatures: closings\n"),
    );
    repo.commit("Closings are signed from now on");
    sign_last(&repo, &alice, |commit| commit);
    let signed = opened(&repo, "b-signed");
    repo.slip(&signed);
    sign_last(&repo, &alice, |commit| commit);
    assert_eq!(repo.run(["verify"]).code, Some(0));
    let slipped = |name: &str| {
        let id = opened(&repo, name);
        repo.slip(&id);
        id
    };
    let unsigned = slipped("c-unsigned");
    let stranger = slipped("d-stranger");
    sign_last(&repo, &Key::new(9), |commit| commit);
    let ran = repo.run(["verify"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    for (id, said) in [
        (unsigned, "without a signature, which the project requires"),
        (stranger, "with a signature by no member's key"),
    ] {
        let found = ran.stdout.lines().any(|line| {
            line.starts_with("unsigned-closing") && line.contains(&id) && line.contains(said)
        });
        assert!(found, "{id}: {said}\n{ran}");
    }
}

#[test]
fn a_closing_that_lacks_a_signature_is_not_made() {
    let alice = Key::new(1);
    let repo = shop_with_key(&alice);
    let project = repo.read("projects/shop/project.yaml");
    repo.write(
        "projects/shop/project.yaml",
        format!("{project}signatures: closings\n"),
    );
    let before = repo.commit("Closings are signed");
    let id = opened(&repo, "a");
    let ran = repo.run(["launch", "close", &id]);
    let words = [
        "`verify` would call this `not-allowed`: Alice Example <alice@example.com> closed launch `",
        "without a signature, which the project requires",
        "hint: sign it with a member's key: `--sign`",
        "`tallybook member add alice --key FILE`",
        "stays open",
    ];
    assert_found(&ran, &words);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(shown["state"], "open");
    repo.assert_clean();
    repo.git(["config", "gpg.format", "ssh"]);
    let key = repo.root().join("../key");
    repo.git(["config", "user.signingKey", key.to_str().expect("UTF-8")]);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f"])
        .arg(&key)
        .stdin(Stdio::null())
        .status();
    if made.is_err() {
        return;
    }
    let ran = repo.run(["launch", "close", &id, "--sign"]);
    let words = [
        "with a signature by no member's key",
        "makes the key known, and commits that: `tallybook member add alice --key FILE`",
    ];
    assert_found(&ran, &words);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), before);
    repo.answer(["member", "add", "alice", "--key", "../key.pub"]);
    repo.commit("Alice has another key");
    repo.answer(["launch", "close", &id, "--sign"]);
    assert_eq!(states(&repo), ["signed alice"]);
    let note = ["launch", "note", &id, "seen"];
    assert_found(&repo.run(note), &["without a signature", "`--sign`"]);
    repo.answer(["launch", "note", &id, "seen", "--sign"]);
    assert_eq!(repo.run(["verify"]).code, Some(0));
}

/// OpenSSH and git agree with what Tallybook says of a signature.
#[test]
fn git_verifies_what_was_signed() {
    let repo = shop();
    repo.git(["config", "gpg.format", "ssh"]);
    let key = repo.root().join("../key");
    repo.git(["config", "user.signingKey", key.to_str().expect("UTF-8")]);
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f"])
        .arg(&key)
        .stdin(Stdio::null())
        .status();
    if made.is_err() {
        let ran = repo.run(["launch", "close", &id, "--sign"]);
        return assert_refused(&ran, &["git can't sign the commit", "user.signingKey"]);
    }
    let public = std::fs::read_to_string(repo.root().join("../key.pub")).expect("made");
    let member = format!(
        "name: Alice Example\nemails: [alice@example.com]\nrole: owner\nkeys:\n- \"{}\"\n",
        public.trim()
    );
    repo.write("projects/shop/members/alice.yaml", member);
    repo.commit("Alice has a key");
    repo.answer([
        "launch",
        "close",
        &id,
        "--tag",
        "--meaning",
        "reviewed and approved",
    ]);
    repo.write("../signers", format!("alice@example.com {public}"));
    let signers = repo.root().join("../signers");
    repo.git([
        "config",
        "gpg.ssh.allowedSignersFile",
        signers.to_str().expect("UTF-8"),
    ]);
    repo.git(["verify-commit", "HEAD"]);
    repo.git(["verify-tag", &format!("tallybook/SHOP/{id}")]);
    assert_eq!(states(&repo), ["signed alice"]);
    repo.assert_clean();
}

#[test]
fn gpg_verifies_what_was_signed() {
    let home = tempfile::tempdir().expect("a folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(home.path(), mode).expect("private");
    }
    let repo = shop().env("GNUPGHOME", home.path().to_str().expect("UTF-8"));
    let gpg = |args: &[&str]| {
        let mut command = Command::new("gpg");
        command
            .env("GNUPGHOME", home.path())
            .args(["--batch", "--quiet"])
            .args(args);
        command.stdin(Stdio::null()).output()
    };
    repo.allure("../results", &result("a", "plain", "passed"));
    let id = repo.open_launch("one");
    repo.answer(["launch", "append", &id, "../results"]);
    let user = "Alice Example <alice@example.com>";
    let made = gpg(&[
        "--passphrase",
        "",
        "--quick-gen-key",
        user,
        "ed25519",
        "sign",
        "never",
    ]);
    if made.is_err() {
        let ran = repo.run(["launch", "close", &id, "--sign"]);
        return assert_refused(&ran, &["git can't sign the commit", "user.signingKey"]);
    }
    let public = gpg(&["--armor", "--export"]).expect("it is there").stdout;
    let public = String::from_utf8(public)
        .expect("text")
        .trim()
        .replace('\n', "\n  ");
    let member = format!(
        "name: Alice Example\nemails: [alice@example.com]\nrole: owner\nkeys:\n- |\n  {public}\n"
    );
    repo.write("projects/shop/members/alice.yaml", member);
    repo.commit("Alice has a key");
    repo.answer(["launch", "close", &id, "--sign"]);
    assert_eq!(states(&repo), ["signed alice"]);
    let stop = Command::new("gpgconf")
        .env("GNUPGHOME", home.path())
        .args(["--kill", "all"])
        .status();
    assert!(stop.is_ok());
}
