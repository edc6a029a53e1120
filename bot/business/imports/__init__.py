"""Reading a dealer's lists: which column is what, and what a cell means."""
