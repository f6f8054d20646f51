"""What Alembic runs: the migrations, on the connection that it is given."""

from alembic import context

from feedback import migrations
from feedback.db import Model

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=Model.metadata,
    **migrations.comparing(connection.dialect.name),
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
