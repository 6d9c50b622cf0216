# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# The workspace packages: node_modules is right when its stamp says what a stamp written now would say.
#
# The stamp is one line: <hash of the lock and every workspace's package.json> <Node major> <arch> <production|full>.
# `full` has the development packages and satisfies a production need. They are wanted for `elk-os test`, with
# ELK_OS_DEV=1, and wherever they already are: an update never takes a developer's tools away.
# A folder that a person filled with `npm install` is adopted when it holds exactly what the lock says.

modules=$root/node_modules
stamp=$modules/.elk-os-stamp

workspaces() {
  tr -d '\n' <"$root/package.json" | sed -n 's/.*"workspaces"[^[]*\[\([^]]*\)\].*/\1/p' | tr -d '" ' | tr , ' '
}

set_package_facts() {
  set -- package.json package-lock.json
  for workspace in $(workspaces); do
    set -- "$@" "$workspace/package.json"
  done
  facts="$(cd -- "$root" && sha256sum -- "$@" | sha256sum | cut -c 1-16) ${node_version%%.*} $node_arch"
}

# wanted_mode FIRST_ARGUMENT
wanted_mode() {
  if [ "${1:-}" = test ] || [ "${ELK_OS_DEV:-0}" = 1 ] ||
    grep -qs ' full$' "$stamp" || grep -qs '"dev": true' "$modules/.package-lock.json"; then
    echo full
  else
    echo production
  fi
}

packages_are_right() {
  stamped=''
  [ ! -f "$stamp" ] || IFS= read -r stamped <"$stamp" || :
  [ "$stamped" = "$facts full" ] || { [ "$mode" = production ] && [ "$stamped" = "$facts production" ]; }
}

# Adopts only when no stamp says that another Node or another machine's packages are there.
adopt_packages() {
  case "$stamped " in
    ' ' | *" ${node_version%%.*} $node_arch "*) ;;
    *) return 1 ;;
  esac
  "$node" "$root/bin/launcher/packages-match.mjs" "$root" "$mode" 2>/dev/null
}

ensure_packages() {
  set_package_facts
  mode=$(wanted_mode "${1:-}")
  packages_are_right && return 0
  with_lock "$root/package-lock.json" install_packages
}

install_packages() {
  packages_are_right && return 0
  if adopt_packages; then
    # Read-only and yet right: there is nowhere to note it, so the next run looks again.
    { echo "$facts $mode" >"$stamp"; } 2>/dev/null || :
    return 0
  fi
  if [ ! -w "$root" ] || { [ -e "$modules" ] && [ ! -w "$modules" ]; }; then
    fail 5 "the packages in $root are missing or out of date, and it is read-only for $(id -un)" \
      "the launcher would run npm ci there" "run elk-os once as the owner of that folder, or use a copy of your own"
  fi
  ensure_cache_dir
  # From here until the new stamp is written, nothing in node_modules may pass for complete.
  rm -f -- "$stamp" "$modules/.package-lock.json"
  if [ "$mode" = production ] && is_bundled "$(bundled_packages)"; then
    run_step packages "unpack the bundle's packages" unpack_packages || fail_step "could not unpack the packages" \
      "fix what the lines above name (disk space, a damaged file), then run this again: it starts over"
  else
    omit=--omit=dev
    [ "$mode" = production ] || omit=--include=dev
    run_step packages "npm ci ($mode)" npm_ci "$omit" || fail_step "could not install the packages" \
      "fix what the lines above name (network, disk space), then run this again: it starts over"
  fi
  { echo "$facts $mode" >"$stamp.partial" && mv -- "$stamp.partial" "$stamp"; }
  step_line packages "$glyph_ok" "$(count_packages) packages ($mode)" "$step_seconds"
  if grep -q '"node_modules/hnswlib-node"' "$root/package-lock.json" && [ ! -d "$modules/hnswlib-node" ]; then
    note_line packages "hnswlib-node is not there (no compiler where it was installed?): search compares vectors exactly instead"
  fi
}

npm_ci() {
  cd -- "$root" && npm ci "$1" --include=optional --no-audit --no-fund --no-update-notifier --loglevel=error
}

count_packages() { grep -c '^    "node_modules/' "$modules/.package-lock.json" || :; }
