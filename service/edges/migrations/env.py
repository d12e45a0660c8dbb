"""What Alembic runs: the steps, on the connection and in the transaction that `upgrade` was given."""

from alembic import context

from service.edges.sql_schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
