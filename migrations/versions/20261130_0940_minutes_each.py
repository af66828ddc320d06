"""How long one person works on a unit of a service; people and hours of a planned week then bound it."""

from alembic import op

revision = "0094_minutes_each"
down_revision = "0093_half_of_a_job"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE capability ADD COLUMN minutes_each INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_capability_minutes_each CHECK (minutes_each >= 0)"
    )


def downgrade() -> None:
    op.drop_column("capability", "minutes_each")
