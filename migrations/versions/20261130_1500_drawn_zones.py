"""Pedestrian zones that hubs draw."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0121_drawn_zones"
down_revision = "0121_handles_apart"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "drawn_zone",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("outline", JSON, nullable=False),
        sa.Column("weekdays", JSON, nullable=False),
        sa.Column("shut_from", sa.Time(), nullable=True),
        sa.Column("shut_until", sa.Time(), nullable=True),
        sa.Column("open_fuels", JSON, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(shut_from IS NULL) = (shut_until IS NULL) AND shut_from < shut_until",
            name=op.f("ck_drawn_zone_hours"),
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["enterprise.id"], name=op.f("fk_drawn_zone_hub_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn_zone")),
        sa.UniqueConstraint("public_id", name=op.f("uq_drawn_zone_public_id")),
    )
    op.create_index(op.f("ix_drawn_zone_hub_id"), "drawn_zone", ["hub_id"])


def downgrade() -> None:
    op.drop_table("drawn_zone")
