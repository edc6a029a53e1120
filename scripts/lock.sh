#!/usr/bin/env bash
# Writes requirements.lock: every package pinned, with hashes, without any address, so that every mirror serves it.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .uv/bin/uv)
"$uv" pip compile -q --python-version 3.10 --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links \
    --no-annotate --no-header pyproject.toml -o requirements.lock
