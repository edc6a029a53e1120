"""Measures what the README states: `make bench`."""
