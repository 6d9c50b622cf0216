# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# Runs one slow command at a time: logged to a file, stoppable, with its duration on the line that reports it.

child='' spinner='' unfinished=''

stop_spinner() {
  [ -n "$spinner" ] || return 0
  kill "$spinner" 2>/dev/null || :
  wait "$spinner" 2>/dev/null || :
  spinner=''
  printf '\r%81s\r' '' >&2
}

# family PID: that process and all below it. Where there is no /proc, only itself.
family() {
  # shellcheck disable=SC2013 # words are meant: one file name each
  for descendant in $(grep -ls "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status); do
    descendant=${descendant#/proc/}
    family "${descendant%/status}"
  done
  echo "$1"
}

is_running() { kill -0 "$1" 2>/dev/null && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"; }

# Asks, waits up to 5 s for each (npm ends only between two packages), then insists.
end_family() {
  members=$(family "$1")
  # shellcheck disable=SC2086 # words are meant: pids
  kill $members 2>/dev/null || :
  for member in $members; do
    for _ in 1 2 3 4 5; do
      is_running "$member" || continue 2
      sleep 1
    done
    kill -9 "$member" 2>/dev/null || :
  done
}

on_signal() {
  trap '' HUP INT TERM
  stop_spinner
  [ -z "$child" ] || end_family "$child"
  [ -z "$unfinished" ] || rm -rf -- "$unfinished" || :
  exit "$1"
}

trap 'on_signal 129' HUP
trap 'on_signal 130' INT
trap 'on_signal 143' TERM

# with_lock FILE FUNCTION [ARGUMENT...]
# One launcher at a time for what FILE stands for. The kernel drops the lock with its last holder, so there is no stale
# lock to judge; a killed launcher's npm still holds it, and the next run waits until that npm has stopped writing.
# Without flock(1) (no Linux distribution lacks it) or on a file system without locks it goes on unguarded.
with_lock() {
  lock_file=$1
  shift
  if command -v flock >/dev/null 2>&1; then
    exec 9<"$lock_file"
    status=0
    flock -n 9 2>/dev/null || status=$?
    if [ "$status" = 1 ]; then
      note_line wait "another elk-os is installing; this one continues after it"
      flock 9 &
      child=$!
      wait "$child" || :
      child=''
    fi
  fi
  "$@"
  exec 9<&-
}

# run_step LABEL TEXT COMMAND...
# Runs COMMAND with its output in $step_log and sets step_seconds. Prints nothing when it is done; answers its status.
run_step() {
  step_label=$1 step_text=$2
  shift 2
  step_log=$cache/launcher.log
  step_began=$(date +%s)
  if [ -t 2 ] && [ "${ELK_OS_QUIET:-0}" != 1 ]; then
    spin "$step_label" "$step_text" 9<&- &
    spinner=$!
  fi
  # 022: what root installs must be readable for the user that the services run as.
  (umask 022 && "$@") >"$step_log" 2>&1 </dev/null &
  child=$!
  step_status=0
  wait "$child" || step_status=$?
  child=''
  stop_spinner
  step_seconds=$(format_seconds $(($(date +%s) - step_began)))
  return "$step_status"
}

# fail_step WHAT NEXT: the lines of the log that say something, then the error.
fail_step() {
  step_line "$step_label" "$glyph_failed" "$step_text" "$step_seconds"
  [ -z "$unfinished" ] || rm -rf -- "$unfinished"
  {
    grep '^npm error .' "$step_log" | grep -v '^npm error *at ' | head -n 8
    grep -Ev '^npm |^$' "$step_log" | tail -n 4
  } | sed 's/^/          /' >&2
  fail 5 "$1" "the whole output: $step_log" "$2"
}
