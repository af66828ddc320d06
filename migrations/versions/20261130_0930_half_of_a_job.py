"""The half of its day that the doer of a job chose, when it proposed another time."""

from alembic import op

revision = "0093_half_of_a_job"
down_revision = "0073_additions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE job ADD COLUMN half VARCHAR(9) DEFAULT '' NOT NULL"
        " CONSTRAINT ck_job_half CHECK (half IN ('', 'morning', 'afternoon'))"
    )


def downgrade() -> None:
    op.drop_column("job", "half")
