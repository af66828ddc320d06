"""What planning a cycle's orders together gave."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_batch_runs"
down_revision = "0005_asked_work"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "batch_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("hub_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("staying", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("unserved", sa.Integer(), nullable=False),
        sa.Column("cost_before", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("bound", sa.Integer(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("floor_percent", sa.Integer(), nullable=False),
        sa.Column("floor_price", sa.Integer(), nullable=False),
        sa.Column("steps", json, nullable=False),
        sa.CheckConstraint(
            "orders >= 0 AND staying >= 0 AND moved >= 0 AND unserved >= 0", name=op.f("ck_batch_run_counts")
        ),
        sa.CheckConstraint("bound >= 0 AND bound <= cost + 1", name=op.f("ck_batch_run_bound")),
        sa.CheckConstraint("floor_percent BETWEEN 0 AND 100", name=op.f("ck_batch_run_floor")),
        sa.ForeignKeyConstraint(["cycle_id"], ["order_cycle.id"], name=op.f("fk_batch_run_cycle_id_order_cycle")),
        sa.ForeignKeyConstraint(["hub_id"], ["enterprise.id"], name=op.f("fk_batch_run_hub_id_enterprise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_run")),
        sa.UniqueConstraint("public_id", name=op.f("uq_batch_run_public_id")),
    )
    op.create_index(op.f("ix_batch_run_cycle_id"), "batch_run", ["cycle_id"])


def downgrade() -> None:
    op.drop_table("batch_run")
