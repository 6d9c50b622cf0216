#!/bin/sh
set -e
# An option or a script goes to Node; a program on PATH is started as it is.
case "${1:-}" in
  -*) set -- node "$@" ;;
  *) command -v "${1:-node}" > /dev/null 2>&1 || set -- node "$@" ;;
esac
exec "$@"
