"""Whether the access point still knows our key, and since when it does not."""

import sqlalchemy as sa
from alembic import op

revision = "0127_access_point_standing"
down_revision = "0126_bills_of_issuers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_point_standing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_point_standing")),
    )


def downgrade() -> None:
    op.drop_table("access_point_standing")
