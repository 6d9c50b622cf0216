# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# Where the state folder is. cli/src/state/state-dir.ts computes the same answer once there is a Node; a test compares.
#
#   --state-dir, else ELK_OS_STATE_DIR from the environment, else from .env; relative means: to the checkout;
#   else, for a user other than root, <checkout>/.elk-os;
#   else /var/lib/elk-os/<instance>, where <instance> is ELK_OS_INSTANCE or
#     <last component of checkout, lower case, other characters than a-z 0-9 - as one dash each run, no dash first, at
#     most 40 characters; "muster" if nothing is left>-<first 8 hex digits of the SHA-256 of checkout>.
#
# <checkout> is its real path (no symbolic links, no trailing slash); its bytes are hashed without a newline.

# set_state_dir ARGUMENT...: sets state and cache, and creates nothing.
set_state_dir() {
  instance=$(location_setting ELK_OS_INSTANCE)
  case $instance in
    -* | *[!a-z0-9-]*)
      fail 2 "ELK_OS_INSTANCE is not a name: $instance" "it becomes a folder name" \
        "use lower-case letters, digits and dashes, not a dash first"
      ;;
  esac
  state=$(state_dir_flag "$@")
  state=${state:-$(location_setting ELK_OS_STATE_DIR)}
  if [ -n "$state" ]; then
    state=$(under_root "$state")
  elif [ "$(id -u)" != 0 ]; then
    state=$root/.elk-os
  else
    state=/var/lib/elk-os/${instance:-$(default_instance)}
  fi
  cache=$(location_setting ELK_OS_CACHE_DIR)
  cache=$(under_root "${cache:-$state/cache}")
}

default_instance() {
  name=$(basename -- "$root" | LC_ALL=C tr '[:upper:]' '[:lower:]' |
    LC_ALL=C sed 's/[^a-z0-9-][^a-z0-9-]*/-/g; s/^-*//' | cut -c 1-40)
  printf '%s-%s' "${name:-muster}" "$(printf %s "$root" | sha256sum | cut -c 1-8)"
}

under_root() {
  case $1 in
    /*) printf %s "$1" ;;
    *) printf %s "$root/$1" ;;
  esac
}

# location_setting NAME: from the environment, else a plain NAME=value line of .env.
location_setting() {
  if value=$(printenv "$1"); then
    printf %s "$value"
  elif [ -r "$root/.env" ]; then
    sed -n "s/^[[:space:]]*\(export[[:space:]]\)\{0,1\}[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$root/.env" |
      sed 's/[[:space:]]*$//; s/^"\(.*\)"$/\1/' | sed "s/^'\(.*\)'\$/\1/" | tail -n 1
  fi
}

state_dir_flag() {
  while [ $# -gt 0 ]; do
    case $1 in
      --state-dir=*) printf %s "${1#*=}" && return ;;
      --state-dir) printf %s "${2:-}" && return ;;
    esac
    shift
  done
}

# Makes the folders, only when something is about to be written there. 0711: the services' user passes through to
# what it owns below, and cannot list the rest.
ensure_cache_dir() {
  [ -d "$cache" ] && [ -w "$cache" ] && return 0
  (umask 022 && make_folders) 2>/dev/null || fail 5 "cannot write to $cache" \
    "$(id -un) may not create or change it" "set ELK_OS_STATE_DIR to a folder of yours, or run as its owner"
}

make_folders() {
  if [ ! -d "$state" ]; then
    mkdir -p -- "$state" && chmod 0711 -- "$state" || return 1
  fi
  mkdir -p -- "$cache" && [ -w "$cache" ]
}
