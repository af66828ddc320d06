"""Documents go over Peppol: where each of them is. Documents of before become due."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021_document_sending"
down_revision = "0011_week_plan"
branch_labels = None
depends_on = None

STATES = ("made", "sent", "delivered", "refused")
SELF_BILLED = ("purchase_note", "purchase_credit")
ELECTRONIC = ("invoice", "credit_note", *SELF_BILLED)


def upgrade() -> None:
    made = op.create_table(
        "document_sending",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.String(length=24), nullable=False),
        sa.Column("receiver", sa.String(length=24), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="sendingstate", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_sending_document_id_document")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_sending")),
    )
    op.create_index(op.f("ix_document_sending_state_due_at"), "document_sending", ["state", "due_at"])
    rows = [_owed(*row) for row in op.get_bind().execute(_documents())]
    if rows:
        op.bulk_insert(made, rows)


def _documents() -> sa.Select:
    document = sa.table(
        "document",
        sa.column("id", sa.Integer()),
        sa.column("kind", sa.String()),
        sa.column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    columns = (document.c.id, document.c.kind, document.c.content, document.c.created_at)
    return sa.select(*columns).where(document.c.kind.in_(ELECTRONIC))


def _owed(number: int, kind: str, content: dict, made_at: object) -> dict:
    seller, buyer = (f"0208:{content['draft'][role]['kbo']}" for role in ("seller", "buyer"))
    if kind in SELF_BILLED:
        seller, buyer = buyer, seller
    return {
        "document_id": number,
        "sender": seller,
        "receiver": buyer,
        "state": "made",
        "turn": 1,
        "attempts": 0,
        "due_at": made_at,
        "reason": "",
    }


def downgrade() -> None:
    op.drop_table("document_sending")
