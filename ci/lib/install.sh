# shellcheck shell=sh
# Tallybook itself, where it isn't there: built from its source by cargo.

# fingerprint SOURCE: names a source, so that CI can keep what was built from it.
fingerprint() {
  (cd -- "$1" && find Cargo.lock Cargo.toml src templates example-repo -type f -exec sha256sum {} + | sort | sha256sum | cut -c 1-32)
}

# install [SOURCE]: builds it from a folder, by default that of this kit, and tells later steps where it is.
install() {
  source=${1:-$kit/..}
  root=${TALLYBOOK_ROOT:-$HOME/.cache/tallybook-ci}
  if [ -n "${TALLYBOOK_FINGERPRINT-}" ]; then
    output fingerprint "$(fingerprint "$source")"
    output root "$root"
    return
  fi
  if command -v "${TALLYBOOK:-tallybook}" > /dev/null; then
    notice "$("${TALLYBOOK:-tallybook}" --version) is there already"
    return
  fi
  if [ ! -x "$root/bin/tallybook" ]; then
    purpose="build tallybook" && need cargo
    cargo install --locked --quiet --path "$source" --root "$root" || fail "tallybook does not build"
  fi
  "$root/bin/tallybook" --version >&2
  if [ -n "${GITHUB_PATH-}" ]; then
    printf '%s\n' "$root/bin" >> "$GITHUB_PATH"
  else
    notice "add \`$root/bin\` to the PATH"
  fi
}
