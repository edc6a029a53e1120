#!/usr/bin/env bash
# Makes .venv with Python 3.10 and exactly what requirements.lock names. Runs again only when the lock has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=.venv/.installed
wanted=$(cksum < requirements.lock)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null && exit 0

say() { printf '%s\n' "$*" >&2; }
is_310() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; }

# A working Python 3.10: on the PATH, or in pyenv's folder (its shim may refuse although the version is there).
find_python() {
    for python in python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10 /usr/local/bin/python3.10 python3; do
        if is_310 "$python"; then command -v "$python"; return; fi
    done
}

# uv: the one on the PATH, else from the package index into a folder of its own.
find_uv() {
    if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then command -v uv; return; fi
    [ -x .uv/bin/uv ] && { echo .uv/bin/uv; return; }
    for python in "$1" python3 python; do
        [ -n "$python" ] && "$python" -m venv .uv >/dev/null 2>&1 && .uv/bin/pip install -q --disable-pip-version-check uv >&2 && { echo .uv/bin/uv; return; }
    done
}

python=$(find_python || true)
uv=$(find_uv "$python" || true)
if [ -z "$uv" ]; then
    say "The installer uv could not be found or installed. Install Python 3.10 (for example: apt-get install python3.10-venv, or pyenv install 3.10), or uv itself, then run make again."
    exit 1
fi
say "[1/2] Making .venv with ${python:-a Python 3.10 that uv downloads} …"
if ! "$uv" venv -q --clear --python "${python:-3.10}" .venv; then
    say "No Python 3.10 was found and uv could not download one. Rasa 3.6 needs Python 3.10: install it (python3.10 on the PATH, or pyenv install 3.10), then run make again."
    exit 1
fi
say "[2/2] Installing the packages of requirements.lock (about 3 GB on disk; some minutes the first time) …"
if ! "$uv" pip install -q --python .venv/bin/python --compile-bytecode --require-hashes -r requirements.lock; then
    say "The packages could not be installed. Check that the package index can be reached and that 4 GB of disk are free, then run make again."
    exit 1
fi
echo "$wanted" > "$stamp"
