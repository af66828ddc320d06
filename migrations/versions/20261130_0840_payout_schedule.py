"""On which days an enterprise wants its money, and from which amount."""

import sqlalchemy as sa
from alembic import op

revision = "0084_payout_schedule"
down_revision = "0071_stop_costs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payout_schedule",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column(
            "interval",
            sa.Enum(
                "daily", "weekly", "monthly", name="interval", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("anchor", sa.Integer(), nullable=False),
        sa.Column("minimum_cents", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minimum_cents >= 0 AND anchor >= 0", name=op.f("ck_payout_schedule_amounts")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_payout_schedule_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_payout_schedule")),
    )


def downgrade() -> None:
    op.drop_table("payout_schedule")
