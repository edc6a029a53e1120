"""Use cases: one function, one unit of work; entry points open the transaction."""
