"""The history of the tables, run by Store.start() (bot/store/migrate.py)."""
