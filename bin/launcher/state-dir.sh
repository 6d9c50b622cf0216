# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# Where the state folder is. cli/src/config computes the same answer; a change here is a change there.
#
#   ELK_OS_STATE_DIR, made absolute against the current folder, if it is set;
#   else, for a user other than root, <checkout>/.elk-os;
#   else /var/lib/elk-os/<instance>, where <instance> is ELK_OS_INSTANCE or
#     <last component of checkout>-<first 8 hex digits of the SHA-256 of checkout>.
#
# <checkout> is the real path (no symbolic links, no trailing slash); its bytes are hashed without a newline.

set_state_dir() {
  instance=${ELK_OS_INSTANCE:-}
  case $instance in
    [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*)
      fail 2 "ELK_OS_INSTANCE is not a name: $instance" "it becomes a folder name (from the environment)" \
        "use letters, digits, '.', '_' and '-', a letter or digit first"
      ;;
  esac
  if [ -n "${ELK_OS_STATE_DIR:-}" ]; then
    state=$(make_absolute "$ELK_OS_STATE_DIR")
  elif [ "$(id -u)" != 0 ]; then
    state=$root/.elk-os
  else
    state=/var/lib/elk-os/${instance:-$(basename -- "$root")-$(printf %s "$root" | sha256sum | cut -c 1-8)}
  fi
  cache=$(make_absolute "${ELK_OS_CACHE_DIR:-$state/cache}")
}

make_absolute() {
  case $1 in
    /*) printf %s "$1" ;;
    *) printf %s "$PWD/$1" ;;
  esac
}

# Makes the folders, only when something is about to be written there. 0711: the services' user passes through to
# what it owns below, and cannot list the rest.
ensure_cache_dir() {
  [ -d "$cache" ] && [ -w "$cache" ] && return 0
  if ! { (umask 022 && { [ -d "$state" ] || { mkdir -p -- "$state" && chmod 0711 -- "$state"; }; } &&
    mkdir -p -- "$cache") 2>/dev/null && [ -w "$cache" ]; }; then
    fail 5 "cannot write to $cache" "$(id -un) may not create or change it" \
      "set ELK_OS_STATE_DIR to a folder of yours, or run as its owner"
  fi
}
