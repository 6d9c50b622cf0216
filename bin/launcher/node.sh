# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# Which Node runs the CLI: ELK_OS_NODE, else the first Node >= 24 on PATH that comes with npm, else the pinned one.

# Node 24 is the first line with type stripping that is not experimental (docs/adr: Node and no-build TypeScript).
node_minimum=24

# use_node_on_path: sets node (real path of the binary), node_dir (folder for PATH) and node_id (version and arch).
use_node_on_path() {
  if [ -n "${ELK_OS_NODE:-}" ]; then
    case $ELK_OS_NODE in
      /*/node) ;;
      *) fail 2 "ELK_OS_NODE must be the full path of a file named node: $ELK_OS_NODE" \
        "npm finds its Node by that name (from the environment)" "set it to …/bin/node, or unset it" ;;
    esac
    describe_node "$ELK_OS_NODE" || fail 5 "ELK_OS_NODE is not Node $node_minimum or newer: $ELK_OS_NODE" \
      "it answered: $("$ELK_OS_NODE" --version 2>&1 | head -n 1)" "set it to a newer Node, or unset it"
    if is_open_to_services "$node" && has_npm; then
      return 0
    fi
    note_line node "ELK_OS_NODE is not used: other users cannot run it, or it has no npm"
    return 1
  fi
  found=1
  saved_ifs=$IFS
  IFS=:
  set -f
  # shellcheck disable=SC2086 # splitting PATH is the point
  set -- $PATH
  set +f
  IFS=$saved_ifs
  for folder in "$@"; do
    if describe_node "${folder:-.}/node" && is_open_to_services "$node" && has_npm; then
      found=0
      break
    fi
  done
  return "$found"
}

# describe_node FILE: fails unless it is a Node >= 24 that starts.
describe_node() {
  [ -x "$1" ] && [ -f "$1" ] || return 1
  node_dir=$(cd -- "$(dirname -- "$1")" && pwd)
  # A wrapper (a version manager's shim) may stand before the binary: ask the running Node where it is.
  answer=$("$1" -p 'process.versions.node + " " + process.arch + " " + process.execPath' 2>/dev/null) || return 1
  node_version=${answer%% *}
  answer=${answer#* }
  node_arch=${answer%% *}
  node=${answer#* }
  [ "${node_version%%.*}" -ge "$node_minimum" ] 2>/dev/null
}

# is_open_to_services FILE: as root, the services run as another user, who must be able to run this Node. A Node in
# a home of mode 0700 is no use to them.
is_open_to_services() {
  [ "$(id -u)" = 0 ] || return 0
  entry=$1
  while :; do
    case $(ls -ld -- "$entry") in
      ?????????[xt]*) ;;
      *) return 1 ;;
    esac
    [ "$entry" != / ] || return 0
    entry=$(dirname -- "$entry")
  done
}

# has_npm: an npm beside that Node, or any on PATH: npm runs on the Node that is first on PATH. It is not started: that
# would cost every call 0.3 s.
has_npm() {
  [ -x "$node_dir/npm" ] || command -v npm >/dev/null 2>&1
}

can_use_docker() {
  command -v docker >/dev/null 2>&1 && docker version >/dev/null 2>&1
}

# Last resort, for a machine with a Docker engine and neither Node nor npm: this same launcher in a container of the
# host's network, with the checkout, the state folder and the engine's socket at their own paths. Only the compose
# driver makes sense there. A default image of the pinned Node's version; ELK_OS_IMAGE_CLI names another or a mirror.
run_in_container() {
  ensure_cache_dir
  socket=/var/run/docker.sock
  image=${ELK_OS_IMAGE_CLI:-node:$(locked "node-linux-$(machine_arch)" version)-bookworm-slim}
  set -- "$image" sh "$root/bin/elk-os" "$@"
  # Names only: Docker takes the values from this environment, and they never stand in a process list.
  for name in $(env | sed -n 's/^\(ELK_OS_[A-Z0-9_]*\)=.*/\1/p'); do
    case $name in
      ELK_OS_STATE_DIR | ELK_OS_CACHE_DIR | ELK_OS_NODE) ;;
      *) set -- -e "$name" "$@" ;;
    esac
  done
  if [ -S "$socket" ]; then
    set -- -v "$socket:$socket" --group-add "$(stat -c %g "$socket")" "$@"
  fi
  [ ! -t 0 ] || set -- -t "$@"
  note_line node "no Node here: running in a container of $image"
  exec docker run --rm -i --init --network host --user "$(id -u):$(id -g)" -w "$root" -v "$root:$root" \
    -v "$state:$state" -v "$cache:$cache" -e "ELK_OS_STATE_DIR=$state" -e "ELK_OS_CACHE_DIR=$cache" "$@"
}
