"""Disputes, refused webhooks, refunds that came back, debts netted in later payouts, payouts on hold."""

import sqlalchemy as sa
from alembic import op

revision = "0030_disputes"
down_revision = "0006_batch_runs"
branch_labels = None
depends_on = None

STATES = ("inquiry", "open", "won", "lost")


def _moment(name, *, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _cents(name):
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _columns():
    return {
        "refund": (_cents("refusals"), _moment("returned_at"), _moment("repaid_at")),
        "payout": (
            _cents("netted_cents"),
            _cents("refusals"),
            _moment("held_at"),
            sa.Column("hold_reason", sa.String(length=200), nullable=False, server_default=""),
        ),
        "payout_reversal": (
            _cents("netted_cents"),
            sa.Column("asked_cents", sa.Integer(), nullable=True),
            _cents("refusals"),
        ),
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("taken_cents", sa.Integer(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="disputestate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=60), nullable=False),
        _moment("answer_by"),
        _moment("opened_at", nullable=False),
        _moment("closed_at"),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_dispute_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id_payment")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_dispute_order_id_customer_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispute_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_dispute_reference")),
    )
    for column in ("payment_id", "order_id", "state"):
        op.create_index(op.f(f"ix_dispute_{column}"), "dispute", [column])
    op.create_table(
        "webhook_refusal",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        _moment("last_at", nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", name=op.f("pk_webhook_refusal")),
    )
    op.create_table(
        "netting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("payout_id", sa.Integer(), nullable=False),
        sa.Column("reversal_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("booked_at"),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_netting_amount")),
        sa.ForeignKeyConstraint(["payout_id"], ["payout.id"], name=op.f("fk_netting_payout_id_payout")),
        sa.ForeignKeyConstraint(
            ["reversal_id"], ["payout_reversal.id"], name=op.f("fk_netting_reversal_id_payout_reversal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_netting")),
        sa.UniqueConstraint("payout_id", "reversal_id", name=op.f("uq_netting_payout_id_reversal_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_netting_public_id")),
    )
    op.create_index(op.f("ix_netting_payout_id"), "netting", ["payout_id"])
    op.create_index(op.f("ix_netting_reversal_id"), "netting", ["reversal_id"])


def downgrade() -> None:
    for table in ("netting", "webhook_refusal", "dispute"):
        op.drop_table(table)
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
