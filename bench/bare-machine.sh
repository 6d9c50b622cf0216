#!/bin/sh
# Runs Muster on a bare Debian: a fresh `debootstrap --variant=minbase` with npm and its old Node, no compiler, no
# Docker, empty caches, and a fresh clone of this repository's HEAD.
#
#   sudo bench/bare-machine.sh                 up, up again, doctor, down
#   sudo bench/bare-machine.sh version         one elk-os command instead
#
# The network is the host's, so the ports of the stack must be free. Processes and mounts live in namespaces of their
# own and end with this script. stdout: one line per command with its seconds and exit code, then memory and disk.
#
#   BARE_DIR     where to put the folder `machine`, default a new folder in TMPDIR; deleted at the end
#   BARE_KEEP=1  keep it, and build on it the next time (its caches are then no longer empty)
#   BARE_SUITE   Debian suite, default bookworm          BARE_MIRROR  mirror, default debootstrap's own
#   ELK_OS_*     is passed on
set -eu

repository=$(cd -P -- "$(dirname -- "$0")/.." && pwd)
suite=${BARE_SUITE:-bookworm}

for tool in debootstrap unshare git; do
  command -v "$tool" >/dev/null || { echo "bare-machine: $tool is missing; next: apt-get install $tool" >&2; exit 5; }
done
[ "$(id -u)" = 0 ] || { echo "bare-machine: debootstrap and chroot need root" >&2; exit 5; }

folder=${BARE_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/bare-machine.XXXXXX")}
machine=$folder/machine

clean_up() {
  status=$?
  if [ "${BARE_KEEP:-0}" != 1 ]; then
    rm -rf --one-file-system -- "$machine" "$folder/debootstrap.log" "$folder/apt.log"
    rmdir -- "$folder" 2>/dev/null || :
  fi
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf 'bare-machine: %s\n' "$*" >&2; }

# In the machine, with nothing of the caller's environment but what is named here.
inside() {
  env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive chroot "$machine" "$@"
}

# What a machine on this network needs to reach the same servers: names, the host's CA bundle, npm's site settings.
copy_network_settings() {
  cp -L /etc/resolv.conf /etc/hosts "$machine/etc/"
  if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
    cp -L /etc/ssl/certs/ca-certificates.crt "$machine/etc/ssl/certs/ca-certificates.crt"
  fi
}

copy_npm_settings() {
  host_settings=$(npm config get globalconfig 2>/dev/null) || return 0
  [ -s "$host_settings" ] || return 0
  machine_settings=$machine$(inside npm config get globalconfig)
  mkdir -p -- "$(dirname -- "$machine_settings")"
  cp -- "$host_settings" "$machine_settings"
}

if [ ! -f "$machine/.built" ]; then
  say "debootstrap $suite in $machine"
  mkdir -p -- "$folder"
  rm -rf --one-file-system -- "$machine"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$machine" ${BARE_MIRROR:+"$BARE_MIRROR"} \
    >"$folder/debootstrap.log" 2>&1 || { tail -n 20 "$folder/debootstrap.log" >&2; exit 5; }
  copy_network_settings
  say "apt-get install npm (without recommended packages)"
  { inside apt-get update && inside apt-get install -y --no-install-recommends npm; } >"$folder/apt.log" 2>&1 ||
    { tail -n 20 "$folder/apt.log" >&2; exit 5; }
  : >"$machine/.built"
fi
copy_network_settings
copy_npm_settings

for tool in cc gcc g++ c++ clang make docker; do
  ! inside sh -c "command -v $tool" || { say "$tool is there: this is not a bare machine"; exit 5; }
done
say "node $(inside node --version), npm $(inside npm --version), no compiler, no Docker"

rm -rf -- "$machine/opt/muster"
git clone --quiet --no-hardlinks -- "$repository" "$machine/opt/muster"
say "clone of $(git -C "$repository" rev-parse --short HEAD)"

# Runs inside the namespaces. A /dev/shm, because Postgres shares memory through it.
cat >"$machine/opt/run-bare" <<'RUN'
#!/bin/sh
cd /opt/muster || exit 5
failed=0

elk_os() {
  began=$(date +%s.%N)
  status=0
  ./bin/elk-os "$@" >&2 </dev/null || status=$?
  [ "$status" = 0 ] || failed=$status
  printf '%s %s %s\n' "$began" "$(date +%s.%N)" "$status" |
    awk -v command="elk-os $*" '{ printf "%-28s %8.1f s  exit %d\n", command, $2 - $1, $3 }'
}

# Everything that runs here, in MiB; this shell and its tools are some 5 MiB of the PSS. RSS counts a page that several
# processes share once for each of them; PSS counts it once.
memory() {
  cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Rss:/ { rss += $2 } /^Pss:/ { pss += $2 } END {
    printf "memory (RSS, idle)   %8.0f MiB\nmemory (PSS, idle)   %8.0f MiB\n", rss / 1024, pss / 1024
  }'
}

if [ $# -gt 0 ]; then
  elk_os "$@"
else
  elk_os up
  elk_os up
  elk_os doctor
  memory
  elk_os down
fi
du -sm /opt/muster /var/lib/elk-os /var/lib/elk-os/*/data /var/lib/elk-os/*/cache/* 2>/dev/null |
  sed "s,/var/lib/elk-os/[^/]*/,<state>/," | awk '{ printf "disk %-40s %8d MiB\n", $2, $1 }'
exit "$failed"
RUN
chmod +x "$machine/opt/run-bare"

set -- chroot "$machine" /opt/run-bare "$@"
settings=$(env | sed -n 's/^\(ELK_OS_[A-Z0-9_]*\)=.*/\1/p')
for name in $settings; do
  set -- "$name=$(printenv "$name")" "$@"
done
# shellcheck disable=SC2016 # expanded by the inner shell
unshare --mount --pid --fork --kill-child sh -c '
  machine=$1
  shift
  mount -t proc proc "$machine/proc"
  mkdir -p "$machine/dev/shm"
  mount -t tmpfs -o mode=1777 tmpfs "$machine/dev/shm"
  exec env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
' sh "$machine" "$@"
