"""The REST API /api/v1 for the dealer's other programs (DESIGN §4 HTTP)."""
