#!/usr/bin/env bash
# The programs the tests use besides Python: a PostgreSQL server, Chromium, a font with Chinese characters, and what the
# deployment is checked with (docker-compose without an engine, Caddy, nginx, sqlite3).
set -euo pipefail

missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
fc-list :lang=zh 2>/dev/null | grep -q . || missing+=(fontconfig fonts-noto-cjk)
for program in docker-compose caddy nginx sqlite3; do
    command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "The tests need: ${missing[*]}. Install them with your package manager, then run make test again." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "The tests need: ${missing[*]}. Ask an administrator to run: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
echo "Installing for the tests: ${missing[*]} …" >&2
if ! { "${as_root[@]}" apt-get update -q >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2; }; then
    echo "The tests need: ${missing[*]}. apt-get could not install them; install them by hand, then run make test again." >&2
    exit 1
fi
# Only the tests want them: as services they would hold the ports 80 and 443.
if [ -d /run/systemd/system ]; then
    for program in caddy nginx; do
        [[ " ${missing[*]} " == *" $program "* ]] && { "${as_root[@]}" systemctl disable --now "$program" >&2 || true; }
    done
fi
exit 0
