# shellcheck shell=sh
# What is told to people, to later steps, and how it ends.

# fail SENTENCE...: could not run.
fail() {
  printf 'tallybook-ci: %s\n' "$*" >&2
  exit 2
}

# refuse SENTENCE...: what was given is wrong.
refuse() {
  printf 'tallybook-ci: %s\n' "$*" >&2
  exit 1
}

# notice SENTENCE...: it goes on without that.
notice() {
  printf 'tallybook-ci: %s\n' "$*" >&2
}

# need TOOL...: tools without which it can't go on.
need() {
  for tool in "$@"; do
    command -v "$tool" > /dev/null || fail "\`$tool\` is not on the PATH; it is needed to $purpose"
  done
}

# output NAME VALUE: for later steps of GitHub Actions.
output() {
  [ -n "${GITHUB_OUTPUT-}" ] || return 0
  case $2 in
    *"
"*) fail "\`$1\` has a line break" ;;
  esac
  printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"
}

# summarise FILE: adds a page to the step summary of GitHub Actions, which takes 1 MiB of a step.
summarise() {
  [ -n "${GITHUB_STEP_SUMMARY-}" ] || return 0
  cat -- "$1" >> "$GITHUB_STEP_SUMMARY"
}

# tell FILE: prints a file that others had a say in, so that no line of it is a command of GitHub Actions.
tell() {
  if [ "$host" != github ]; then
    cat -- "$1"
    return
  fi
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  cat -- "$1"
  printf '::%s::\n' "$token"
}

# is_true VALUE
is_true() {
  case $1 in
    true | 1 | yes) return 0 ;;
    *) return 1 ;;
  esac
}

# absolute PATH: as seen from here, since tallybook runs in the workspace's folder.
absolute() {
  case $1 in
    /* | [A-Za-z]:[\\/]*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$PWD" "$1" ;;
  esac
}
