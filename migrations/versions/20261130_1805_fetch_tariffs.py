"""What a carrier asks for fetching: a tariff of its own, and the one that an agreement was made on."""

import sqlalchemy as sa
from alembic import op

revision = "0126_fetch_tariffs"
down_revision = "0125_floors"
branch_labels = None
depends_on = None

AGREED = ("stop_cents", "km_cents", "kg_cents", "minimum_cents")


def upgrade() -> None:
    with op.batch_alter_table("capability") as table:
        table.add_column(sa.Column("km_cents", sa.Integer()))
        table.add_column(sa.Column("kg_cents", sa.Integer()))
        table.create_check_constraint(
            op.f("ck_capability_fetch_tariff"), "(km_cents IS NULL AND kg_cents IS NULL) OR (km_cents >= 0 AND kg_cents >= 0)"
        )
    with op.batch_alter_table("collection") as table:
        for name in AGREED:
            table.add_column(sa.Column(name, sa.Integer()))
        table.create_check_constraint(
            op.f("ck_collection_tariff"),
            "(stop_cents IS NULL AND km_cents IS NULL AND kg_cents IS NULL AND minimum_cents IS NULL)"
            " OR (stop_cents >= 0 AND km_cents >= 0 AND kg_cents >= 0 AND minimum_cents >= 0)",
        )


def downgrade() -> None:
    with op.batch_alter_table("collection") as table:
        table.drop_constraint(op.f("ck_collection_tariff"), type_="check")
        for name in reversed(AGREED):
            table.drop_column(name)
    with op.batch_alter_table("capability") as table:
        table.drop_constraint(op.f("ck_capability_fetch_tariff"), type_="check")
        table.drop_column("kg_cents")
        table.drop_column("km_cents")
