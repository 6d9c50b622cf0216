# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# The private Node and npm: pinned with integrity in bin/toolchain/package-lock.json, kept in <cache>/toolchain-<hash>.

pins=$root/bin/toolchain

machine_arch() {
  case $(uname -m) in
    x86_64 | amd64) echo x64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# locked PACKAGE FIELD: one string of one top-level entry of the lock.
locked() {
  awk -v entry="\"node_modules/$1\": {" -v field="\"$2\":" '
    index($0, entry) { inside = 1 }
    inside && $1 == field { gsub(/[",]/, "", $2); print $2; exit }
  ' "$pins/package-lock.json"
}

set_toolchain_dir() {
  [ -n "${toolchain:-}" ] || toolchain=$cache/toolchain-$(sha256sum <"$pins/package-lock.json" | cut -c 1-16)
}

toolchain_is_complete() {
  set_toolchain_dir
  [ -f "$toolchain/.complete" ]
}

has_system_npm() { npm --version >/dev/null 2>&1; }
fetch_registry() { printf %s "${ELK_OS_NPM_REGISTRY:-${npm_config_registry:-}}"; }
has_fetcher() { command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1; }

can_install_toolchain() {
  [ "$(uname -s)" = Linux ] && [ -n "$(locked "node-linux-$(machine_arch)" version)" ] || return 1
  has_system_npm || { [ -n "$(fetch_registry)" ] && has_fetcher; }
}

# Why neither an installed Node nor a way to install one was found.
describe_missing() {
  if [ "$(uname -s)" != Linux ] || [ -z "$(locked "node-linux-$(machine_arch)" version)" ]; then
    echo "there is no pinned Node for $(uname -s) $(uname -m); with Node 24 and npm on PATH it works"
  elif has_fetcher; then
    echo "npm is not on PATH, and neither ELK_OS_NPM_REGISTRY nor npm_config_registry names a registry to fetch from"
  else
    echo "npm, curl and wget are not on PATH"
  fi
}

use_toolchain() {
  node_dir=$toolchain/node_modules/.bin
  IFS=' ' read -r node_version node_arch <"$toolchain/.complete"
  node=$toolchain/node_modules/node-linux-$node_arch/bin/node
  # The private npm does not look where the machine's npm keeps its settings (registry, certificates): say where.
  if [ -z "${npm_config_globalconfig:-}" ] && [ -s "$toolchain/.globalconfig" ]; then
    npm_config_globalconfig=$(cat "$toolchain/.globalconfig")
    export npm_config_globalconfig
  fi
}

ensure_toolchain() {
  toolchain_is_complete && return 0
  ensure_cache_dir
  : >>"$cache/.launcher-lock"
  with_lock "$cache/.launcher-lock" install_toolchain
}

install_toolchain() {
  toolchain_is_complete && return 0
  rm -rf -- "$cache"/toolchain-*.partial
  unfinished=$toolchain.partial
  text="node $(locked "node-linux-$(machine_arch)" version), npm $(locked npm version)"
  run_step toolchain "$text" build_toolchain "$unfinished" ||
    fail_step "could not install $text" "fix what the lines above name, then run this again: nothing half-done is kept"
  mv -- "$unfinished" "$toolchain"
  unfinished=''
  step_line toolchain "$glyph_ok" "$text" "$step_seconds"
}

# build_toolchain FOLDER: everything but the final rename, so that FOLDER's final name means a whole toolchain.
build_toolchain() {
  build_arch=$(machine_arch)
  mkdir -- "$1" && cp -- "$pins/package.json" "$pins/package-lock.json" "$1/" && cd -- "$1" || return 1
  if is_bundled "$(bundled_toolchain)"; then
    unpack_bundled "$(bundled_toolchain)" . || return 1
  elif has_system_npm; then
    # verbose: npm names only there an optional package that it could not install, and the Nodes are optional.
    npm ci --ignore-scripts --include=optional --no-audit --no-fund --no-update-notifier --loglevel=verbose || return 1
    settings=$(npm config get globalconfig 2>/dev/null) || settings=''
    [ ! -f "$settings" ] || printf %s "$settings" >.globalconfig
  else
    fetch_package "node-linux-$build_arch" && fetch_package npm && mkdir node_modules/.bin || return 1
    link_command npm npm/bin/npm-cli.js && link_command npx npm/bin/npx-cli.js || return 1
  fi
  if [ ! -f "node_modules/node-linux-$build_arch/bin/node" ]; then
    echo "node-linux-$build_arch was left out by npm: not what the lock pins (integrity), or not in the registry"
    return 1
  fi
  # An old npm links no command of an optional package. npm would then run on the machine's old Node, which leaves out
  # optional packages that want a newer one, without a word: Directus lost its image library so.
  link_command node "node-linux-$build_arch/bin/node" || return 1
  built=$("node_modules/.bin/node" -p 'process.versions.node + " " + process.arch') || {
    echo "the pinned Node does not start on this machine: it needs glibc 2.28 or newer and libstdc++6"
    return 1
  }
  npm_node=$(PATH=$PWD/node_modules/.bin:$PATH npm version --json | sed -n 's/.*"node": *"\([^"]*\)".*/\1/p') || return 1
  [ "$npm_node" = "${built% *}" ] || { echo "npm runs on node $npm_node, not on the pinned ${built% *}" && return 1; }
  echo "$built" >.complete
}

link_command() { chmod +x "node_modules/$2" && ln -sf "../$2" "node_modules/.bin/$1"; }

# fetch_package NAME: one tarball of the lock, by curl or wget, unpacked only when its SHA-512 is the pinned one.
fetch_package() {
  version=$(locked "$1" version)
  url=$(fetch_registry)
  url=${url%/}/$1/-/$1-$version.tgz
  echo "fetching $url"
  if command -v curl >/dev/null 2>&1; then
    curl --fail --silent --show-error --location --retry 3 --output "$1.tgz" "$url" || return 1
  else
    wget -q -O "$1.tgz" "$url" || { echo "wget could not fetch it" && return 1; }
  fi
  pinned=$(locked "$1" integrity)
  expected=$(printf %s "${pinned#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  actual=$(sha512sum <"$1.tgz" | cut -d ' ' -f 1)
  if [ "$expected" != "$actual" ]; then
    echo "$1 $version: integrity mismatch: pinned sha512 $expected, fetched $actual"
    return 1
  fi
  mkdir -p -- "node_modules/$1"
  tar -xzf "$1.tgz" -C "node_modules/$1" --strip-components 1 && rm -- "$1.tgz"
}
