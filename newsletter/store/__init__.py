"""The only SQL: who may be written to, what was sent, what happened. SQLAlchemy Core, SQLite or PostgreSQL."""
