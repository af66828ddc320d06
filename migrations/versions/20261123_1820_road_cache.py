"""Remember ways by road, which a road service took time to find."""

import sqlalchemy as sa
from alembic import op

revision = "0041_road_cache"
down_revision = "0040_stop_seconds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "road_cache",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_road_cache")),
    )
    op.create_index(op.f("ix_road_cache_kept_at"), "road_cache", ["kept_at"])


def downgrade() -> None:
    op.drop_table("road_cache")
