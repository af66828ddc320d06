"""Long work that somebody asked for. The table was never written to, so it is made anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_asked_work"
down_revision = "0004_keyed_requests"
branch_labels = None
depends_on = None

STATES = ("due", "running", "done", "failed", "cancelled")


def upgrade() -> None:
    op.drop_table("progress")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("asked", json, nullable=False),
        sa.Column("result", json, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="progressstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_progress_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
        sa.UniqueConstraint("public_id", name=op.f("uq_progress_public_id")),
    )
    op.create_index(op.f("ix_progress_kind"), "progress", ["kind"])
    op.create_index(op.f("ix_progress_enterprise_id"), "progress", ["enterprise_id"])


def downgrade() -> None:
    op.drop_table("progress")
    op.create_table(
        "progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_progress_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
        sa.UniqueConstraint("public_id", name=op.f("uq_progress_public_id")),
    )
    op.create_index(op.f("ix_progress_kind"), "progress", ["kind"])
    op.create_index(op.f("ix_progress_enterprise_id"), "progress", ["enterprise_id"])
