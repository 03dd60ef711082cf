//! Attacks by references: replacements, symbolic ones, openings and parts.

use super::Attack;

pub(super) const ON_REFERENCES: [Attack; 15] = [
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
        "a reader opens a launch",
        "as rita; tallybook launch open --key k > ../id",
        "as rita; tallybook launch sync $(cat ../id)",
        "/open: rita <rita@example.com> (reader, by author) opened a launch; a runner, a writer or an owner may",
    ),
    (
        "a stranger appends",
        "as ron; id=$(tallybook launch open --key k --push); echo $id > ../id; as eve; tallybook launch append $id ../r.xml >/dev/null",
        "as eve; tallybook launch sync $(cat ../id)",
        "eve <eve@example.com> (no member, by author) appended to a launch; a runner, a writer or an owner may",
    ),
    (
        "nobody appends",
        "as ron; id=$(tallybook launch open --key k --push); tallybook launch append $id ../r.xml --push >/dev/null; git fetch -q origin 'refs/tallybook/*:refs/t/*'; r=$(git for-each-ref --format='%(refname)' refs/t | grep -v open$); c=$(GIT_AUTHOR_NAME=Tallybook GIT_AUTHOR_EMAIL=tallybook@localhost git commit-tree -m x $r^{tree}); echo $c:refs/tallybook/open/SHOP/$id/other-0123456789 > ../what",
        "git push -q origin $(cat ../what)",
        "it does not say who appended to a launch, and a runner, a writer or an owner may",
    ),
    (
        "a reader appends in a workspace that lies in a folder",
        "as alice; mkdir -p qa/projects/own/members; echo 'format: 1' > qa/tallybook.yaml; echo 'key: OWN' > qa/projects/own/project.yaml; member eve owner; mv projects/shop/members/eve.yaml qa/projects/own/members/; commit x; git push -q origin main; cd qa; as rita; tallybook launch open --key k > ../../id",
        "as rita; cd qa; tallybook launch sync $(cat ../../id)",
        "rita <rita@example.com> (no member, by author) opened a launch",
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
