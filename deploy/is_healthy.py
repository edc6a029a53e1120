"""Health check of a container: `is_healthy.py URL` ends with 0 when the address answers 200; slim images lack curl."""

import sys
import urllib.error
import urllib.request


def is_healthy(url: str) -> bool:
    """Whether the address answers 200 within four seconds."""
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310 - an address of ours
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


if __name__ == "__main__":
    raise SystemExit(0 if is_healthy(sys.argv[1]) else 1)
