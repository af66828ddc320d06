"""How long the way to a stop and the stop itself take, so that a late driver moves what comes after."""

import sqlalchemy as sa
from alembic import op

revision = "0040_stop_seconds"
down_revision = "0032_refund_and_shares"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stop") as batch:
        batch.add_column(sa.Column("seconds", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("stay_s", sa.Integer(), nullable=False, server_default="0"))
    # Tours planned before get what a bike does at 15 km/h and what one order takes at the usual pace.
    op.execute("UPDATE stop SET seconds = metres * 6 / 25, stay_s = CASE WHEN kind = 'pickup' THEN 819 ELSE 273 END")
    with op.batch_alter_table("stop") as batch:
        batch.alter_column("seconds", server_default=None)
        batch.alter_column("stay_s", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("stop") as batch:
        batch.drop_column("stay_s")
        batch.drop_column("seconds")
