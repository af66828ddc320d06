"""What a vehicle holds, where its day starts and ends, what its driver may do; and the pace of a team."""

import sqlalchemy as sa
from alembic import op

revision = "0072_room_and_pace"
down_revision = "0086_refused_allergens"
branch_labels = None
depends_on = None

LABELS = ("start_label", "end_label")
POINTS = ("start_lat", "start_lon", "end_lat", "end_lon")
CHECKS = {
    "room": "crates > 0 AND max_stops > 0",
    "cold_room": "chilled_crates >= 0 AND frozen_crates >= 0",
}


def upgrade() -> None:
    with op.batch_alter_table("courier") as batch:
        batch.add_column(sa.Column("crates", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("max_stops", sa.Integer(), nullable=True))
        for name in ("chilled_crates", "frozen_crates"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        for name in ("has_licence", "can_lift"):
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
        for name in LABELS:
            batch.add_column(sa.Column(name, sa.String(length=200), nullable=False, server_default=""))
        for name in POINTS:
            batch.add_column(sa.Column(name, sa.Float(), nullable=True))
        for name, text in CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_courier_{name}"), text)
    op.create_table(
        "team_pace",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("pace_pct", sa.Integer(), nullable=False),
        sa.Column("each_s", sa.Integer(), nullable=False),
        sa.Column("home_s", sa.Integer(), nullable=False),
        sa.Column("home_van_s", sa.Integer(), nullable=False),
        sa.Column("point_s", sa.Integer(), nullable=False),
        sa.Column("farm_s", sa.Integer(), nullable=False),
        sa.Column("packer_s", sa.Integer(), nullable=False),
        sa.CheckConstraint("pace_pct BETWEEN 100 AND 250", name=op.f("ck_team_pace_pace")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_team_pace_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_team_pace")),
    )


def downgrade() -> None:
    op.drop_table("team_pace")
    with op.batch_alter_table("courier") as batch:
        for name in CHECKS:
            batch.drop_constraint(op.f(f"ck_courier_{name}"), type_="check")
        for name in (*POINTS, *LABELS, "can_lift", "has_licence", "frozen_crates", "chilled_crates", "max_stops", "crates"):
            batch.drop_column(name)
