# shellcheck shell=sh
# The comment for a change whose own job could not write: from a workflow of the base, on `workflow_run`.
#
# What the other run carried is untrusted: code of a fork may have made it. It is never unpacked (two
# entries are read, each up to a bound, and no path in it counts) and never executed, and it decides nothing:
# the change that it names must have the commit, the repository and the branch that GitHub says it ran for.

# What is downloaded at most, in bytes; a review is far below.
artifact_max=4194304

# carried ENTRY MAX FILE: one entry of the archive, refused past MAX bytes.
carried() {
  # No password is asked for, and what is too long is cut off while it is read.
  { unzip -p -P '' "$work/carried.zip" "$1" 2> /dev/null < /dev/null || :; } | head -c "$(($2 + 1))" > "$3"
  [ "$(wc -c < "$3")" -le "$2" ] || refuse "\`$1\` of the other run is larger than $2 bytes; nothing was said"
}

# download RUN: the archive of that run's review in $work/carried.zip; 3 where there is none.
download() {
  name=${TALLYBOOK_ARTIFACT:-tallybook-review}
  ask GET "repos/$repository/actions/runs/$1/artifacts?per_page=100&name=$name"
  asked "list the artefacts of run $1"
  # shellcheck disable=SC2016 # jq's variables
  jq -r --arg name "$name" '[.artifacts[] | select(.name == $name and (.expired | not))] | max_by(.id) // empty
    | "\(.id) \(.size_in_bytes)"' "$work/answer" > "$work/artifact" || fail "the host's list of artefacts does not read"
  read -r id size < "$work/artifact" || return 3
  is_number "$id" || fail "the host's list of artefacts does not read"
  [ "$size" -le "$artifact_max" ] || refuse "the review of the other run has $size bytes, and $artifact_max is the most; nothing was said"
  # The address that it leads to carries its own rights; curl does not send the token to another host.
  code=0
  { printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl --config - --silent --show-error --fail --globoff --location --max-redirs 3 --proto '=http,https' \
      --proto-redir '=http,https' --connect-timeout 20 --max-time 60 --max-filesize "$artifact_max" \
      "$api/repos/$repository/actions/artifacts/$id/zip" || echo failed > "$work/failed"; } |
    head -c "$((artifact_max + 1))" > "$work/carried.zip"
  [ ! -f "$work/failed" ] || fail "the review of the other run can't be downloaded"
  [ "$(wc -c < "$work/carried.zip")" -le "$artifact_max" ] || refuse "the review of the other run is larger than $artifact_max bytes; nothing was said"
}

# hold NUMBER: whether the change with that number is what the other run ran for. 3 where it has gone on since.
hold() {
  sha=$(event .workflow_run.head_sha)
  branch=$(event .workflow_run.head_branch)
  from=$(event .workflow_run.head_repository.full_name)
  ask GET "repos/$repository/pulls/$1"
  [ "$status" != 404 ] || refuse "the other run names change $1, which is not there; nothing was said"
  asked "say what change $1 is"
  # shellcheck disable=SC2016 # jq's variables
  jq -e --arg branch "$branch" --arg from "$from" \
    '.head.ref == $branch and .head.repo.full_name == $from' "$work/answer" > /dev/null ||
    refuse "the other run names change $1, and did not run for it; nothing was said"
  # shellcheck disable=SC2016 # jq's variables
  jq -e --arg sha "$sha" '.head.sha == $sha and .state == "open"' "$work/answer" > /dev/null || return 3
}

comment_carried() {
  [ "$host" = github ] || fail "only GitHub has workflow_run"
  purpose="read what the other run carried" && need unzip curl jq
  if [ "$(event .workflow_run.event)" != pull_request ]; then
    notice "the other run was for no pull request, so there is no comment"
    return
  fi
  [ -n "${TALLYBOOK_TOKEN-}" ] || fail "TALLYBOOK_TOKEN is not set"
  forge_facts
  run=$(event .workflow_run.id)
  is_number "$run" || fail "GitHub's event names no run"
  code=0
  download "$run" || code=$?
  if [ "$code" -eq 3 ]; then
    notice "run $run carried no review, so there is no comment"
    return
  fi
  carried pull-request 32 "$work/number"
  number=$(cat -- "$work/number")
  is_number "$number" || refuse "the other run names no change; nothing was said"
  carried comment.md $((4 * comment_max)) "$work/comment.md"
  [ "$(head -n 1 "$work/comment.md")" = "$marker" ] || refuse "the other run carried no review; nothing was said"
  hold "$number" || code=$?
  if [ "$code" -eq 3 ]; then
    notice "change $number went on or is closed since run $run, so nothing was said of it"
    return
  fi
  # Whoever reads it is told whose word it is.
  # shellcheck disable=SC2016 # jq's variables
  jq -jn --rawfile body "$work/comment.md" --argjson max "$comment_max" \
    --arg by "$(printf '\n\n<sub>Made by the change'\''s own [run](%s/%s/actions/runs/%s) of %.12s.</sub>' \
      "$GITHUB_SERVER_URL" "$repository" "$run" "$sha")" \
    'if ($body | length) > $max then error("too long") else $body[0:($max - ($by | length))] + $by end' \
    > "$work/said.md" 2> /dev/null || refuse "\`comment.md\` of the other run is longer than $comment_max characters; nothing was said"
  post "$number" "$work/said.md" || fail "the token may not comment (the host answered $status): the job needs \`pull-requests: write\`"
}
