# shellcheck shell=sh
# Comments at GitHub and GitLab: found by their first line among the bot's own, made once, then edited.
# GitHub: REST API, "Issue comments"; GitLab: REST API, "Notes", "Merge requests".

# Pages of comments that are looked through, at 100 each.
pages_max=50

# forge_facts: `forge`, `api` (its root), `token`, `comments` (the address of a change's comments).
forge_facts() {
  purpose="talk to the host" && need curl jq
  forge=${TALLYBOOK_FORGE:-$host}
  token=${TALLYBOOK_TOKEN-}
  case $token in
    *[!A-Za-z0-9._=~+/-]*) fail "TALLYBOOK_TOKEN has characters that no token has" ;;
  esac
  case $forge in
    github)
      api=${TALLYBOOK_API:-${GITHUB_API_URL:-https://api.github.com}}
      repository=${TALLYBOOK_REPOSITORY:-${GITHUB_REPOSITORY-}}
      case $repository in
        */*/* | */ | /* | *[!A-Za-z0-9._/-]*) fail "\`$repository\` is not OWNER/NAME" ;;
        */*) ;;
        *) fail "TALLYBOOK_REPOSITORY is not set: OWNER/NAME at GitHub" ;;
      esac
      ;;
    gitlab)
      api=${TALLYBOOK_API:-${CI_API_V4_URL:-https://gitlab.com/api/v4}}
      repository=${TALLYBOOK_REPOSITORY:-${CI_PROJECT_ID-}}
      [ -n "$repository" ] || fail "TALLYBOOK_REPOSITORY is not set: the project's number at GitLab"
      repository=$(printf %s "$repository" | jq -sRr @uri)
      ;;
    *) fail "TALLYBOOK_FORGE is not set: github or gitlab, where the comment goes" ;;
  esac
}

# is_number TEXT: a number of a change or of an object at a host.
is_number() {
  case $1 in
    '' | 0* | *[!0-9]* | ???????????????*) return 1 ;;
  esac
}

# ask METHOD PATH [JSON-FILE]: the answer is in $work/answer, its status in $status.
ask() {
  case $forge in
    github) header="Authorization: Bearer $token" accept="Accept: application/vnd.github+json" ;;
    gitlab) header="PRIVATE-TOKEN: $token" accept="Accept: application/json" ;;
  esac
  url=$api/$2
  set -- --request "$1" ${3:+--header "Content-Type: application/json" --data-binary "@$3"}
  # What only reads may be asked again; what writes would be written twice.
  [ "$2" != GET ] || set -- "$@" --retry 2
  : > "$work/answer"
  # The token goes by standard input: arguments can be read by everybody on the machine.
  status=$(printf 'header = "%s"\n' "$header" |
    curl --config - --silent --show-error --globoff --proto '=http,https' --connect-timeout 20 --max-time 60 \
      --max-filesize 16777216 --header "$accept" "$@" --output "$work/answer" --write-out '%{http_code}' "$url") ||
    fail "the host can't be reached: $url"
}

# asked WHAT: ends where the last answer was no success.
asked() {
  case $status in
    2??) return 0 ;;
  esac
  fail "the host did not $1: it answered $status$(jq -r '": " + (.message | if type == "string" then . else empty end)' "$work/answer" 2> /dev/null | tr -cd ' -~' | head -c 200)"
}

# comment_paths NUMBER: `list`, where the comments of a change are, and `one`, where each of them is.
comment_paths() {
  case $forge in
    github)
      list=repos/$repository/issues/$1/comments
      one=repos/$repository/issues/comments
      ;;
    gitlab)
      list=projects/$repository/merge_requests/$1/notes
      one=$list
      ;;
  esac
}

# own_comment: the number of the bot's first comment that begins with the marker; empty where there is none.
# Comments of others that begin with it stay theirs.
own_comment() {
  # shellcheck disable=SC2016 # jq's variables
  case $forge in
    github)
      bot=${TALLYBOOK_BOT:-github-actions[bot]}
      mine='.user.login == $bot'
      more=
      ;;
    gitlab)
      ask GET user
      asked "say whose token it is"
      bot=$(jq -r '.id' "$work/answer")
      mine='(.author.id | tostring) == $bot and (.system | not)'
      more='&sort=asc&order_by=created_at'
      ;;
  esac
  page=1
  found=
  while [ "$page" -le "$pages_max" ]; do
    ask GET "$list?per_page=100&page=$page$more"
    [ "$page" -eq 1 ] || asked "list the comments"
    case $status in
      2??) ;;
      *) return 0 ;;
    esac
    found=$(jq -r --arg bot "$bot" --arg marker "$marker" \
      "[.[] | select($mine) | select(.body // \"\" | startswith(\$marker)) | .id][0] // empty" "$work/answer") ||
      fail "the host's list of comments does not read"
    [ -z "$found" ] || return 0
    [ "$(jq length "$work/answer")" -gt 0 ] || return 0
    page=$((page + 1))
  done
}

# post NUMBER FILE: edits the bot's comment, or makes it. Ends with 3 where the token may not.
post() {
  is_number "$1" || fail "\`$1\` is no number of a change"
  comment_paths "$1"
  own_comment
  case $status in
    401 | 403 | 404) return 3 ;;
  esac
  asked "list the comments"
  jq -n --rawfile body "$2" --argjson max "$comment_max" '{body: $body[0:$max]}' > "$work/body.json"
  if [ -n "$found" ]; then
    case $forge in
      github) ask PATCH "$one/$found" "$work/body.json" ;;
      gitlab) ask PUT "$one/$found" "$work/body.json" ;;
    esac
    done="edited the comment"
  else
    ask POST "$list" "$work/body.json"
    done="made the comment"
  fi
  case $status in
    401 | 403 | 404) return 3 ;;
  esac
  asked "take the comment"
  notice "$done on $1"
}

# comment: what `review` wrote becomes the comment. Where the token may not write, as on forks, it says so and goes on.
comment() {
  if [ "${GITHUB_EVENT_NAME-}" = workflow_run ]; then
    comment_carried
    return
  fi
  folder=${TALLYBOOK_REVIEW:-tallybook-review}
  [ -f "$folder/comment.md" ] || fail "there is no \`$folder/comment.md\`: run \`tallybook-ci review\` first"
  number=$(change_number)
  if [ -z "$number" ]; then
    notice "this is no pull or merge request, so there is no comment"
  elif comes_from_fork; then
    notice "the change comes from a fork, whose jobs may not write: the review is in the log and in \`$folder\`"
  elif [ -z "${TALLYBOOK_TOKEN-}" ]; then
    notice "TALLYBOOK_TOKEN is not set, so there is no comment: the review is in the log and in \`$folder\`"
  else
    forge_facts
    code=0
    post "$number" "$folder/comment.md" || code=$?
    [ "$code" -ne 3 ] || notice "the token may not comment (the host answered $status): the review is in the log and in \`$folder\`"
  fi
}
