#!/bin/sh
# Powers this machine off when nobody is logged in and nobody used the board for that long. muster-idle.timer starts it, where somebody
# switched that on.
#
#   deploy/box/power-off-when-idle.sh MINUTES
#
# Exit codes: 9 somebody is logged in or the board is in use; otherwise that of what failed, and the machine stays on.
set -eu

minutes=${1:?usage: power-off-when-idle.sh MINUTES}
root=/opt/muster

# A tunnel through SSH is a session, too: who reads the portal by it leaves no trace on the board.
sessions=$(loginctl --no-legend --no-pager list-sessions)
if [ -n "$sessions" ]; then
  echo "muster: somebody is logged in; the machine stays on" >&2
  exit 9
fi

"$root/bin/elk-os" idle --minutes "$minutes"
# A machine that runs for less than an hour at a time would never take one: the supervisor does so at its hour.
"$root/bin/elk-os" events checkpoint
systemctl poweroff
