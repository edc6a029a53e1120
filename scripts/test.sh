#!/usr/bin/env bash
# pytest with the options given. What failed is run once more, one test at a time: many tests wait for real clocks and real
# processes, which a crowded machine stretches. A fault fails both times; both runs are printed.
set -euo pipefail
cd "$(dirname "$0")/.."

pytest=(.venv/bin/python -m pytest -q "$@")
failed=1 # pytest's exit code for tests that failed, and for nothing else
"${pytest[@]}" && exit 0
code=$?
[ "$code" -eq "$failed" ] || exit "$code"
echo "Once more, one test at a time, what failed above:" >&2
exec "${pytest[@]}" -n 0 --last-failed --last-failed-no-failures none --exitfirst
