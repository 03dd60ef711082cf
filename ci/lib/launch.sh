# shellcheck shell=sh
# Findings, results, closings, the site.

# report FILE FORMAT: findings as a file; that there are some was said before.
report() {
  mkdir -p -- "$(dirname -- "$1")"
  reported=0
  tb --quiet validate --format "$2" > "$1" || reported=$?
  [ "$reported" -le 1 ] || exit "$reported"
}

validate() {
  code=0
  case $host in
    github) tb validate --format github || code=$? ;;
    *) tb validate || code=$? ;;
  esac
  [ "$code" -le 1 ] || exit "$code"
  case $host in
    gitlab)
      report "${TALLYBOOK_CODE_QUALITY:-gl-code-quality-report.json}" gitlab
      report "${TALLYBOOK_JUNIT:-tallybook-junit.xml}" junit
      ;;
    jenkins) report "${TALLYBOOK_JUNIT:-tallybook-junit.xml}" junit ;;
  esac
  if [ -n "${TALLYBOOK_SARIF-}" ]; then
    report "$TALLYBOOK_SARIF" sarif
    output sarif "$TALLYBOOK_SARIF"
  fi
  exit "$code"
}

# open_launch: the run's launch, opened where it isn't; prints its id. Jenkins is not known to tallybook itself.
open_launch() {
  set -- launch open --key "$(run_key)" --name "$(run_name)"
  if [ "$host" = jenkins ]; then
    set -- "$@" ${BRANCH_NAME:+--branch "${CHANGE_BRANCH:-$BRANCH_NAME}"} ${GIT_COMMIT:+--commit "$GIT_COMMIT"} \
      ${CHANGE_ID:+--pull-request "$CHANGE_ID"}
  fi
  tb "$@"
}

# append RESULTS...: the results of this job become a part below TALLYBOOK_PARTS. Patterns may be given.
append() {
  parts=$(absolute "${TALLYBOOK_PARTS:-tallybook-parts}")
  results=$work/results
  for path in "$@"; do
    absolute "$path" >> "$results"
  done
  [ -s "$results" ] || fail "name the results: \`tallybook-ci append junit.xml\`"
  open_launch > "$work/id"
  set -- launch append --key "$(run_key)" --to "$parts"
  job=${TALLYBOOK_JOB-}
  if [ "$host" = jenkins ]; then
    job=${job:-${STAGE_NAME-}}
    set -- "$@" ${BUILD_URL:+--url "$BUILD_URL"}
  fi
  set -- "$@" ${job:+--job "$job"} ${TALLYBOOK_ATTEMPT:+--attempt "$TALLYBOOK_ATTEMPT"}
  printf '%s\n' "${TALLYBOOK_ENV-}" > "$work/env"
  while IFS= read -r variable || [ -n "$variable" ]; do
    [ -z "$variable" ] || set -- "$@" --env "$variable"
  done < "$work/env"
  # Each line is a path or a pattern, and nothing else in it is special.
  IFS='
'
  # shellcheck disable=SC2013,SC2046 # patterns are meant to become files
  set -- "$@" -- $(cat -- "$results")
  unset IFS
  code=0
  tb "$@" || code=$?
  # Named after what is in it, so that a repetition replaces itself and no other.
  part=$(find "$parts" -path "*/$(cat "$work/id")/parts/*" -prune -type d | sort | sed 's|.*/||' | tail -n 1)
  output parts "$parts"
  output part "${part:-none}"
  exit "$code"
}

# identify: who closes, where neither git nor the environment says it.
identify() {
  [ -z "${GIT_COMMITTER_EMAIL-}" ] || return 0
  email=$(git config user.email || :)
  [ -z "$email" ] || return 0
  name=${TALLYBOOK_GIT_NAME-}
  email=${TALLYBOOK_GIT_EMAIL-}
  if [ "$host" = github ]; then
    name=${name:-github-actions[bot]}
    email=${email:-41898282+github-actions[bot]@users.noreply.github.com}
  fi
  [ -n "$email" ] || fail "git does not know who closes: set TALLYBOOK_GIT_EMAIL to a member's address"
  export GIT_AUTHOR_NAME="${name:-CI}" GIT_AUTHOR_EMAIL="$email" \
    GIT_COMMITTER_NAME="${name:-CI}" GIT_COMMITTER_EMAIL="$email"
}

# follow_up_of ID: the open launch here that follows a closed one.
follow_up_of() {
  tb launch list | awk -v base="${1%%.*}." '{
    at = index($1, "/")
    if (index(substr($1, at + 1), base) == 1 && / open /) id = substr($1, at + 1)
  } END { print id }'
}

# close: takes the parts below TALLYBOOK_PARTS and closes the launch; tells it; puts it to the gate where asked.
close() {
  parts=$(absolute "${TALLYBOOK_PARTS:-tallybook-parts}")
  [ -d "$parts" ] || refuse "there is no folder \`$parts\`: no job carried results here"
  identify
  key=$(run_key)
  id=$(open_launch)
  set -- launch close --from "$parts"
  printf '%s\n' "${TALLYBOOK_EXPECT-}" > "$work/expect"
  while IFS= read -r job || [ -n "$job" ]; do
    [ -z "$job" ] || set -- "$@" --expect "$job"
  done < "$work/expect"
  pushing=
  if is_true "${TALLYBOOK_PUSH:-true}"; then
    pushing=yes
    let_git_push
  fi
  branch=$(branch_of_run)
  ! git symbolic-ref --quiet HEAD > /dev/null || branch=
  set -- "$@" ${branch:+--branch "$branch"}
  code=0
  tb "$@" --key "$key" ${pushing:+--push} > "$work/receipt" || code=$?
  if [ "$code" -eq 1 ] && [ -s "$work/receipt" ]; then
    # Closed before, by an earlier attempt of this run: what came since is in its follow-up.
    id=$(follow_up_of "$id")
    code=0
    tb launch close "$id" ${pushing:+--push} ${branch:+--branch "$branch"} > "$work/receipt" || code=$?
  fi
  [ "$code" -eq 0 ] || exit "$code"
  cat -- "$work/receipt"
  output launch "$id"
  output receipt "$(cat -- "$work/receipt")"
  # Where no branch is checked out, what is here does not have the closing.
  at=${branch:+${pushing:+origin/}$branch}
  git rev-parse --quiet --verify "$at^{commit}" > /dev/null || at=
  told=0
  tb report "$id" ${at:+--at "$at"} --format github ${TALLYBOOK_SITE:+--base-url "$TALLYBOOK_SITE"} > "$work/report.md" || told=$?
  [ "$told" -le 1 ] || exit "$told"
  summarise "$work/report.md"
  is_true "${TALLYBOOK_GATE:-false}" || return 0
  set -- "$id" ${at:+--at "$at"}
  case $host in
    github) tb gate "$@" --format github ;;
    *) tb gate "$@" ;;
  esac
}

# let_git_push: gives git the token of TALLYBOOK_PUSH_TOKEN for GitLab, by its own way of asking, in no argument.
let_git_push() {
  [ "$host" = gitlab ] && [ -n "${TALLYBOOK_PUSH_TOKEN-}" ] || return 0
  export TALLYBOOK_PUSH_TOKEN GIT_CONFIG_COUNT=2 \
    GIT_CONFIG_KEY_0=remote.origin.pushurl GIT_CONFIG_VALUE_0="$CI_SERVER_URL/$CI_PROJECT_PATH.git" \
    GIT_CONFIG_KEY_1=credential.helper
  # shellcheck disable=SC2016 # git's shell reads the variable
  export GIT_CONFIG_VALUE_1='!f() { echo username=oauth2; echo "password=$TALLYBOOK_PUSH_TOKEN"; }; f'
}

render() {
  out=${TALLYBOOK_OUT:-tallybook-site}
  tb render --out "$(absolute "$out")" ${TALLYBOOK_SITE:+--base-url "$TALLYBOOK_SITE"}
  output site "$out"
}
