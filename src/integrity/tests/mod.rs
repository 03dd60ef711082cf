//! Verification of real repositories, tampered with in every way that git allows.

mod annotated;
mod moves;
mod roles;
mod survival;
mod tampering;

use std::collections::BTreeMap;

use super::*;
use crate::base::{Digest, Timestamp, files};
use crate::git::testing::Playground;
use crate::git::{ChangeSet, CommitId, CommitRequest, Identity, Repo};
use crate::model::{Closed, LaunchFile, Opened, Source, Totals};

/// A workspace whose launches are closed as the product closes them.
struct Bench {
    play: Playground,
    workspace: String,
}

impl Bench {
    fn new(workspace: &str) -> Self {
        let play = Playground::new();
        play.init("main");
        Self {
            play,
            workspace: workspace.to_owned(),
        }
    }

    fn repo(&self) -> Repo {
        self.play.open()
    }

    fn root(&self, path: &str) -> String {
        crate::base::path::join(&self.workspace, path)
    }

    fn folder(&self, id: &str) -> String {
        self.root(&format!("projects/shop/launches/2026/11/{id}"))
    }

    /// Closes a launch with one commit; returns its receipt.
    fn close(&self, id: &str, previous: &[&str]) -> String {
        let executed = format!("---\nid: SHOP-A1\n---\n\nWhat {id} ran.\n");
        let executed_digest = Digest::of(executed.as_bytes());
        let attachment = format!("log of {id}");
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        let mut add = |path: &str, text: String| files.insert(path.to_owned(), text);
        add(
            "outcomes.yaml",
            format!("format: 1\nresults:\n- {{\"id\": \"{id}\"}}\n"),
        );
        add("tests.yaml", "format: 1\ntests: []\n".into());
        add(
            "cases.yaml",
            format!("format: 1\ncases:\n  SHOP-A1: {executed_digest}\n"),
        );
        add("results/linux.yaml", "format: 1\nresults: []\n".into());
        let name = Digest::of(attachment.as_bytes());
        let mut prunable = BTreeMap::new();
        prunable.insert(format!("attachments/{name}.txt"), attachment);
        prunable.insert("details/linux.yaml".to_owned(), "format: 1\n".to_owned());
        files.insert("PRUNABLE.sha256".into(), sums(&prunable));
        let sums = sums(&files);
        let launch = launch_yaml(id, previous, &sums);
        let receipt = Digest::of(launch.as_bytes()).to_string();
        files.extend(prunable);
        files.insert("SHA256SUMS".into(), sums);
        files.insert("launch.yaml".into(), launch);
        let message = format!(
            "Close launch {id} (SHOP) [skip ci]\n\nTallybook-Launch: SHOP/{id}\n\
             Tallybook-Receipt: sha256:{receipt}"
        );
        let mut changes = ChangeSet::new(message);
        for (path, text) in files {
            changes.write(format!("{}/{path}", self.folder(id)), text);
        }
        let executed_path = format!("projects/shop/executed/{executed_digest}.md");
        changes.write(self.root(&executed_path), executed);
        self.commit(changes);
        receipt
    }

    fn commit(&self, changes: ChangeSet) -> CommitId {
        let repo = self.repo();
        let who = Identity {
            name: "Tester".into(),
            email: "tester@example.com".into(),
        };
        let request = CommitRequest {
            branch: repo.head().expect("HEAD").branch.expect("a branch"),
            author: who.clone(),
            committer: who,
            time: Timestamp::from_ms(1_763_837_000_000),
            own: None,
            sign: false,
        };
        let made = repo.commit(&request, &mut |_| Ok(changes.clone()));
        made.expect("commits").expect("a change")
    }

    /// Commits whatever is in the working tree.
    fn commit_all(&self, message: &str) -> String {
        self.play.git(&["add", "-A"]);
        self.play.git(&["commit", "-qm", message]);
        self.play.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn flip(&self, path: &str) {
        let mut bytes = self.play.read(path);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        self.play.write(path, bytes);
    }

    fn verify(&self) -> Report {
        let options = VerifyOptions {
            attachments: None,
            workspace: self.workspace.clone(),
            at: None,
            receipt: None,
            complete: true,
            known: Vec::new(),
            rules: None,
            documentation: None,
        };
        verify(Some(&self.repo()), &options).expect("verifies")
    }

    #[track_caller]
    fn assert_fine(&self, launches: usize) -> Report {
        let report = self.verify();
        assert_eq!(report.violations, []);
        assert!(report.ok);
        assert_eq!(report.launches, launches);
        report
    }

    /// All files of a launch, and its executed texts.
    fn files(&self) -> Vec<String> {
        let projects = self.root("projects");
        let listed = self.play.git(&["ls-files", &projects]);
        listed.lines().map(ToOwned::to_owned).collect()
    }
}

fn sums(files: &BTreeMap<String, String>) -> String {
    let line =
        |(path, text): (&String, &String)| format!("{}  {path}\n", Digest::of(text.as_bytes()));
    files.iter().map(line).collect()
}

fn launch_yaml(id: &str, previous: &[&str], sums: &str) -> String {
    let at = Timestamp::from_ms(1_763_836_000_000);
    let file = LaunchFile {
        format: 1,
        id: id.into(),
        project: "SHOP".into(),
        name: "Nightly".into(),
        tags: Vec::new(),
        links: Vec::new(),
        opened: Opened::now(at, None),
        source: Source::default(),
        environment: Default::default(),
        jobs: Vec::new(),
        expect: Vec::new(),
        plan: None,
        baseline: None,
        supersedes: None,
        totals: Totals::default(),
        closed: Closed {
            at,
            by: None,
            reason: None,
            meaning: None,
            documentation: None,
            previous: previous.iter().map(ToString::to_string).collect(),
            sums: Digest::of(sums.as_bytes()).to_string(),
            version: "0.1.0".into(),
        },
        gate: None,
        planned: None,
    };
    serde_yaml::to_string(&file).expect("writes")
}

/// Returns the pointer of git-lfs that stands for a file.
fn pointer(bytes: &[u8]) -> String {
    let (digest, size) = (Digest::of(bytes), bytes.len());
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n")
}

fn kinds(report: &Report) -> Vec<&'static str> {
    let mut kinds: Vec<_> = report.violations.iter().map(|v| v.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn three(workspace: &str) -> Bench {
    let bench = Bench::new(workspace);
    let one = bench.close("l-1", &[]);
    let two = bench.close("l-2", &[&one]);
    bench.close("l-3", &[&two]);
    bench
}
