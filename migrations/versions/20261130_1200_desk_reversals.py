"""What was taken back at the provider belongs to no refund, and is paid again as one more payout of its order."""

import sqlalchemy as sa
from alembic import op

revision = "0098_desk_reversals"
down_revision = "0097_issuer_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("payout") as batch:
        batch.add_column(sa.Column("part", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint(op.f("uq_payout_order_id_enterprise_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_payout_order_id_enterprise_id_part"), ["order_id", "enterprise_id", "part"]
        )
    with op.batch_alter_table("payout_reversal") as batch:
        batch.alter_column("refund_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("payout_reversal") as batch:
        batch.alter_column("refund_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("payout") as batch:
        batch.drop_constraint(op.f("uq_payout_order_id_enterprise_id_part"), type_="unique")
        batch.create_unique_constraint(op.f("uq_payout_order_id_enterprise_id"), ["order_id", "enterprise_id"])
        batch.drop_column("part")
