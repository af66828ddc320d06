"""Where a service is done, when not in a circle: postcodes or an outline."""

from alembic import op

revision = "0071_service_areas"
down_revision = "0084_payout_schedule"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE capability ADD COLUMN area JSON DEFAULT '{}' NOT NULL")


def downgrade() -> None:
    op.drop_column("capability", "area")
