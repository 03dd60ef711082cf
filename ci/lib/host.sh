# shellcheck shell=sh
# Which CI this is, and what it says of the run.
# GitHub: "Default environment variables" of its Actions documentation; GitLab: "Predefined CI/CD variables
# reference"; Jenkins: "Using environment variables" and the variables of multibranch pipelines.

# shellcheck disable=SC2034 # read by the other files
if [ "${GITHUB_ACTIONS-}" = true ]; then
  host=github
elif [ -n "${GITLAB_CI-}" ]; then
  host=gitlab
elif [ -n "${JENKINS_URL-}" ]; then
  host=jenkins
else
  host=plain
fi

# tb ARGUMENT...: tallybook in the workspace's folder.
tb() {
  if ! command -v "${TALLYBOOK:-tallybook}" > /dev/null; then
    fail "\`${TALLYBOOK:-tallybook}\` is not on the PATH; \`tallybook-ci install\` builds it, or set TALLYBOOK to where it is"
  fi
  "${TALLYBOOK:-tallybook}" -C "${TALLYBOOK_WORKSPACE:-.}" "$@"
}

# event FILTER: a value of GitHub's event, by jq; empty where there is none.
event() {
  purpose="read GitHub's event" && need jq
  [ -f "${GITHUB_EVENT_PATH-}" ] || fail "GITHUB_EVENT_PATH names no file"
  jq -r "$1 // empty" "$GITHUB_EVENT_PATH" || fail "GitHub's event does not read"
}

# run_key: what names this run, for all of its jobs and their repetitions.
run_key() {
  if [ -n "${TALLYBOOK_KEY-}" ]; then
    printf '%s\n' "$TALLYBOOK_KEY"
    return
  fi
  case $host in
    github) printf '%s\n' "$GITHUB_RUN_ID" ;;
    gitlab) printf '%s\n' "$CI_PIPELINE_ID" ;;
    jenkins) printf '%s\n' "$BUILD_TAG" ;;
    plain) fail "TALLYBOOK_KEY is not set: it names the run, the same in all of its jobs" ;;
  esac
}

# run_name: what people call the run.
run_name() {
  if [ -n "${TALLYBOOK_NAME-}" ]; then
    printf '%s\n' "$TALLYBOOK_NAME"
    return
  fi
  case $host in
    github) printf '%s %s\n' "$GITHUB_WORKFLOW" "$GITHUB_RUN_NUMBER" ;;
    gitlab) printf '%s %s\n' "${CI_PIPELINE_NAME:-Pipeline}" "$CI_PIPELINE_IID" ;;
    jenkins) printf '%s %s\n' "$JOB_NAME" "$BUILD_NUMBER" ;;
    plain) run_key ;;
  esac
}

# branch_of_run: the branch that takes a closing where none is checked out; empty where CI doesn't say.
branch_of_run() {
  case $host in
    github) case ${GITHUB_REF-} in refs/heads/*) printf '%s\n' "${GITHUB_REF#refs/heads/}" ;; esac ;;
    gitlab) printf '%s\n' "${CI_COMMIT_BRANCH-}" ;;
    jenkins) [ -n "${CHANGE_ID-}" ] || printf '%s\n' "${BRANCH_NAME-}" ;;
  esac
}

# change_base: the commit or branch that the change goes to.
change_base() {
  if [ -n "${TALLYBOOK_BASE-}" ]; then
    printf '%s\n' "$TALLYBOOK_BASE"
    return
  fi
  case $host in
    github)
      # GitHub checks out the change merged into its base: the first parent is what it is merged into.
      head=$(event .pull_request.head.sha)
      if [ -n "$head" ] && [ "$(git rev-parse --quiet --verify 'HEAD^2' || :)" = "$head" ]; then
        git rev-parse 'HEAD^1'
      elif [ -n "${GITHUB_BASE_REF-}" ]; then
        printf 'origin/%s\n' "$GITHUB_BASE_REF"
      fi
      ;;
    gitlab)
      if [ -n "${CI_MERGE_REQUEST_DIFF_BASE_SHA-}" ]; then
        printf '%s\n' "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
      elif [ -n "${CI_MERGE_REQUEST_TARGET_BRANCH_NAME-}" ]; then
        printf 'origin/%s\n' "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
      fi
      ;;
    jenkins) [ -z "${CHANGE_TARGET-}" ] || printf 'origin/%s\n' "$CHANGE_TARGET" ;;
  esac
}

# change_number: of the pull or merge request; empty where there is none.
change_number() {
  if [ -n "${TALLYBOOK_CHANGE-}" ]; then
    printf '%s\n' "$TALLYBOOK_CHANGE"
    return
  fi
  case $host in
    github) event .pull_request.number ;;
    gitlab) printf '%s\n' "${CI_MERGE_REQUEST_IID-}" ;;
    jenkins) printf '%s\n' "${CHANGE_ID-}" ;;
  esac
}

# comes_from_fork: whether the change comes from a repository that gets no right to write here.
comes_from_fork() {
  case $host in
    github) [ "$(event .pull_request.head.repo.full_name)" != "${GITHUB_REPOSITORY-}" ] ;;
    gitlab) [ "${CI_MERGE_REQUEST_SOURCE_PROJECT_ID-}" != "${CI_MERGE_REQUEST_PROJECT_ID-}" ] ;;
    jenkins) [ -n "${CHANGE_FORK-}" ] ;;
    *) return 1 ;;
  esac
}
