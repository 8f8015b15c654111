"""Alembic's entry: runs the migrations on the connection that `store.upgrade` passes in, in its transaction."""

from __future__ import annotations

from alembic import context

from newsletter.store import schema_access as schema_access
from newsletter.store import schema_clicks as schema_clicks
from newsletter.store import schema_counts as schema_counts
from newsletter.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=False,
)
context.run_migrations()
