"""The studio: one screen where an editor writes an issue and sees all its editions, live."""
