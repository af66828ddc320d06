"""What a provider plans for the half days of a week: people, hours, and how much of each service."""

import sqlalchemy as sa
from alembic import op

revision = "0011_week_plan"
down_revision = "0041_road_cache"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "week_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_week_plan_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_plan")),
        sa.UniqueConstraint("enterprise_id", "monday", name=op.f("uq_week_plan_enterprise_id_monday")),
    )
    op.create_table(
        "day_staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("morning_people", sa.Integer(), nullable=False),
        sa.Column("morning_minutes", sa.Integer(), nullable=False),
        sa.Column("afternoon_people", sa.Integer(), nullable=False),
        sa.Column("afternoon_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("morning_people >= 0 AND afternoon_people >= 0", name=op.f("ck_day_staff_people")),
        sa.CheckConstraint(
            "morning_minutes BETWEEN 0 AND 720 AND afternoon_minutes BETWEEN 0 AND 720",
            name=op.f("ck_day_staff_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_day_staff_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_staff")),
        sa.UniqueConstraint("enterprise_id", "day", name=op.f("uq_day_staff_enterprise_id_day")),
    )
    op.create_table(
        "day_capacity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("capability_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("morning", sa.Integer(), nullable=False),
        sa.Column("afternoon", sa.Integer(), nullable=False),
        sa.CheckConstraint("morning >= 0 AND afternoon >= 0", name=op.f("ck_day_capacity_amounts")),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capability.id"], name=op.f("fk_day_capacity_capability_id_capability")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_capacity")),
        sa.UniqueConstraint("capability_id", "day", name=op.f("uq_day_capacity_capability_id_day")),
    )
    op.create_index(op.f("ix_day_capacity_day"), "day_capacity", ["day"])


def downgrade() -> None:
    op.drop_table("day_capacity")
    op.drop_table("day_staff")
    op.drop_table("week_plan")
