#!/bin/sh
# Installs the Debian packages named by what needs them, when they are missing
# and we are root; otherwise prints the one line that does.
#   deploy/need.sh postgres chromium
set -eu

missing=
sounds=/usr/share/asterisk/sounds/en_US_f_Allison
transcript=/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz
have() { command -v "$1" >/dev/null 2>&1; }
has_postgres() { have initdb || [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null || true)" ]; }

for what in "$@"; do
  case $what in
    postgres) has_postgres || missing="$missing postgresql" ;;
    voices)
      have flite || missing="$missing flite"
      have opusenc || missing="$missing opus-tools"
      ;;
    recordings) # a voice, and what it says, for tests of captions
      [ -e "$transcript" ] || missing="$missing asterisk-core-sounds-en"
      [ -e "$sounds/conf-kicked.g722" ] || missing="$missing asterisk-core-sounds-en-g722"
      have opusenc || missing="$missing opus-tools"
      ;;
    chromium) [ -n "${CHROMIUM:-}" ] || have chromium || missing="$missing chromium" ;;
    *) echo "need.sh: unknown: $what" >&2; exit 2 ;;
  esac
done

[ -n "$missing" ] || exit 0
install="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ] || ! have apt-get; then
  echo "Missing:$missing. Install with:  sudo sh -c '$install'" >&2
  exit 1
fi
echo "Installing$missing"
log=$(mktemp)
if ! DEBIAN_FRONTEND=noninteractive sh -c "$install" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
rm -f "$log"
