# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# A checkout that was unpacked from a bundle (`elk-os bundle export`): Node, npm and the packages lie in bundle/, for a machine without a network.
#
# Nothing is unpacked that is not what bundle/manifest.json says, which in turn must be what bundle/manifest.sha256 says.

bundle=$root/bundle

# wants_pinned_node ARGUMENT...: what a bundle holds was built by the pinned Node, so it is made and run by that one; ELK_OS_NODE counts for more.
wants_pinned_node() {
  [ -z "${ELK_OS_NODE:-}" ] && { [ -f "$root/release.json" ] || [ "${1:-} ${2:-}" = "bundle export" ]; }
}

bundled_toolchain() { echo "toolchain-$(machine_arch).tar.gz"; }
bundled_packages() { echo "packages-${facts%% *}.tar.gz"; }
is_bundled() { [ -f "$bundle/$1" ]; }

# A bundle of another architecture is told from one whose archive was deleted.
check_bundle_machine() {
  bundled_for=$(sed -n 's/^ *"architecture": "\(.*\)",$/\1/p' "$bundle/manifest.json" 2>/dev/null) || :
  case $bundled_for in
    '' | "$(machine_arch)") ;;
    *) fail 5 "this bundle is for $bundled_for, and this machine is $(machine_arch)" \
      "the programs in it cannot run here" "use the archive whose name ends in linux-$(machine_arch).tar" ;;
  esac
}

# unpack_bundled NAME FOLDER
unpack_bundled() {
  (cd -- "$bundle" && sha256sum -c manifest.sha256) || return 1
  pinned=$(awk -v entry="\"bundle/$1\":" '$1 == entry { gsub(/[",]/, "", $2); print $2; exit }' "$bundle/manifest.json")
  actual=$(sha256sum <"$bundle/$1" | cut -d ' ' -f 1)
  if [ "$pinned" != "$actual" ]; then
    echo "bundle/$1 is damaged: sha256 $actual, and the manifest says ${pinned:-nothing}. Unpack the bundle again."
    return 1
  fi
  tar -xzof "$bundle/$1" -C "$2"
}

unpack_packages() {
  for owner in . $(workspaces); do
    rm -rf -- "$root/$owner/node_modules" || return 1
  done
  unpack_bundled "$(bundled_packages)" "$root"
}
