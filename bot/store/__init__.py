"""The dealer's appointment and CRM database: tables, queries, unit of work, migrations; the only SQLAlchemy."""
