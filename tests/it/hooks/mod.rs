//! Pushes to a server with our hook: attacks that must be refused, each with its sentence, and
//! innocent pushes that must pass. All by git itself, quarantine included.

#![cfg(unix)]

mod detours;
mod said;
mod tags;

use std::path::Path;
use std::process::Command;

use rayon::prelude::*;

use crate::repo::{Ran, TestRepo, assert_refused};
use crate::shop::{FILES, junit};

/// A folder with `origin.git`, whose hook is ours, and a clone `dev`.
struct Server(TestRepo);

/// Makes a result one of a documented case, so that its text is kept.
const CASE: &str = r#"<properties><property name="test_id" value="SHOP-EXP1RD"/></properties>"#;

/// What every script may use.
const PRELUDE: &str = r#"
as() {
    export GIT_AUTHOR_NAME="$1" GIT_AUTHOR_EMAIL="$1@example.com"
    export GIT_COMMITTER_NAME="$1" GIT_COMMITTER_EMAIL="$1@example.com"
}
commit() { git add -A && git commit -q --allow-empty -m "$1"; }
# Closes a launch on the branch that is checked out, and says its id.
close() {
    id=$(tallybook launch open -q --name "$1")
    tallybook launch append -q "$id" ../r.xml --env "n=$1" >/dev/null
    tallybook launch close -q "$id" >/dev/null 2>&1 || slip "$id" >/dev/null
    echo "$id"
}
# Closes a launch as the rules do not allow it: where there are none, and carried over.
slip() {
    branch=$(git branch --show-current)
    git checkout -q -b loose
    git rm -rq projects/shop/members
    sed -i /^signatures/d projects/shop/project.yaml
    commit loose
    tallybook launch close -q "$1"
    git checkout -q "$branch"
    git cherry-pick loose
    git branch -qD loose
}
member() { printf 'name: %s\nemails: [%s@example.com]\nrole: %s\n' "$1" "$1" "$2" > "projects/shop/members/$1.yaml"; }
annotate() {
    mkdir -p "projects/shop/annotations/$1"
    printf 'format: 1\nkind: %s\nat: 2026-11-22T18:43:00Z\nreason: because\n' "$2" > "projects/shop/annotations/$1/$2.yaml"
}
launches() { ls -d projects/shop/launches/*/*/*; }
first() { launches | head -n 1; }
# Gives every case a new text.
reword() {
    for f in $(find projects/shop/cases -name '*.md'); do echo more >> "$f"; done
    commit reworded
}
# Closes a launch whose case's text is new, and leaves that text out.
textless() {
    reword
    ls projects/shop/executed > ../texts
    close textless
    for t in $(ls projects/shop/executed); do grep -q "$t" ../texts || rm "projects/shop/executed/$t"; done
    git add -A; git commit -q --amend --no-edit
    test "$(ls projects/shop/executed)" = "$(cat ../texts)"
}
# Leaves an altered copy of the first launch, whose lists hold, on an orphan branch.
forge() {
    git checkout -q --orphan forged
    f=$(first)
    sed -i 's/name: .*/name: Forged/' "$f/launch.yaml"
    rm -rf projects/shop/cases projects/shop/steps projects/shop/members projects/shop/mutes projects/shop/defects tallybook.yaml projects/shop/project.yaml
    commit forged
}
L=$(first 2>/dev/null) || true
ID=$(basename "${L:-none}")
"#;

impl Server {
    /// Sets a server up: a workspace with an owner (alice), a writer (wes), a runner (ron) and a
    /// reader (rita), and three closed launches, all pushed through the hook.
    fn template() -> Self {
        Self::template_named("hooks-template")
    }

    fn template_named(name: &str) -> Self {
        let repo = TestRepo::shared(name);
        repo.git([
            "init",
            "-q",
            "--bare",
            "--initial-branch=main",
            "origin.git",
        ]);
        let installed = repo.run_in("origin.git", ["hook", "install"]);
        assert_eq!(installed.code, Some(0), "{installed}");
        repo.git(["clone", "-q", "origin.git", "dev"]);
        for (path, text) in FILES {
            repo.write(&format!("dev/{path}"), text);
        }
        repo.write("r.xml", junit(&[("a", CASE), ("b", "<failure/>")]));
        let server = Self(repo);
        server.passes(
            "git checkout -q -b main; as alice; member wes writer; member ron runner; member rita reader
             mkdir src; echo 1 > src/main.c; commit 'Set up'; close one; close two; close three
             git push -q -u origin main",
        );
        server
    }

    /// Copies a server that was set up.
    fn copy(template: &Path) -> Self {
        let repo = TestRepo::without_git();
        let from = format!("{}/.", template.display());
        let copied = Command::new("cp")
            .args(["-a", &from])
            .arg(repo.root())
            .status();
        assert!(copied.expect("cp starts").success());
        repo.git_in("dev", ["remote", "set-url", "origin", "../origin.git"]);
        Self(repo)
    }

    fn shell(&self, script: &str) -> Ran {
        let isolated = self.0.command("dev", &[]);
        let mut command = Command::new("sh");
        command.env_clear().current_dir(self.0.root().join("dev"));
        for (name, value) in isolated.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_tallybook"));
        let outside = std::env::var_os("PATH").unwrap_or_default();
        let folder = binary.parent().expect("it lies in a folder").to_owned();
        let path = [folder].into_iter().chain(std::env::split_paths(&outside));
        command.env("PATH", std::env::join_paths(path).expect("no colons"));
        command.arg("-euc").arg(format!("{PRELUDE}\n{script}"));
        let output = command.output().expect("sh starts");
        Ran {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }

    /// All references of the server; their names may be no text.
    fn refs(&self) -> String {
        self.shell("git -C ../origin.git for-each-ref --format='%(refname) %(objectname)'")
            .stdout
    }

    /// Runs a script, which must end with 0.
    #[track_caller]
    fn passes(&self, script: &str) {
        let ran = self.shell(script);
        assert_eq!(ran.code, Some(0), "{script}\n{ran}");
    }

    /// Runs a script that prepares, and a push that must be refused with these words; nothing moves.
    fn refuses(&self, prepare: &str, push: &str, words: &str) -> Result<(), String> {
        let prepared = self.shell(prepare);
        if prepared.code != Some(0) {
            return Err(format!("could not be prepared: {prepare}\n{prepared}"));
        }
        let before = self.refs();
        let ran = self.shell(push);
        let mine = |line: &&str| line.starts_with("remote: tallybook: ");
        let said: Vec<&str> = ran.stderr.lines().filter(mine).collect();
        if ran.code == Some(0) {
            return Err(format!("passed: {prepare}; {push}"));
        }
        if before != self.refs() {
            return Err(format!("references moved: {push}"));
        }
        match said.iter().any(|line| line.contains(words)) {
            true => Ok(()),
            false => Err(format!("`{words}` is not said: {prepare}; {push}\n{ran}")),
        }
    }
}

/// A name, what prepares it, the push, and what is said.
type Attack = (&'static str, &'static str, &'static str, &'static str);

const MAIN: &str = "git push -q origin HEAD:main";

const ON_LAUNCHES: [Attack; 22] = [
    (
        "a file changed",
        "as alice; echo x >> $L/outcomes.yaml; commit x",
        MAIN,
        "refs/heads/main: commit `",
    ),
    (
        "changed and put back",
        "as alice; cp $L/outcomes.yaml ../kept; echo x >> $L/outcomes.yaml; commit x; cp ../kept $L/outcomes.yaml; commit y",
        MAIN,
        "changed `outcomes.yaml` of the closed launch",
    ),
    (
        "removed",
        "as alice; git rm -qr $L; commit x",
        MAIN,
        "removed the closed launch",
    ),
    (
        "removed and put back",
        "as alice; git rm -qr $L; commit x; git checkout -q HEAD~1 -- $L; commit y",
        MAIN,
        "removed the closed launch",
    ),
    (
        "a closing reverted",
        "as alice; git revert --no-edit HEAD >/dev/null",
        MAIN,
        "removed the closed launch",
    ),
    (
        "all launches removed with the workspace",
        "as alice; git rm -qr projects tallybook.yaml; commit x",
        MAIN,
        "removed the closed launch",
    ),
    (
        "a link for a file",
        "as alice; ln -sf tests.yaml $L/outcomes.yaml; commit x",
        MAIN,
        "changed `outcomes.yaml` of the closed launch",
    ),
    (
        "an executable",
        "as alice; chmod +x $L/launch.yaml; commit x",
        MAIN,
        "changed `launch.yaml` of the closed launch",
    ),
    (
        "a submodule for the folder",
        "as alice; git rm -qr $L; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),$L; git commit -qm x",
        MAIN,
        "the closed launch",
    ),
    (
        "a file added",
        "as alice; echo x > $L/extra.txt; commit x",
        MAIN,
        "`extra.txt`",
    ),
    (
        "moved elsewhere",
        "as alice; mkdir -p projects/shop/launches/2025/01; git mv $L projects/shop/launches/2025/01/; commit x",
        MAIN,
        "removed the closed launch",
    ),
    (
        "an executed text changed",
        "as alice; e=$(ls projects/shop/executed/* | head -n 1); echo x >> $e; commit x",
        MAIN,
        "changed the executed text",
    ),
    (
        "an evil merge",
        "as alice; git checkout -q -b side; echo 1 > a; commit a; git checkout -q main; echo 2 > b; commit b; git merge -q --no-commit side; echo x >> $L/tests.yaml; commit m",
        MAIN,
        "changed `tests.yaml` of the closed launch",
    ),
    (
        "a side branch that changed it, merged away",
        "as alice; git checkout -q -b side; echo x >> $L/tests.yaml; commit a; git checkout -q main; git merge -q --no-ff -s ours -m m side",
        MAIN,
        "changed `tests.yaml` of the closed launch",
    ),
    (
        "a squash that drops one",
        "as alice; git checkout -q --orphan s; git rm -qrf --cached $L; rm -r $L; commit s",
        "git push -q -f origin s:main",
        "the forced update would lose the closed launch",
    ),
    (
        "a forced update to before",
        "git reset -q --hard HEAD~1",
        "git push -q -f origin main",
        "the forced update would lose the closed launch",
    ),
    (
        "a branch deleted with the only copy",
        "as alice; git checkout -q -b rc; close rc; git push -q origin rc",
        "git push -q origin :rc",
        "its deletion would lose the closed launch",
    ),
    (
        "a tag deleted with the only copy",
        "as alice; git checkout -q -b tmp; close rc; git tag -am t t; git push -q origin t",
        "git push -q origin :t",
        "its deletion would lose the closed launch",
    ),
    (
        "a tag moved off the only copy",
        "as alice; git checkout -q -b tmp; close rc; git tag t; git push -q origin t; git tag -f t main >/dev/null",
        "git push -q -f origin t",
        "the forced update would lose the closed launch",
    ),
    (
        "the lists of a closing don't hold",
        "as alice; id=$(close four); f=$(ls -d projects/shop/launches/*/*/$id); echo x >> $f/tests.yaml; git add -A; git commit -q --amend --no-edit",
        MAIN,
        "`tests.yaml` does not have the digest it was closed with",
    ),
    (
        "a closing names a receipt that nobody knows",
        "as alice; id=$(close four); f=$(ls -d projects/shop/launches/*/*/$id); sed -i 's/[0-9a-f]\\{64\\}/'$(printf 0%.0s $(seq 64))'/' $f/launch.yaml; git add -A; git commit -q --amend -m x",
        MAIN,
        "launch `",
    ),
    (
        "a closing with another receipt than it says",
        "as alice; id=$(close four); f=$(ls -d projects/shop/launches/*/*/$id); sed -i 's/^name: .*/name: other/' $f/launch.yaml; git add -A; git commit -q --amend --no-edit",
        MAIN,
        "but its `launch.yaml` has another",
    ),
];

/// What a branch aside may lack, and the branch of the rules must have.
const ON_COMPLETENESS: [Attack; 8] = [
    (
        "a closing without its executed text",
        "as alice; textless",
        MAIN,
        "the executed text `",
    ),
    (
        "the same, by a branch aside, fast-forwarded",
        "as alice; textless; git push -q origin HEAD:refs/heads/side",
        MAIN,
        "the executed text `",
    ),
    (
        "the same, merged",
        "as alice; git checkout -q -b side; textless; git push -q origin side; git checkout -q main; echo 1 > a; commit a; git merge -q --no-ff -m m side",
        MAIN,
        "the executed text `",
    ),
    (
        "the same, in one push",
        "as alice; textless; git branch aside",
        "git push -q origin aside HEAD:main",
        "refs/heads/main: launch `",
    ),
    (
        "the same, forced",
        "as alice; textless; git commit -q --amend -m other; git push -q origin HEAD:refs/heads/side; git checkout -q -b more; echo 1 > a; commit a",
        "git push -q -f origin more:main",
        "the executed text `",
    ),
    (
        "a chain that is elsewhere, by a branch aside",
        "as alice; git branch base; close four; git push -q origin HEAD:refs/heads/four; close five; git checkout -q base; git cherry-pick main >/dev/null; git push -q origin base:refs/heads/picked",
        "git push -q origin base:main",
        "which no launch here has",
    ),
    (
        "a branch deleted with the only executed texts",
        "as alice; git branch base; reword; close new; git push -q origin HEAD:refs/heads/full; git checkout -q base; git checkout -q main -- projects/shop/launches; commit bare; git push -q origin base:refs/heads/bare",
        "git push -q origin :full",
        "refs/heads/full: its deletion would lose the executed text `",
    ),
    (
        "a forced update that loses the only executed texts",
        "as alice; git branch base; reword; close new; git push -q origin HEAD:refs/heads/full; git checkout -q base; git checkout -q main -- projects/shop/launches; commit bare",
        "git push -q -f origin base:full",
        "refs/heads/full: the forced update would lose the executed text `",
    ),
];

const ON_COPIES: [Attack; 7] = [
    (
        "an altered copy on an orphan branch",
        "as alice; forge",
        "git push -q origin forged",
        "is known with another receipt: `refs/heads/main` has it otherwise",
    ),
    (
        "behind an annotated tag",
        "as alice; forge; git tag -am t t",
        "git push -q origin t",
        "refs/tags/t: launch `",
    ),
    (
        "behind a light tag",
        "as alice; forge; git tag t",
        "git push -q origin t",
        "is known with another receipt",
    ),
    (
        "behind a custom reference",
        "as alice; forge",
        "git push -q origin forged:refs/custom/x",
        "refs/custom/x: launch `",
    ),
    (
        "behind notes",
        "as alice; forge",
        "git push -q origin forged:refs/notes/x",
        "is known with another receipt",
    ),
    (
        "behind a tag of a tree",
        "as alice; forge; git tag t forged^{tree}",
        "git push -q origin t",
        "is known with another receipt",
    ),
    (
        "in another folder",
        "as alice; forge; mkdir -p sub; git mv projects sub/; commit m; git reset -q --soft HEAD~2 2>/dev/null || true; git checkout -q --orphan again; commit again",
        "git push -q origin again",
        "is known with another receipt",
    ),
];

const ON_RIGHTS: [Attack; 29] = [
    (
        "a writer lets git convert all projects",
        "as wes; echo '* text' > projects/.gitattributes; commit x",
        MAIN,
        "(writer, by author) changed the settings `projects/.gitattributes`; an owner may",
    ),
    (
        "a runner lets git convert executed texts",
        "as ron; echo '* text' > projects/shop/executed/.gitattributes; commit x",
        MAIN,
        "changed the settings `projects/shop/executed/.gitattributes`; an owner may",
    ),
    (
        "a runner lets git convert a year's launches",
        "as ron; y=$(ls -d projects/shop/launches/*); echo '* text' > $y/.gitattributes; commit x",
        MAIN,
        "`; an owner may",
    ),
    (
        "a writer prepares a folder for a project to come",
        "as wes; mkdir -p projects/next/launches.d; echo '* text' > projects/next/.gitAttributes; commit x",
        MAIN,
        "changed the settings `projects/next/.gitAttributes`; an owner may",
    ),
    (
        "a writer puts projects under another letter case",
        "as wes; mkdir -p Projects/shop/members; cp projects/shop/members/wes.yaml Projects/shop/members/wes.yaml; commit x",
        MAIN,
        "(writer, by author) changed the settings `Projects`; an owner may",
    ),
    (
        "an owner puts a link in the place of members",
        "as alice; git rm -qr projects/shop/members; ln -s ../members projects/shop/members; commit x",
        MAIN,
        "left the project `shop` without an owner",
    ),
    (
        "a stranger where members are a file",
        "as alice; git rm -qr projects/shop/members; echo none > projects/shop/members; commit x; mv ../origin.git/hooks/pre-receive ../aside; git push -q origin main; mv ../aside ../origin.git/hooks/pre-receive; as eve; echo x >> projects/shop/cases/mail/dark.md; commit x",
        MAIN,
        "(no member, by author) changed the documentation",
    ),
    (
        "a runner changes a case",
        "as ron; echo x >> projects/shop/cases/mail/dark.md; commit x",
        MAIN,
        "by ron <ron@example.com> (runner, by author) changed the documentation `projects/shop/cases/mail/dark.md`; a writer or an owner may",
    ),
    (
        "a runner mutes",
        "as ron; cp projects/shop/mutes/MUTE-M1.yaml projects/shop/mutes/M2.yaml; commit x",
        MAIN,
        "(runner, by author) changed the mute `M2`; a writer or an owner may",
    ),
    (
        "a writer makes himself an owner",
        "as wes; member wes owner; commit x",
        MAIN,
        "(writer, by author) changed the settings `projects/shop/members/wes.yaml`; an owner may",
    ),
    (
        "a writer grants himself a right and uses it",
        "as wes; member wes owner; commit x; echo '# mine' >> projects/shop/project.yaml; commit y",
        MAIN,
        "(writer, by author) changed the settings `projects/shop/members/wes.yaml`",
    ),
    (
        "a writer changes the project",
        "as wes; echo '# x' >> projects/shop/project.yaml; commit x",
        MAIN,
        "changed the settings `projects/shop/project.yaml`",
    ),
    (
        "a writer lets git convert launches",
        "as wes; echo '* text' > .gitattributes; commit x",
        MAIN,
        "changed the settings `.gitattributes`",
    ),
    (
        "a writer adds a project of his own",
        "as wes; mkdir -p projects/mine/members; echo 'key: MINE' > projects/mine/project.yaml; commit x",
        MAIN,
        "changed the settings `projects/mine/project.yaml`; an owner may",
    ),
    (
        "a reader closes a launch",
        "as rita; close four",
        MAIN,
        "by rita <rita@example.com> (reader, by author) closed launch `",
    ),
    (
        "a stranger closes a launch",
        "as eve; close four",
        MAIN,
        "(no member, by author) closed launch `",
    ),
    (
        "a runner redacts",
        "as ron; annotate $ID redacted; commit x",
        MAIN,
        "(runner, by author) changed what is said of launch `",
    ),
    (
        "a writer excuses what he did",
        "as wes; echo x >> $L/tests.yaml; commit x; printf 'format: 1\\nkind: acknowledged\\nat: 2026-11-22T18:43:00Z\\nreason: fine\\nviolation: {kind: changed-history}\\n' > ../a; mkdir -p projects/shop/annotations/$ID; cp ../a projects/shop/annotations/$ID/a.yaml; sed s/changed-history/not-allowed/ ../a > projects/shop/annotations/$ID/b.yaml; commit y",
        MAIN,
        "(writer, by author) changed what is said of launch `",
    ),
    (
        "a merge that grants a right",
        "as wes; git checkout -q -b side; echo 1 > a; commit a; git checkout -q main; echo 2 > b; commit b; git merge -q --no-commit side; member wes owner; commit m",
        MAIN,
        "(writer, by author) changed the settings `projects/shop/members/wes.yaml`",
    ),
    (
        "a merge that brings old rights back",
        "as alice; member wes owner; commit up; git push -q origin main; git branch old; member wes writer; commit down; git push -q origin main; as wes; git checkout -q old; echo 1 > a; commit a; git checkout -q main; git merge -q --no-commit old; member wes owner; commit m",
        MAIN,
        "(writer, by author) changed the settings `projects/shop/members/wes.yaml`",
    ),
    (
        "a former member on an old base",
        "as alice; git branch old; git rm -q projects/shop/members/wes.yaml; commit gone; git push -q origin main; as wes; git checkout -q old; echo x >> projects/shop/cases/mail/dark.md; commit x",
        "git push -q origin old",
        "(no member, by author) changed the documentation `projects/shop/cases/mail/dark.md`; a writer or an owner may by today's rules",
    ),
    (
        "a workspace of one's own beside the history",
        "as eve; git checkout -q --orphan mine; git rm -rqf .; mkdir -p projects/shop/members; echo 'format: 1' > tallybook.yaml; echo 'key: SHOP' > projects/shop/project.yaml; member eve owner; commit mine",
        "git push -q origin mine",
        "(no member, by author) changed the settings",
    ),
    (
        "a forced update that takes back a setting",
        "as alice; git checkout -q -b before; git checkout -q main; member wes reader; commit down; git push -q origin main",
        "git push -q -f origin before:main",
        "the forced update takes back `projects/shop/members/wes.yaml`, which decides who may do what",
    ),
    (
        "the branch of rules deleted",
        "git branch x; git push -q origin x",
        "git push -q origin :main",
        "refs/heads/main: it says who may do what, and can't be deleted",
    ),
    (
        "the last owner gone",
        "as alice; member alice writer; commit x",
        MAIN,
        "left the project `shop` without an owner",
    ),
    (
        "an unsigned closing where signatures are required",
        "as alice; echo 'signatures: closings' >> projects/shop/project.yaml; commit x; git push -q origin main; close four",
        MAIN,
        "without a signature, which the project requires",
    ),
    (
        "anything unsigned where all must be",
        "as alice; echo 'signatures: all' >> projects/shop/project.yaml; commit x; git push -q origin main; echo x >> projects/shop/cases/mail/dark.md; commit x",
        MAIN,
        "changed the documentation `projects/shop/cases/mail/dark.md` without a signature",
    ),
    (
        "a slip in the setting opens no door",
        "as alice; echo 'signatures: closing' >> projects/shop/project.yaml; commit x; git push -q origin main; close four",
        MAIN,
        "without a signature, which the project requires",
    ),
    (
        "a good branch and a bad one",
        "as alice; git checkout -q -b good; echo 1 > a; commit a; git checkout -q main; echo x >> $L/tests.yaml; commit x",
        "git push -q origin good main",
        "refs/heads/main: commit `",
    ),
];

const ON_REFERENCES: [Attack; 11] = [
    (
        "a replacement",
        "git replace HEAD HEAD~1",
        "git push -q origin 'refs/replace/*:refs/replace/*'",
        "a replacement would show other commits",
    ),
    (
        "a symbolic reference",
        "git -C ../origin.git symbolic-ref refs/heads/alias refs/heads/main; echo 1 > a; as alice; commit a",
        "git push -q origin HEAD:alias",
        "refs/heads/alias: it stands for `refs/heads/main` here",
    ),
    (
        "an opening without a name",
        "true",
        "git push -q origin HEAD:refs/tallybook/open/x",
        "expected `refs/tallybook/open/PROJECT/LAUNCH/`",
    ),
    (
        "an opening with a history",
        "true",
        "git push -q origin HEAD:refs/tallybook/open/SHOP/l-1/open",
        "an opening or a part is a commit without parents",
    ),
    (
        "a part with other files",
        "t=$(git rev-parse HEAD:projects/shop/cases); c=$(git commit-tree -m x $t)
      git update-ref refs/x $c",
        "git push -q origin refs/x:refs/tallybook/open/SHOP/l-1/linux-0123456789",
        "does not belong to a part of a launch",
    ),
    (
        "an opening of another launch",
        "tallybook launch open --key k --push >/dev/null; git fetch -q origin 'refs/tallybook/*:refs/t/*'",
        "git push -q origin $(git for-each-ref --format='%(refname)' refs/t):refs/tallybook/open/SHOP/other/open",
        "its `open.yaml` opens another launch than its name",
    ),
    (
        "a part that is changed",
        "tallybook launch append --key k ../r.xml --push >/dev/null; r=$(git ls-remote origin 'refs/tallybook/*' | cut -f 2 | grep -v open$); echo $r > ../ref",
        "git push -q -f origin HEAD:$(cat ../ref)",
        "what was appended is never changed",
    ),
    (
        "a part that is taken away",
        "tallybook launch append --key k ../r.xml --push >/dev/null; r=$(git ls-remote origin 'refs/tallybook/*' | cut -f 2 | grep -v open$); echo $r > ../ref",
        "git push -q origin :$(cat ../ref)",
        "is not closed: what was appended to it goes only with the launch as a whole",
    ),
    (
        "a part that was not closed with its launch",
        "id=$(tallybook launch append --key k ../r.xml --push); git clone -q ../origin.git ../other; as alice; tallybook launch close --key k --push >/dev/null; git ls-remote origin; git fetch -q origin; id=$(launches | tail -n 1); id=$(basename $(ls -d projects/shop/launches/*/*/* | grep k-)); b=$(printf 'format: 1\\n' | git hash-object -w --stdin); t=$(printf '100644 blob %s\\tresults.yaml\\n' $b | git mktree); c=$(git commit-tree -m x $t); git push -q origin $c:refs/tallybook/open/SHOP/$id/late-0123456789 $c:refs/tallybook/open/SHOP/$id/more-0123456789; echo $id > ../id",
        "git push -q origin :refs/tallybook/open/SHOP/$(cat ../id)/late-0123456789",
        "was closed without this part",
    ),
    (
        "an opening that is no commit",
        "b=$(git hash-object -w ../r.xml); git update-ref refs/x $b",
        "git push -q origin refs/x:refs/tallybook/open/SHOP/l-1/open",
        "it is no commit",
    ),
    (
        "a branch whose name is no text, with the only copy",
        "as alice; git checkout -q -b tmp; close rc; n=$(printf 'odd\\377'); git push -q origin tmp:refs/heads/$n",
        "git push -q origin :refs/heads/$(printf 'odd\\377')",
        "its deletion would lose the closed launch",
    ),
];

#[test]
fn attacks_are_refused_and_innocent_pushes_pass() {
    let template = Server::template();
    let root = template.0.root();
    let attacks: Vec<Attack> = [
        &ON_LAUNCHES[..],
        &ON_COMPLETENESS,
        &ON_COPIES,
        &ON_RIGHTS,
        &ON_REFERENCES,
        said::ATTACKS,
    ]
    .concat();
    let wrong: Vec<String> = attacks
        .par_iter()
        .filter_map(|(name, prepare, push, words)| {
            let server = Server::copy(&root);
            let refused = server.refuses(prepare, push, words);
            refused.err().map(|why| format!("== {name}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let innocent = [&INNOCENT[..], said::INNOCENT].concat();
    let wrong: Vec<String> = innocent
        .par_iter()
        .filter_map(|(name, script)| {
            let server = Server::copy(&root);
            let ran = server.shell(script);
            let clean = server.0.git_output("origin.git", &["fsck", "--strict"]);
            let fine = ran.code == Some(0) && clean.code == Some(0);
            (!fine).then(|| format!("== {name}: {script}\n{ran}\n{clean}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A name, and what is done and pushed.
const INNOCENT: [(&str, &str); 25] = [
    (
        "code by anybody",
        "as eve; echo 2 > src/main.c; commit x; git push -q origin main",
    ),
    (
        "a branch of a writer",
        "as wes; git checkout -q -b f; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin f",
    ),
    (
        "a merge of others' work",
        "as wes; git checkout -q -b f; echo x >> projects/shop/cases/mail/dark.md; commit x; git checkout -q main; as eve; echo 2 > src/main.c; commit y; git merge -q --no-ff -m m f; git push -q origin main f; git push -q origin :f",
    ),
    (
        "a merge of main into a branch of code",
        "as eve; git checkout -q -b f HEAD~2; echo 2 > src/main.c; commit x; git push -q origin f; git merge -q --no-ff -m m main; git push -q origin f",
    ),
    (
        "an octopus",
        "as wes; for n in 1 2 3; do git checkout -q -b f$n main; echo $n > projects/shop/cases/f$n.md; commit $n; done; git checkout -q main; git merge -q -m m f1 f2 f3; git push -q origin main",
    ),
    (
        "a squash of a closing",
        "as ron; git checkout -q -b f; close four; git push -q origin f; git checkout -q main; git merge -q --squash f; git commit -qm 'four, squashed'; git push -q origin main; git push -q origin :f",
    ),
    (
        "a cherry-pick of a closing",
        "as ron; git checkout -q -b rel; git checkout -q main; close four; git push -q origin main; git checkout -q rel; git cherry-pick main >/dev/null; git push -q origin rel",
    ),
    (
        "a rebase of a branch, forced",
        "as wes; git checkout -q -b f HEAD~1; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin f; git rebase -q main; git push -q -f origin f",
    ),
    (
        "a rebase across a new member",
        "as wes; git checkout -q -b f; echo x > projects/shop/cases/x.md; commit x; git push -q origin f; git checkout -q main; as alice; member carol writer; commit c; git push -q origin main; git checkout -q f; git rebase -q main; git push -q -f origin f",
    ),
    (
        "a branch from an old commit",
        "git push -q origin HEAD~2:refs/heads/old; as ron; git checkout -q -b older HEAD~3; echo 1 > a; commit a; git push -q origin older",
    ),
    (
        "tags on closings, moved and deleted",
        "git tag light; git tag -am t full HEAD~1; git push -q origin --tags; git tag -f light HEAD~2 >/dev/null; git push -q -f origin light; git push -q origin :light :full",
    ),
    (
        "a merged branch deleted",
        "git push -q origin HEAD:refs/heads/done; git push -q origin :done",
    ),
    (
        "closings on two branches, merged",
        "as ron; git checkout -q -b a; close four; git checkout -q -b b main; close five; git merge -q --no-ff -m m a; git push -q origin b:main",
    ),
    (
        "notes",
        "as eve; git notes add -m hello; git push -q origin 'refs/notes/*'",
    ),
    (
        "pages beside the history",
        "as eve; git checkout -q --orphan pages; git rm -rqf .; echo hello > index.html; commit pages; git push -q origin pages",
    ),
    (
        "a launch of many machines",
        "tallybook launch open --key k --push >/dev/null; tallybook launch append --key k ../r.xml --job a --push >/dev/null; tallybook launch append --key k ../r.xml --job b --push >/dev/null; as ron; tallybook launch close --key k --push >/dev/null; test -z \"$(git ls-remote origin 'refs/tallybook/*')\"",
    ),
    (
        "a launch thrown away",
        "tallybook launch append --key k ../r.xml --push >/dev/null; id=$(tallybook launch open --key k --push); tallybook launch discard $id --reason mistake --push; test -z \"$(git ls-remote origin 'refs/tallybook/*')\"",
    ),
    (
        "a part that came late",
        "as ron; tallybook launch append --key k ../r.xml --job a --push >/dev/null; tallybook launch close --key k --push >/dev/null; tallybook launch append --key k ../r.xml --job b --push >/dev/null; tallybook launch close --key k --push >/dev/null",
    ),
    (
        "a new member, by an owner and a pull request",
        "as alice; tallybook member add -q Carol --email carol@example.com --branch add >/dev/null; git push -q origin add; as eve; git merge -q --no-ff -m m add; git push -q origin main; as carol; echo x >> projects/shop/cases/mail/dark.md; commit x; git push -q origin main",
    ),
    (
        "a right granted and used in one push",
        "as alice; member carol writer; commit c; as carol; echo x > projects/shop/cases/x.md; commit x; git push -q origin main",
    ),
    (
        "a project's folder moved whole",
        "as alice; git mv projects/shop projects/store; commit x; git push -q origin main",
    ),
    (
        "a note on a launch",
        "as ron; annotate $ID note; commit x; git push -q origin main",
    ),
    (
        "a change of documentation reverted",
        "as wes; echo x > projects/shop/cases/x.md; commit x; git push -q origin main; git revert --no-edit HEAD >/dev/null; git push -q origin main",
    ),
    (
        "another workspace in a folder",
        "as eve; mkdir -p qa/projects/own/members; echo 'format: 1' > qa/tallybook.yaml; echo 'key: OWN' > qa/projects/own/project.yaml; commit x; git push -q origin main",
    ),
    (
        "a removal that an owner answers for",
        "as alice; git rm -qr $L; commit x; mkdir -p projects/shop/annotations/$ID; printf 'format: 1\\nkind: acknowledged\\nat: 2026-11-22T18:43:00Z\\nreason: a secret\\nviolation: {kind: removed-launch}\\n' > projects/shop/annotations/$ID/a.yaml; commit y; git push -q origin main",
    ),
];

/// A product's repository: code, a workspace in `qa`, and a branch for closed launches.
fn product() -> Server {
    let repo = TestRepo::without_git();
    repo.git([
        "init",
        "-q",
        "--bare",
        "--initial-branch=main",
        "origin.git",
    ]);
    let installed = repo.run_in("origin.git", ["hook", "install"]);
    assert_eq!(installed.code, Some(0), "{installed}");
    repo.git(["clone", "-q", "origin.git", "dev"]);
    for (path, text) in FILES.iter().filter(|(path, _)| *path != ".gitattributes") {
        repo.write(&format!("dev/qa/{path}"), text);
    }
    let own = "format: 1\ntitle: Shop\nlaunches: {branch: tallybook}\n";
    repo.write("dev/qa/tallybook.yaml", own);
    repo.write("r.xml", junit(&[("a", CASE), ("b", "<failure/>")]));
    let server = Server(repo);
    server.passes(
        "git checkout -q -b main; as alice; cd qa; member wes writer; member ron runner; cd ..
         echo 1 > main.c; commit 'Set up'; git push -q -u origin main",
    );
    server
}

#[test]
fn a_branch_for_launches_follows_the_rules_of_the_documentation() {
    let server = product();
    // Whoever may close begins the branch; strangers don't.
    let refused = server.refuses(
        "as eve; cd qa; tallybook launch append -q --key a ../../r.xml >/dev/null; git checkout -q -b own; member eve owner; commit own; tallybook launch close --key a >/dev/null; git checkout -q main",
        "git push -q origin tallybook",
        "refs/heads/tallybook: commit `",
    );
    assert_eq!(refused, Ok(()));
    server.passes("git branch -q -D tallybook");
    server.passes(
        "as ron; cd qa; tallybook launch append -q --key b ../../r.xml --push >/dev/null
         tallybook launch close --key b --push >/dev/null; git ls-remote --exit-code -q origin tallybook",
    );
    for (prepare, words) in [
        (
            "as eve; cd qa; member eve owner",
            "(no member, by author) changed the settings `projects/shop/members/eve.yaml`",
        ),
        (
            "as ron; cd qa; echo x >> $(ls -d projects/shop/launches/*/*/*)/tests.yaml",
            "of the closed launch",
        ),
        (
            "as ron; cd qa; echo '* text' > .gitattributes",
            "(runner, by author) changed the settings `.gitattributes`",
        ),
    ] {
        let prepare = format!(
            "git fetch -q; git checkout -q -B work origin/tallybook; mkdir -p qa/projects/shop/members; {prepare}; commit x"
        );
        assert_eq!(
            server.refuses(&prepare, "git push -q origin work:tallybook", words),
            Ok(())
        );
    }
    let refused = server.refuses(
        "true",
        "git push -q origin :tallybook",
        "its deletion would lose",
    );
    assert_eq!(refused, Ok(()));
    // The documentation has its own commits, and `verify` says what both did.
    server.passes("git checkout -q -f main; cd qa; tallybook verify");
    let said = server.shell("as ron; git checkout -q -b bad; cd qa; echo x >> projects/shop/cases/mail/dark.md; commit x; tallybook verify --since main");
    assert_eq!(said.code, Some(1), "{said}");
    assert!(
        said.stdout
            .contains("(runner, by author) changed the documentation"),
        "{said}"
    );
}

#[test]
fn a_workspace_in_a_folder_is_guarded_too() {
    let server = product();
    let refused = server.refuses(
        "as wes; cd qa; member wes owner; commit x",
        MAIN,
        "(writer, by author) changed the settings `projects/shop/members/wes.yaml`",
    );
    assert_eq!(refused, Ok(()));
    let moved = server.refuses(
        "git reset -q --hard HEAD~1; as wes; git mv qa tests; cd tests; member wes owner; commit x",
        MAIN,
        "(writer, by author) changed the settings",
    );
    assert_eq!(moved, Ok(()));
    server.passes(
        "git reset -q --hard HEAD~1; as alice; git mv qa tests; commit x; git push -q origin main",
    );
}

#[test]
fn a_closing_that_a_member_signed_passes() {
    if Command::new("ssh-keygen").arg("-V").output().is_err() {
        return;
    }
    let template = Server::template_named("hooks-signed");
    template.passes(
        "ssh-keygen -q -t ed25519 -N '' -C ron -f ../ron; ssh-keygen -q -t ed25519 -N '' -C eve -f ../eve
         as alice; tallybook member add -q ron --key ../ron.pub >/dev/null; echo 'signatures: closings' >> projects/shop/project.yaml
         commit 'Sign closings'; git push -q origin main
         git config gpg.format ssh; git config user.signingKey ../ron
         as ron; close four; git commit -q --amend --no-edit -S; git push -q origin main",
    );
    let refused = template.refuses(
        "as ron; close five; git -c user.signingKey=../eve commit -q --amend --no-edit -S",
        MAIN,
        "with a signature by no member's key",
    );
    assert_eq!(refused, Ok(()));
}

#[test]
fn installing_is_repeatable_and_keeps_what_is_there() {
    let repo = TestRepo::without_git();
    repo.git(["init", "-q", "--bare", "--initial-branch=main", "o.git"]);
    repo.write("o.git/hooks/pre-receive", "#!/bin/sh\ncat >&2\nexit 0\n");
    let ran = repo.run_in("o.git", ["hook", "install"]);
    assert_refused(
        &ran,
        &[
            "is there already, and is not ours",
            "`tallybook hook install --force`",
        ],
    );
    let ran = repo.run_in("o.git", ["hook", "install", "--force"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let first = repo.read("o.git/hooks/pre-receive");
    let ran = repo.run_in("o.git", ["hook", "install"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(repo.read("o.git/hooks/pre-receive"), first);
    assert!(first.contains("pre-receive.before-tallybook"));
    assert_eq!(
        repo.git_in("o.git", ["config", "receive.fsckObjects"]),
        "true"
    );
    // Both run: the old one says what it got.
    repo.git(["clone", "-q", "o.git", "dev"]);
    repo.write("dev/a.txt", "1");
    repo.git_in("dev", ["add", "."]);
    repo.git_in("dev", ["commit", "-qm", "one"]);
    let aside = repo.root().join("o.git/hooks/pre-receive.before-tallybook");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&aside, mode).expect("set");
    let pushed = repo.git_output("dev", &["push", "origin", "HEAD:main"]);
    assert_eq!(pushed.code, Some(0), "{pushed}");
    assert!(pushed.stderr.contains("refs/heads/main"), "{pushed}");
    std::fs::write(&aside, "#!/bin/sh\nexit 1\n").expect("written");
    repo.git_in("dev", ["commit", "-qm", "two", "--allow-empty"]);
    let pushed = repo.git_output("dev", &["push", "origin", "HEAD:main"]);
    assert_eq!(pushed.code, Some(1), "{pushed}");
    let worktree = repo.run_in("dev", ["hook", "install"]);
    assert_refused(&worktree, &["has a working tree", "hook install --server"]);
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let server = Server::template_named("hooks-odd");
    let judge = |input: &str| {
        server.shell(&format!(
            "cd ../origin.git; printf '{input}' | tallybook hook pre-receive"
        ))
    };
    let id = server.0.git_in("dev", ["rev-parse", "HEAD"]);
    let zero = "0".repeat(40);
    let missing = "1".repeat(40);
    for (input, words) in [
        ("nonsense\\n".to_owned(), "stdin holds other lines"),
        (
            format!("{zero} {missing} refs/heads/x\\n"),
            "it can't be checked: object",
        ),
        (
            format!("{zero} {id} HEAD\\n"),
            "a reference's name begins with `refs/`",
        ),
    ] {
        let ran = judge(&input);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(
            ran.stderr.starts_with("tallybook: ") && ran.stderr.contains(words),
            "{ran}"
        );
    }
    let other = server
        .shell("cd ../origin.git; git symbolic-ref HEAD refs/heads/master; tallybook hook install");
    assert!(
        other.stderr.contains("there is no refs/heads/master here"),
        "{other}"
    );
    assert!(other.stderr.contains("--rules refs/heads/main`"), "{other}");
    assert_eq!(judge("").code, Some(0));
    assert_eq!(judge(&format!("{zero} {id} refs/heads/x\\n")).code, Some(0));
}
