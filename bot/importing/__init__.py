"""`python -m bot import`: reads a dealer's files and takes them into the store, line by line."""

from bot.importing.run import import_files

__all__ = ["import_files"]
