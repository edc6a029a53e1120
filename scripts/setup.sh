#!/usr/bin/env bash
# Makes .venv with Python 3.10 and exactly what requirements.lock names. Runs again only when the lock has changed; the
# new one is made beside the old one, which stays as it is until the new one is complete.
set -euo pipefail
cd "$(dirname "$0")/.."

new=.venv.new
stamp=.venv/.installed
wanted=$(cksum < requirements.lock)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null && exit 0

say() { printf '%s\n' "$*" >&2; }
is_310() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; }
# Only an environment that names no folder can be moved into place.
can_move() { "$1" venv --help 2>/dev/null | grep -q -- --relocatable; }
stop() {
    say "$1"
    rm -rf "$new"
    [ -x .venv/bin/python ] && say "The packages that were installed before stay in place."
    exit 1
}

# A working Python 3.10: on the PATH, or in pyenv's folder (its shim may refuse although the version is there).
find_python() {
    for python in python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10 /usr/local/bin/python3.10 python3; do
        if is_310 "$python"; then command -v "$python"; return; fi
    done
}

# uv: the one on the PATH, else from the package index into a folder of its own.
find_uv() {
    if command -v uv >/dev/null && can_move uv; then command -v uv; return; fi
    [ -x .uv/bin/uv ] && can_move .uv/bin/uv && { echo .uv/bin/uv; return; }
    for python in "$1" python3 python; do
        [ -n "$python" ] && "$python" -m venv .uv >/dev/null 2>&1 && .uv/bin/pip install -q --disable-pip-version-check -U uv >&2 && { echo .uv/bin/uv; return; }
    done
}

python=$(find_python || true)
uv=$(find_uv "$python" || true)
if [ -z "$uv" ]; then
    stop "The installer uv could not be found or installed. Install Python's venv module (Debian, Ubuntu: apt-get install python3-venv) or uv itself, check that the package index can be reached (PIP_INDEX_URL names another one), then run make again."
fi
say "[1/2] Preparing ${python:-a Python 3.10 that uv downloads} …"
if ! "$uv" venv -q --clear --relocatable --python "${python:-3.10}" "$new"; then
    stop "No Python 3.10 was found and uv could not download one. Rasa 3.6 needs Python 3.10: install it (Ubuntu 22.04: apt-get install python3.10-venv; elsewhere pyenv install 3.10), or set UV_PYTHON_INSTALL_MIRROR to an address that can be reached, then run make again."
fi
say "[2/2] Installing the packages of requirements.lock (about 3 GB on disk; some minutes the first time) …"
if ! "$uv" pip install -q --python "$new/bin/python" --compile-bytecode --require-hashes --no-deps -r requirements.lock; then
    stop "The packages could not be installed. Check that the package index can be reached (UV_DEFAULT_INDEX names another one) and that 4 GB of disk are free, then run make again."
fi
echo "$wanted" > "$new/.installed"
rm -rf .venv.old
[ ! -e .venv ] || mv .venv .venv.old
mv "$new" .venv
rm -rf .venv.old
