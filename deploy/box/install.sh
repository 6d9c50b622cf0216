#!/bin/sh
# Makes Muster a part of this machine: user, units, and with a name also a proxy with TLS before the portal. Then starts it.
#
#   deploy/box/install.sh [DOMAIN]
#
# As root, from the checkout at /opt/muster. Run again, it changes what differs and starts what is missing. It ends with 0 only when
# the board is green, and then writes the commit to /var/lib/elk-os/.bootstrapped.
# Exit codes of its own: 2 called wrongly, 5 the machine lacks something.
set -eu

domain=${1:-}
root=/opt/muster
proof=/var/lib/elk-os/.bootstrapped

fail() {
  code=$1
  shift
  printf 'muster: %s\n' "$@" >&2
  exit "$code"
}

[ "$(id -u)" = 0 ] || fail 2 "this needs root: sudo $0"
[ "$(cd -P -- "$(dirname -- "$0")/../.." && pwd)" = "$root" ] || fail 2 "the checkout must be $root, which the units name"
case $domain in
  *[!a-z0-9.-]* | .* | -*) fail 2 "not a domain name: $domain" "use lower-case letters, digits, dots and dashes" ;;
esac
command -v systemctl >/dev/null || fail 5 "systemd does not run this machine" "start bin/elk-os up by what does"

rm -f -- "$proof"
install -D -m 0644 -- "$root/deploy/systemd/muster.sysusers.conf" /etc/sysusers.d/muster.conf
systemd-sysusers /etc/sysusers.d/muster.conf
install -m 0644 -- "$root"/deploy/systemd/*.service "$root"/deploy/systemd/*.timer /etc/systemd/system/
systemctl daemon-reload

if [ -n "$domain" ]; then
  # Strangers will read the portal: names of people, costs and evidence stay out of it.
  if ! grep -qs '^ELK_OS_PORTAL_PUBLIC=' "$root/.env"; then
    echo 'ELK_OS_PORTAL_PUBLIC=true' >>"$root/.env"
  fi
  command -v caddy >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends caddy
  site=$(mktemp)
  trap 'rm -f -- "$site"' EXIT
  sed "s/muster\.example\.com/$domain/" "$root/deploy/box/Caddyfile" >"$site"
  caddy validate --config "$site" --adapter caddyfile >/dev/null
  install -D -m 0644 -- "$site" /etc/caddy/Caddyfile
  systemctl enable --quiet caddy.service
  systemctl reload-or-restart caddy.service
fi

systemctl enable --quiet muster.service muster-doctor.timer
# Where it runs already, another commit or setting is taken up by a reload.
if systemctl --quiet is-active muster.service; then
  systemctl reload muster.service
else
  systemctl start muster.service
fi
systemctl start muster-doctor.timer

"$root/bin/elk-os" doctor
if [ -f "$root/release.json" ]; then
  sed -n 's/.*"commit": "\(.*\)".*/\1/p' "$root/release.json" >"$proof"
else
  git -C "$root" rev-parse HEAD >"$proof"
fi
