"""What a planner fixed of a stop: its tour, or also its place in it."""

import sqlalchemy as sa
from alembic import op

revision = "0068_fixed_stops"
down_revision = "0070_tenders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stop") as batch:
        kinds = sa.Enum("tour", "place", name="stoplock", native_enum=False, create_constraint=True, length=24)
        batch.add_column(sa.Column("lock", kinds))


def downgrade() -> None:
    with op.batch_alter_table("stop") as batch:
        batch.drop_column("lock")
