"""The dealer's rules, pure: no database, no network, the clock is an argument."""
