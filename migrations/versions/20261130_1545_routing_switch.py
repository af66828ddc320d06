"""What coordinators may switch off in routing."""

import sqlalchemy as sa
from alembic import op

revision = "0122_routing_switch"
down_revision = "0121_drawn_zones"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_switch",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_routing_switch")),
    )


def downgrade() -> None:
    op.drop_table("routing_switch")
