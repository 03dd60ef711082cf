//! Results of many formats, appended: once, again, grown, mixed, and in archives.

use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::repo::{Ran, TestRepo};
use crate::shop::shop;

const GO: &str = "{\"Action\":\"run\",\"Package\":\"m/a\",\"Test\":\"TestA\"}\n\
    {\"Action\":\"pass\",\"Package\":\"m/a\",\"Test\":\"TestA\",\"Elapsed\":1}\n\
    {\"Action\":\"pass\",\"Package\":\"m/a\",\"Elapsed\":1}\n";
const GO_MORE: &str = "{\"Action\":\"run\",\"Package\":\"m/b\",\"Test\":\"TestB\"}\n\
    {\"Action\":\"fail\",\"Package\":\"m/b\",\"Test\":\"TestB\",\"Elapsed\":1}\n\
    {\"Action\":\"fail\",\"Package\":\"m/b\",\"Elapsed\":1}\n";
const JUNIT: &str = "<testsuite name='pytest'><testcase classname='tests.test_a.TestA' name='test_x[1]'/>\
    <testcase classname='tests.test_a.TestA' name='test_y'><failure message='m'/></testcase>\
    <testcase classname='tests.test_a.TestA' name='test_z'><failure message='m'/></testcase></testsuite>";
const PYTEST: &str = "{\"created\":1,\"duration\":1,\"exitcode\":1,\"root\":\"/w\",\"summary\":{\"total\":3},\"tests\":[\
    {\"nodeid\":\"tests/test_a.py::TestA::test_x[1]\",\"outcome\":\"passed\",\"call\":{\"outcome\":\"passed\"}},\
    {\"nodeid\":\"tests/test_a.py::TestA::test_y\",\"outcome\":\"failed\",\"call\":{\"outcome\":\"failed\",\
    \"crash\":{\"message\":\"assert 1 == 2\"}}},\
    {\"nodeid\":\"tests/test_a.py::TestA::test_z\",\"outcome\":\"passed\",\"call\":{\"outcome\":\"passed\"}}]}";

fn append(repo: &TestRepo, id: &str, args: &[&str]) -> Ran {
    let all: Vec<&str> = ["launch", "append", id]
        .into_iter()
        .chain(args.iter().copied())
        .collect();
    repo.output("", &all)
}

#[test]
fn what_grew_adds_what_is_new() {
    let repo = shop();
    let id = repo.open_launch("Nightly");
    repo.write("r/go.jsonl", GO);
    let first = append(&repo, &id, &["r"]);
    assert_eq!(
        (first.stdout.as_str(), first.code),
        ("1 result: 1 passed\n", Some(0))
    );
    let again = append(&repo, &id, &["r"]);
    assert!(again.stderr.contains("nothing changed"), "{again:?}");
    repo.write("r/go.jsonl", format!("{GO}{GO_MORE}"));
    let grown = append(&repo, &id, &["r"]);
    assert_eq!(grown.stdout, "1 result: 1 failed\n", "{grown:?}");
    let shown = repo.json(["launch", "show", &id, "--format", "json"]);
    assert_eq!(
        (&shown["totals"]["total"], &shown["totals"]["failed"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn what_is_cut_is_an_error_and_keeps_the_rest() {
    let repo = shop();
    let id = repo.open_launch("Nightly");
    let begun = GO_MORE.split_inclusive('\n').next().unwrap_or_default();
    repo.write("go.jsonl", format!("{GO}{begun}"));
    let cut = append(&repo, &id, &["go.jsonl"]);
    assert_eq!(cut.code, Some(1), "{cut:?}");
    assert!(cut.stderr.contains("before package `m/b` does"), "{cut:?}");
    assert!(cut.stdout.contains("1 passed, 1 broken"), "{cut:?}");
}

#[test]
fn two_formats_of_one_run_are_told_apart_or_count_once() {
    let repo = shop();
    repo.write("r/junit.xml", JUNIT)
        .write("r/report.json", PYTEST);
    let id = repo.open_launch("Twice");
    let twice = append(&repo, &id, &["r"]);
    assert_eq!(twice.stdout, "6 results: 3 passed, 3 failed\n", "{twice:?}");
    assert!(
        twice
            .stderr
            .contains("2 tests told by junit and pytest-json"),
        "{twice:?}"
    );
    assert!(twice.stderr.contains("`--same-run`"), "{twice:?}");
    let id = repo.open_launch("Once");
    let once = append(&repo, &id, &["r", "--same-run"]);
    assert_eq!(once.stdout, "4 results: 2 passed, 2 failed\n", "{once:?}");
    assert!(once.stderr.contains("with different outcomes"), "{once:?}");
    assert_eq!(once.code, Some(0), "{once:?}");
}

#[test]
fn two_formats_of_two_appends_are_told_and_count_once_when_that_is_said() {
    let repo = shop();
    repo.write("junit.xml", JUNIT).write("report.json", PYTEST);
    let id = repo.open_launch("Nightly");
    let first = append(&repo, &id, &["junit.xml"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let twice = append(&repo, &id, &["report.json"]);
    assert_eq!((twice.code, twice.stdout.lines().count()), (Some(0), 1));
    assert!(
        twice
            .stderr
            .contains("2 tests told by junit of an earlier append and pytest-json"),
        "{twice:?}"
    );
    assert!(twice.stderr.contains("append again with `--same-run`"));
    let total = || {
        let shown = repo.json(["launch", "show", &id, "--format", "json"]);
        shown["totals"]["total"].clone()
    };
    assert_eq!(total(), 6);
    let once = append(&repo, &id, &["report.json", "--same-run"]);
    assert_eq!(once.stdout, "1 result: 1 passed\n", "{once:?}");
    assert!(once.stderr.contains("and counted once"), "{once:?}");
    assert!(!once.stderr.contains("nothing changed"), "{once:?}");
    assert_eq!(total(), 4);
    // Another job's results are of another run.
    let other = append(&repo, &id, &["report.json", "--same-run", "--job", "other"]);
    assert!(!other.stderr.contains("told by"), "{other:?}");
    repo.answer(["launch", "close", &id]);
    repo.answer(["verify"]);
}

#[test]
fn results_that_are_not_read_keep_a_launch_open() {
    let repo = shop();
    repo.write("r/junit.xml", JUNIT)
        .write("r/testng.xml", "<testng-results/>")
        .write("r/package.json", "{\"name\":\"a\"}");
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stderr
            .contains("error: `testng.xml`: looks like a TestNG file"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("junitreports"), "{ran:?}");
    assert_eq!(repo.run(["launch", "close", &id]).code, Some(1));
    std::fs::remove_file(repo.root().join("r/testng.xml")).expect("it goes");
    assert_eq!(append(&repo, &id, &["r"]).code, Some(0));
    repo.answer(["launch", "close", &id]);
}

#[test]
fn a_small_archive_that_is_damaged_keeps_its_beginning() {
    let repo = shop();
    let mut packed = Vec::new();
    let text = JUNIT.as_bytes();
    let mut encoder = flate2::read::GzEncoder::new(text, flate2::Compression::best());
    encoder.read_to_end(&mut packed).expect("it packs");
    repo.write("r/junit.xml.gz", &packed[..packed.len() - 20]);
    let id = repo.open_launch("Nightly");
    for input in ["r/junit.xml.gz", "r"] {
        let ran = append(&repo, &id, &[input]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains("the archive is damaged"), "{ran:?}");
        assert!(ran.stdout.contains("1 passed"), "{ran:?}");
    }
}

fn tar_gz(path: &Path, files: &[(&str, &[u8])]) {
    let out = std::fs::File::create(path).expect("it is made");
    let out = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    let mut tar = tar::Builder::new(out);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).expect("it is written");
    }
    let out = tar.into_inner().expect("it ends");
    out.finish().expect("it ends");
}

fn zip(path: &Path, files: &[(&str, &[u8])]) {
    let out = std::fs::File::create(path).expect("it is made");
    let mut zip = zip::ZipWriter::new(out);
    let options = zip::write::SimpleFileOptions::default();
    let options = options.compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in files {
        zip.start_file(*name, options).expect("a name");
        zip.write_all(bytes).expect("it is written");
    }
    zip.finish().expect("it ends");
}

fn gz(path: &std::path::Path, bytes: &[u8]) {
    let file = std::fs::File::create(path).expect("it opens");
    let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, bytes).expect("it is written");
    gz.finish().expect("it ends");
}

#[test]
fn archives_are_read_where_they_lie() {
    let repo = shop();
    let files: [(&str, &[u8]); 3] = [
        ("out/a-result.json", b"{\"uuid\":\"a\",\"name\":\"a\",\"status\":\"failed\",\"attachments\":[{\"name\":\"log\",\"source\":\"log.txt\"}]}"),
        ("out/log.txt", b"log"),
        ("out/go.jsonl", GO.as_bytes()),
    ];
    tar_gz(&repo.root().join("r.tar.gz"), &files);
    zip(&repo.root().join("r.zip"), &files);
    for archive in ["r.tar.gz", "r.zip"] {
        let id = repo.open_launch(archive);
        let ran = append(&repo, &id, &[archive]);
        assert_eq!(ran.stdout, "2 results: 1 passed, 1 failed\n", "{ran:?}");
        assert_eq!((ran.stderr.as_str(), ran.code), ("", Some(0)), "{archive}");
    }
    // Packed otherwise, the same results are the same append.
    let id = repo.open_launch("Both");
    let first = append(&repo, &id, &["r.zip"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let again = append(&repo, &id, &["r.tar.gz"]);
    assert!(
        again.stdout.starts_with("0 results") || again.stderr.contains("nothing changed"),
        "{again:?}"
    );
}

#[test]
fn archives_in_a_folder_are_read_but_for_attachments() {
    let repo = shop();
    let trace: [(&str, &[u8]); 1] = [("go.jsonl", GO_MORE.as_bytes())];
    let result = br#"{"uuid":"a","name":"a","status":"failed","attachments":[{"name":"t","source":"trace.zip"}]}"#;
    repo.write("r/a-result.json", result);
    zip(&repo.root().join("r/trace.zip"), &trace);
    zip(
        &repo.root().join("r/sources.zip"),
        &[("main.rs", b"fn main() {}")],
    );
    let nested = [("go.jsonl", GO.as_bytes())];
    tar_gz(&repo.root().join("r/shard-2.tgz"), &nested);
    let inner = std::fs::read(repo.root().join("r/shard-2.tgz")).expect("it reads");
    zip(&repo.root().join("r/box.zip"), &[("inner.tgz", &inner)]);
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.stdout, "2 results: 1 passed, 1 failed\n", "{ran:?}");
    // What lies deeper is not opened, and that is said.
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for said in [
        "1 archive without results not read, as `sources.zip`",
        "`r/box.zip`: 1 archive inside of this one not read, as `inner.tgz`: unpack it before",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {ran:?}");
    }
    let again = append(&repo, &id, &["r"]);
    assert!(again.stderr.contains("nothing changed"), "{again:?}");

    // A folder of archives alone is no folder without results.
    repo.write("jobs/shard-2.tgz", &inner);
    repo.write("jobs/cut.tgz", &inner[..inner.len() - 20]);
    let id = repo.open_launch("Jobs");
    let ran = append(&repo, &id, &["jobs"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.starts_with("1 result"), "{ran:?}");
    assert!(ran.stderr.contains("jobs/cut.tgz"), "{ran:?}");
    assert!(!ran.stderr.contains("no results were found"), "{ran:?}");
}

#[test]
fn archives_in_a_folder_are_told_by_what_they_hold() {
    let repo = shop();
    let go: [(&str, &[u8]); 1] = [("go.jsonl", GO_MORE.as_bytes())];
    repo.write("r/more.jsonl", GO.as_bytes());
    zip(&repo.root().join("r/shard"), &go);
    // Of all files, one named like results may be packed as well.
    tar_gz(
        &repo.root().join("r/out.json"),
        &[("log.txt", b"no result")],
    );
    gz(&repo.root().join("r/log.dat"), b"no result");
    repo.write("r/dump.bin", b"\x1f\x8b\x08\0 and so on");
    // What is packed by its nature is nobody's archive.
    zip(&repo.root().join("r/app.jar"), &[("go.jsonl", b"{}")]);
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.stdout, "2 results: 1 passed, 1 failed\n", "{ran:?}");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let said = "3 archives without results not read, as `dump.bin`";
    assert!(ran.stderr.contains(said), "{ran:?}");

    // What can't be opened is a loss where it is called like results.
    let xz = b"\xfd7zXZ\0\0\x04 and so on";
    for (name, code) in [("logs.tar.xz", 0), ("allure-results.tar.xz", 1)] {
        repo.write("r/more.jsonl", GO.as_bytes());
        repo.write(&format!("{name}.d/{name}"), xz);
        repo.write(&format!("{name}.d/go.jsonl"), GO.as_bytes());
        let id = repo.open_launch(name);
        let ran = append(&repo, &id, &[&format!("{name}.d")]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(code), "1 result: 1 passed\n"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains(name), "{ran:?}");
    }
}

#[test]
fn hostile_archives_are_errors() {
    let repo = shop();
    let bomb = vec![b' '; 80 << 20];
    zip(&repo.root().join("bomb.zip"), &[("a.xml", &bomb)]);
    tar_gz(&repo.root().join("bomb.tgz"), &[("a.xml", &bomb)]);
    let slip: [(&str, &[u8]); 2] = [
        (
            "../../evil-result.json",
            b"{\"name\":\"x\",\"status\":\"passed\"}",
        ),
        ("go.jsonl", GO.as_bytes()),
    ];
    zip(&repo.root().join("slip.zip"), &slip);
    tar_gz(&repo.root().join("slip.tgz"), &slip);
    tar_gz(
        &repo.root().join("whole.tgz"),
        &[("go.jsonl", GO.as_bytes()), ("x.txt", &[b'x'; 4096])],
    );
    let whole = std::fs::read(repo.root().join("whole.tgz")).expect("it reads");
    repo.write("cut.tgz", &whole[..whole.len() - 20]);
    for (archive, said) in [
        ("bomb.zip", "more than 200 times its size"),
        ("bomb.tgz", "more than 200 times its size"),
        ("slip.zip", "leads outside of the archive"),
        ("slip.tgz", "leads outside of the archive"),
        ("cut.tgz", "the archive is damaged"),
    ] {
        let id = repo.open_launch(archive);
        let ran = append(&repo, &id, &[archive]);
        assert_eq!(ran.code, Some(1), "{archive}: {ran:?}");
        assert!(ran.stderr.contains(said), "{archive}: {ran:?}");
        if !archive.starts_with("bomb") {
            assert_eq!(ran.stdout, "1 result: 1 passed\n", "{archive}: {ran:?}");
        }
    }
}

#[test]
fn what_is_whole_of_a_damaged_archive_is_read() {
    let repo = shop();
    let case = |name: &str| format!("<testsuite><testcase name='{name}'/></testsuite>");
    let (a, b) = (case("a"), case("b"));
    let noise: Vec<u8> = (0..9_000_u32).flat_map(|n| (n * n).to_le_bytes()).collect();
    let files: [(&str, &[u8]); 3] = [
        ("a.xml", a.as_bytes()),
        ("b.xml", b.as_bytes()),
        ("noise.bin", &noise),
    ];
    zip(&repo.root().join("whole.zip"), &files);
    let whole = std::fs::read(repo.root().join("whole.zip")).expect("it reads");
    // Written to a pipe, sizes stand behind the files.
    let mut piped = zip::ZipWriter::new_stream(Vec::new());
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        piped.start_file(name, options).expect("it starts");
        std::io::Write::write_all(&mut piped, bytes).expect("it writes");
    }
    let piped = piped.finish().expect("it ends").into_inner();
    for (name, bytes) in [("cut.zip", whole), ("piped.zip", piped)] {
        repo.write(name, &bytes[..bytes.len() - 2_000]);
        let id = repo.open_launch(name);
        let ran = append(&repo, &id, &[name]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(1), "2 results: 2 passed\n"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains("the archive is damaged"), "{ran:?}");
        assert!(
            ran.stderr
                .contains("`noise.bin`: cannot be read: the archive ends inside of it"),
            "{ran:?}"
        );
    }
}

/// Neither bytes that changed nor a second file of one name turn a failure green.
#[test]
fn no_archive_hides_a_failure() {
    let repo = shop();
    let root = repo.root();
    let bad = b"<testsuite><testcase name='a'><failure/></testcase></testsuite>";
    let good = b"<testsuite><testcase name='a'/><!--             --></testsuite>";
    assert_eq!(bad.len(), good.len());
    let replaced = |bytes: Vec<u8>, old: &[u8], new: &[u8]| -> Vec<u8> {
        let mut out = bytes;
        let places = 0..=out.len() - old.len();
        for at in places {
            if out[at..].starts_with(old) {
                out[at..at + old.len()].copy_from_slice(new);
            }
        }
        out
    };
    let out = std::io::Cursor::new(Vec::new());
    let mut stored = zip::ZipWriter::new(out);
    let options = zip::write::SimpleFileOptions::default();
    let options = options.compression_method(zip::CompressionMethod::Stored);
    stored.start_file("a.xml", options).expect("a name");
    stored.write_all(bad).expect("it is written");
    let stored = stored.finish().expect("it ends").into_inner();
    repo.write("changed.zip", replaced(stored, bad, good));
    zip(&root.join("two.zip"), &[("a.xml", bad), ("b.xml", good)]);
    let two = std::fs::read(root.join("two.zip")).expect("it reads");
    repo.write("twice.zip", replaced(two, b"b.xml", b"a.xml"));
    tar_gz(&root.join("one.tar.gz"), &[("good.xml", good)]);
    tar_gz(&root.join("other.tar.gz"), &[("bad.xml", bad)]);
    let tars = ["one.tar.gz", "other.tar.gz"].map(|name| {
        let file = std::fs::File::open(root.join(name)).expect("it opens");
        let mut tar = Vec::new();
        flate2::read::GzDecoder::new(file)
            .read_to_end(&mut tar)
            .expect("it reads");
        tar
    });
    repo.write("joined.tar", tars.concat());
    for (archive, code, stdout, said) in [
        ("changed.zip", 1, "", "checksum"),
        ("twice.zip", 1, "1 failed", "another file of this name"),
        ("joined.tar", 0, "1 failed", ""),
    ] {
        let id = repo.open_launch(archive);
        let ran = append(&repo, &id, &[archive]);
        assert_eq!(ran.code, Some(code), "{archive}: {ran:?}");
        assert!(ran.stdout.contains(stdout), "{archive}: {ran:?}");
        assert!(ran.stderr.contains(said), "{archive}: {ran:?}");
        if archive == "changed.zip" {
            assert!(!ran.stdout.contains("1 result: 1 passed"), "{ran:?}");
        }
    }
}

/// Rows without an element of their own are in a folder once, however often it grows.
#[test]
fn a_folder_with_an_error_of_a_suite_may_grow() {
    let repo = shop();
    repo.write(
        "r/a.xml",
        "<testsuite name='s'><error message='boom'/><testcase name='a'/></testsuite>",
    );
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.stdout, "2 results: 1 passed, 1 broken\n", "{ran:?}");
    repo.write("r/b.xml", "<testsuite><testcase name='b'/></testsuite>");
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let status = repo.json(["launch", "status", &id, "--format", "json"]);
    assert_eq!(status["totals"]["total"], 3, "{status}");
    repo.answer(["launch", "close", &id]);
    repo.answer(["verify"]);
}

/// Attempts inside of an element are rows that a folder has once, too.
#[test]
fn a_folder_with_reruns_may_grow() {
    let repo = shop();
    let flaky = "<flakyFailure message='m' type='E'>t</flakyFailure>".repeat(3);
    repo.write(
        "r/a.xml",
        format!("<testsuite><testcase classname='c' name='a'>{flaky}</testcase></testsuite>"),
    );
    let id = repo.open_launch("Nightly");
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.stdout, "1 result: 1 passed; 3 retries\n", "{ran:?}");
    repo.write(
        "r/b.xml",
        "<testsuite><testcase classname='d' name='b'/></testsuite>",
    );
    let ran = append(&repo, &id, &["r"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let status = repo.json(["launch", "status", &id, "--format", "json"]);
    assert_eq!(status["totals"]["total"], 2, "{status}");
    repo.answer(["launch", "close", &id]);
    repo.answer(["verify"]);
}

#[test]
fn one_file_that_grows_too_much_is_refused_alone() {
    let repo = shop();
    let bomb = vec![b' '; 80 << 20];
    let ok = b"<testsuite><testcase name='a'/></testsuite>";
    zip(
        &repo.root().join("r.zip"),
        &[("bomb.xml", &bomb), ("ok.xml", ok)],
    );
    let id = repo.open_launch("Bomb");
    let ran = append(&repo, &id, &["r.zip"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(1), "1 result: 1 passed\n"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("`bomb.xml`: cannot be read: it unpacks to more than 200 times its size"),
        "{ran:?}"
    );
}

#[test]
fn an_archive_in_an_archive_is_read() {
    let repo = shop();
    zip(&repo.root().join("in.zip"), &[("go.jsonl", GO.as_bytes())]);
    let inner = std::fs::read(repo.root().join("in.zip")).expect("it reads");
    zip(&repo.root().join("deep.zip"), &[("in.zip", &inner)]);
    let deep = std::fs::read(repo.root().join("deep.zip")).expect("it reads");
    let more = b"<testsuite><testcase name='a'/></testsuite>";
    let nested: [(&str, &[u8]); 2] = [("in.zip", &inner), ("o.xml", more)];
    zip(&repo.root().join("nested.zip"), &nested);
    tar_gz(&repo.root().join("nested.tgz"), &nested);
    for name in ["nested.zip", "nested.tgz"] {
        let id = repo.open_launch(name);
        let ran = append(&repo, &id, &[name]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(0), "2 results: 2 passed\n"),
            "{ran:?}"
        );
    }
    zip(&repo.root().join("deeper.zip"), &[("deep.zip", &deep)]);
    let id = repo.open_launch("Deeper");
    let ran = append(&repo, &id, &["deeper.zip"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stderr
            .contains("1 archive inside of this one not read, as `in.zip`"),
        "{ran:?}"
    );
}

#[test]
fn fewer_tests_than_declared_keep_a_launch_open() {
    let repo = shop();
    let ctrf = r#"{"results":{"tool":{"name":"jest"},"summary":{"tests":10,"passed":10,"failed":0},"tests":[{"name":"a","status":"passed"}]}}"#;
    repo.write("r.json", ctrf);
    let id = repo.open_launch("Short");
    let ran = append(&repo, &id, &["r.json"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(1), "1 result: 1 passed\n"),
        "{ran:?}"
    );
    assert!(
        ran.stderr
            .contains("`r.json`: declares 10 tests, 1 is there"),
        "{ran:?}"
    );
    let closed = repo.run(["launch", "close", &id]);
    assert_ne!(closed.code, Some(0), "{closed:?}");
    assert!(
        closed.stderr.contains("declares 10 tests, 1 is there"),
        "{closed:?}"
    );
}

/// Two reports of one run are no attempts of one another, whichever looks later: a failure stays one.
#[test]
fn no_format_whitens_what_another_one_tells() {
    let allure = r#"{"uuid":"1","name":"pays","fullName":"com.example.CartTest.pays","status":"failed",
        "start":1764000000000,"stop":1764000001000,"statusDetails":{"message":"expected 3"}}"#;
    let junit = "<testsuite name='com.example.CartTest' timestamp='2025-11-24T18:00:00'>\
        <testcase classname='com.example.CartTest' name='pays' time='1'/></testsuite>";
    let reports = [("f/1-result.json", allure), ("f/TEST-Cart.xml", junit)];
    let totals = |repo: &TestRepo, id: &str| {
        let shown = repo.json(["launch", "show", id, "--format", "json"]);
        let totals = &shown["totals"];
        (
            totals["failed"].clone(),
            totals["passed"].clone(),
            totals["retries"].clone(),
        )
    };
    for appends in [
        &["f"][..],
        &["f/1-result.json", "f/TEST-Cart.xml"],
        &["f/TEST-Cart.xml", "f/1-result.json"],
    ] {
        let repo = shop();
        for (name, text) in reports {
            repo.write(name, text);
        }
        let id = repo.open_launch("Two reports");
        for input in appends {
            let ran = repo.run(["launch", "append", &id, input]);
            assert_eq!(ran.code, Some(0), "{ran}");
        }
        assert_eq!(
            totals(&repo, &id),
            (1.into(), 1.into(), 0.into()),
            "{appends:?}"
        );
        let again = repo.run(["launch", "append", &id, appends[0]]);
        assert!(again.stderr.contains("nothing changed"), "{again}");
        let closed = repo.run(["launch", "close", &id]);
        assert!(closed.stderr.contains("1 passed, 1 failed"), "{closed}");
    }
    // A rerun in the same format is an attempt.
    let repo = shop();
    let id = repo.open_launch("A rerun");
    let failed = junit.replace("time='1'/>", "time='1'><failure/></testcase>");
    repo.write("1.xml", failed)
        .write("2.xml", junit.replace("18:00", "18:30"));
    repo.answer(["launch", "append", &id, "1.xml"]);
    repo.answer(["launch", "append", &id, "2.xml"]);
    assert_eq!(totals(&repo, &id), (0.into(), 1.into(), 1.into()));
}
