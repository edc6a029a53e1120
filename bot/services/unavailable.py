"""What a use case raises when it is not the customer's request but the store that stands in the way."""


class StoreUnavailable(Exception):
    """The database is locked, full or away; nothing of the transaction was kept, it may be tried again."""
