# shellcheck shell=sh disable=SC2034,SC2154 # names shared with bin/elk-os
# What the launcher says: one line per finished step, and errors as what, why, next. All of it on stderr.

choose_glyphs() {
  use_ascii
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) glyph_ok='✓' glyph_failed='✗' glyph_note='–' frames='⠋ ⠙ ⠹ ⠸ ⠼ ⠴ ⠦ ⠧ ⠇ ⠏' ;;
  esac
  for argument in "$@"; do
    [ "$argument" != --ascii ] || use_ascii
  done
  [ "${ELK_OS_ASCII:-0}" != 1 ] || use_ascii
}

use_ascii() { glyph_ok='+' glyph_failed='x' glyph_note='-' frames='- \ | /'; }

# format_seconds 65 -> "1 m 05 s"
format_seconds() {
  if [ "$1" -lt 60 ]; then
    printf '%d s' "$1"
  else
    printf '%d m %02d s' $(($1 / 60)) $(($1 % 60))
  fi
}

# step_line LABEL GLYPH TEXT TIME: the columns of the CLI's own progress lines.
step_line() {
  [ "${ELK_OS_QUIET:-0}" = 1 ] || printf '%-10s%s %-58s %10s\n' "$1" "$2" "$3" "$4" >&2
}

note_line() {
  [ "${ELK_OS_QUIET:-0}" = 1 ] || printf '%-10s%s %s\n' "$1" "$glyph_note" "$2" >&2
}

# fail CODE WHAT WHY NEXT
fail() {
  printf 'elk-os: %s\n        %s\n        next: %s\n' "$2" "$3" "$4" >&2
  exit "$1"
}

# Draws until it or the launcher is killed. Only for a person who is watching: never without a terminal.
spin() {
  began=$(date +%s)
  while :; do
    for frame in $frames; do
      kill -0 $$ 2>/dev/null || return 0
      printf '\r%-10s%s %-58s %10s' "$1" "$frame" "$2" "$(format_seconds $(($(date +%s) - began)))" >&2
      sleep 1
    done
  done
}
