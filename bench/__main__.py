"""Every measurement of the README, one after the other: `make bench`."""

from __future__ import annotations

from bench import growth, speed

if __name__ == "__main__":
    speed.main()
    growth.main()
