"""For how much one orders of a farm at least."""

from alembic import op

revision = "0065_least_order"
down_revision = "0064_shortages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE enterprise ADD COLUMN least_order_cents INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_enterprise_least_order CHECK (least_order_cents >= 0)"
    )


def downgrade() -> None:
    op.drop_column("enterprise", "least_order_cents")
