"""What a stop costs a carrier in its tours, against a trip of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0071_stop_costs"
down_revision = "0080_price_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stop_cost",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("tours", sa.Integer(), nullable=False),
        sa.Column("stops", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("alone_metres", sa.Integer(), nullable=False),
        sa.Column("share_pct", sa.Integer(), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share_pct BETWEEN 1 AND 100", name=op.f("ck_stop_cost_share")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_stop_cost_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_stop_cost")),
    )


def downgrade() -> None:
    op.drop_table("stop_cost")
