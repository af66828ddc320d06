"""Which allergens an enterprise does not let in, per service."""

from alembic import op

revision = "0086_refused_allergens"
down_revision = "0071_gift_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE capability ADD COLUMN refused_allergens JSON DEFAULT '[]' NOT NULL")


def downgrade() -> None:
    op.drop_column("capability", "refused_allergens")
