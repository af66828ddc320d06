"""Drivers with their licence and what they lift; a tour has one. Vehicles have a volume and ask a licence; day passes count."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0111_drivers"
down_revision = "0097_discount_codes"
branch_labels = None
depends_on = None

TRUE = {"sqlite": "1", "postgresql": "TRUE"}
FULL_CRATE_G = 12_000
"""What somebody who may not lift heavily is taken to lift from now on: pieces count, no longer whole orders."""


def upgrade() -> None:
    op.create_table(
        "driver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("licence", sa.String(length=4), nullable=False),
        sa.Column("lift_g", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("lift_g > 0", name=op.f("ck_driver_lift")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_driver_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_driver_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_driver")),
        sa.UniqueConstraint("public_id", name=op.f("uq_driver_public_id")),
    )
    op.create_index(op.f("ix_driver_enterprise_id"), "driver", ["enterprise_id"])
    op.create_index(op.f("ix_driver_user_id"), "driver", ["user_id"])
    with op.batch_alter_table("courier") as batch:
        batch.add_column(sa.Column("driver_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("licence", sa.String(length=4), nullable=True))
        batch.add_column(sa.Column("volume_l", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_courier_driver_id_driver"), "driver", ["driver_id"], ["id"])
        batch.create_check_constraint(op.f("ck_courier_volume"), "volume_l > 0")
    with op.batch_alter_table("tour") as batch:
        batch.add_column(sa.Column("driver_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_tour_driver_id_driver"), "driver", ["driver_id"], ["id"])
    op.add_column(
        "vehicle_right", sa.Column("is_day_pass", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        f"UPDATE vehicle_right SET is_day_pass = {TRUE[op.get_bind().dialect.name]}"
        " WHERE first_day = last_day AND lower(note) LIKE '%dagpas%'"
    )
    _people()
    op.create_index(op.f("ix_courier_driver_id"), "courier", ["driver_id"])
    op.create_index(op.f("ix_tour_driver_id"), "tour", ["driver_id"])
    with op.batch_alter_table("courier") as batch:
        batch.drop_index(op.f("ix_courier_user_id"))
        batch.drop_constraint(op.f("fk_courier_user_id_user_account"), type_="foreignkey")
        for name in ("user_id", "has_licence", "can_lift"):
            batch.drop_column(name)


def _people() -> None:
    """Make a driver of each vehicle of an enterprise that told anything of its drivers; who told nothing tells nothing still."""
    bind = op.get_bind()
    told = bind.execute(
        sa.text(
            "SELECT courier.id, courier.enterprise_id, courier.user_id, courier.name, courier.has_licence,"
            " courier.can_lift, user_account.name AS who FROM courier"
            " LEFT JOIN user_account ON user_account.id = courier.user_id"
            " WHERE courier.enterprise_id IN (SELECT enterprise_id FROM courier"
            " WHERE user_id IS NOT NULL OR NOT has_licence OR NOT can_lift) ORDER BY courier.id"
        )
    ).all()
    known: dict[tuple[int, int], int] = {}
    for row in told:
        number = known.get((row.enterprise_id, row.user_id)) if row.user_id is not None else None
        if number is None:
            number = bind.execute(
                sa.text(
                    "INSERT INTO driver (public_id, enterprise_id, user_id, name, licence, lift_g, is_active, version)"
                    " VALUES (:public_id, :enterprise_id, :user_id, :name, :licence, :lift_g, :is_active, 1) RETURNING id"
                ),
                {
                    "public_id": secrets.token_hex(8),
                    "enterprise_id": row.enterprise_id,
                    "user_id": row.user_id,
                    "name": (row.who or row.name)[:80],
                    "licence": "B" if row.has_licence else "",
                    "lift_g": None if row.can_lift else FULL_CRATE_G,
                    "is_active": True,
                },
            ).scalar_one()
            if row.user_id is not None:
                known[row.enterprise_id, row.user_id] = number
        bind.execute(
            sa.text("UPDATE courier SET driver_id = :driver WHERE id = :id"), {"driver": number, "id": row.id}
        )
        bind.execute(
            sa.text("UPDATE tour SET driver_id = :driver WHERE courier_id = :id"), {"driver": number, "id": row.id}
        )


def downgrade() -> None:
    op.drop_column("vehicle_right", "is_day_pass")
    with op.batch_alter_table("courier") as batch:
        batch.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        for name in ("has_licence", "can_lift"):
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.create_foreign_key(op.f("fk_courier_user_id_user_account"), "user_account", ["user_id"], ["id"])
    op.create_index(op.f("ix_courier_user_id"), "courier", ["user_id"])
    op.execute(
        "UPDATE courier SET user_id = (SELECT user_id FROM driver WHERE driver.id = courier.driver_id)"
        " WHERE driver_id IS NOT NULL"
    )
    op.drop_index(op.f("ix_tour_driver_id"), "tour")
    op.drop_index(op.f("ix_courier_driver_id"), "courier")
    with op.batch_alter_table("tour") as batch:
        batch.drop_constraint(op.f("fk_tour_driver_id_driver"), type_="foreignkey")
        batch.drop_column("driver_id")
    with op.batch_alter_table("courier") as batch:
        batch.drop_constraint(op.f("fk_courier_driver_id_driver"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_courier_volume"), type_="check")
        for name in ("driver_id", "licence", "volume_l"):
            batch.drop_column(name)
    op.drop_table("driver")
