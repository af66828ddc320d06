"""Carriers that fetch what an enterprise would bring itself, and days on which they do not."""

import sqlalchemy as sa
from alembic import op

revision = "0110_collections"
down_revision = "0096_legal_forms"
branch_labels = None
depends_on = None

STATES = sa.Enum(
    "asked",
    "agreed",
    "declined",
    "withdrawn",
    "ended",
    name="collectionstate",
    native_enum=False,
    create_constraint=True,
    length=24,
)
STANDING = sa.text("state IN ('asked', 'agreed')")


def upgrade() -> None:
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("collector_id", sa.Integer(), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("ready_from", sa.Time(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("giver_id <> collector_id", name=op.f("ck_collection_two_parties")),
        sa.ForeignKeyConstraint(["giver_id"], ["enterprise.id"], name=op.f("fk_collection_giver_id_enterprise")),
        sa.ForeignKeyConstraint(
            ["collector_id"], ["enterprise.id"], name=op.f("fk_collection_collector_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("public_id", name=op.f("uq_collection_public_id")),
    )
    op.create_index(op.f("ix_collection_giver_id"), "collection", ["giver_id"])
    op.create_index(op.f("ix_collection_collector_id"), "collection", ["collector_id"])
    op.create_index(
        "ux_collection_standing",
        "collection",
        ["giver_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "collection_skip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_collector", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("fk_collection_skip_collection_id_collection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_skip")),
        sa.UniqueConstraint("collection_id", "day", name=op.f("uq_collection_skip_collection_id_day")),
    )
    op.create_index(op.f("ix_collection_skip_collection_id"), "collection_skip", ["collection_id"])


def downgrade() -> None:
    op.drop_table("collection_skip")
    op.drop_table("collection")
