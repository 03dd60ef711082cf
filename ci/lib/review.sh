# shellcheck shell=sh
# What a change means, as a folder that CI carries: comment.md, summary.md, and of whom they speak.

# The line that a comment begins with, by which the next run finds it.
marker='<!-- tallybook-review -->'

# What GitHub takes of a comment, in characters.
comment_max=65536

review() {
  if [ "${GITHUB_EVENT_NAME-}" = pull_request_target ]; then
    fail "on pull_request_target a job has the rights of the base; use pull_request, and the workflow that comments"
  fi
  base=$(change_base)
  [ -n "$base" ] || fail "TALLYBOOK_BASE is not set: it names what the change goes to, as origin/main"
  git rev-parse --quiet --verify "$base^{commit}" > /dev/null ||
    fail "\`$base\` is not in this clone; fetch the whole history (fetch-depth: 0, GIT_DEPTH: 0)"
  folder=${TALLYBOOK_REVIEW:-tallybook-review}
  mkdir -p -- "$folder"
  tb --quiet review "$base...HEAD" --format markdown > "$folder/comment.md"
  tb --quiet review "$base...HEAD" --format summary > "$folder/summary.md"
  change_number > "$folder/pull-request"
  output review "$folder"
  summarise "$folder/summary.md"
  tb review "$base...HEAD" > "$work/review.txt"
  tell "$work/review.txt"
  [ "${GITHUB_ACTIONS-}" != true ] || tb --quiet review "$base...HEAD" --format github
  [ -n "${TALLYBOOK_FAIL_ON-}" ] || return 0
  code=0
  tb --quiet review "$base...HEAD" --fail-on "$TALLYBOOK_FAIL_ON" > /dev/null || code=$?
  [ "$code" -ne 1 ] || notice "the change does what TALLYBOOK_FAIL_ON names: $TALLYBOOK_FAIL_ON"
  exit "$code"
}
