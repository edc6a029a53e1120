"""Crashes, bursts and outages of the whole bot, with real processes and the platforms' fakes."""
