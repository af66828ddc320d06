"""Drivers, vehicles, the zones that these may enter, and zones that a hub drew."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, new_public_id
from shortchain.kernel.geo import Point


class Driver(Model):
    """A person who drives for an enterprise, under the name by which it knows them."""

    __tablename__ = "driver"
    __table_args__ = (CheckConstraint("lift_g > 0", name="lift"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    licence: Mapped[str] = mapped_column(String(4))  # one of licences.LICENCES
    lift_g: Mapped[int | None]  # the heaviest piece; None for no bound
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Courier(Model):
    """A vehicle of an enterprise that delivers; what it burns decides which zones it may enter."""

    __tablename__ = "courier"
    __table_args__ = (
        CheckConstraint("euro BETWEEN 0 AND 6", name="euro"),
        CheckConstraint("crates > 0 AND max_stops > 0", name="room"),
        CheckConstraint("chilled_crates >= 0 AND frozen_crates >= 0", name="cold_room"),
        CheckConstraint("volume_l > 0", name="volume"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("driver.id"), index=True)  # who usually drives it
    licence: Mapped[str | None] = mapped_column(String(4))  # what it asks; None: what its kind does
    name: Mapped[str] = mapped_column(String(80))
    vehicle: Mapped[str] = mapped_column(String(16))  # codes of domain.md 5.1
    payload_g: Mapped[int]
    fuel: Mapped[str] = mapped_column(String(8), default="none", server_default="none")  # one of zones.FUELS
    euro: Mapped[int | None]  # Euro class of the engine; None for no engine that burns, or when nobody told it
    crates: Mapped[int | None]  # None: what its kind holds (`data/vehicles.csv`)
    chilled_crates: Mapped[int] = mapped_column(default=0, server_default="0")
    frozen_crates: Mapped[int] = mapped_column(default=0, server_default="0")
    max_stops: Mapped[int | None]
    volume_l: Mapped[int | None]  # None: what its kind holds
    start_label: Mapped[str] = mapped_column(String(200), default="", server_default="")  # empty: the enterprise
    start_lat: Mapped[float | None]
    start_lon: Mapped[float | None]
    end_label: Mapped[str] = mapped_column(String(200), default="", server_default="")  # empty: where it started
    end_lat: Mapped[float | None]
    end_lon: Mapped[float | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}

    @property
    def start(self) -> Point | None:
        """Where its day starts, if not at the enterprise."""
        return None if self.start_lat is None or self.start_lon is None else Point(self.start_lat, self.start_lon)

    @property
    def end(self) -> Point | None:
        """Where its day ends, if not where it started."""
        return None if self.end_lat is None or self.end_lon is None else Point(self.end_lat, self.end_lon)

    rights: Mapped[list[VehicleRight]] = relationship(lazy="raise", order_by="VehicleRight.first_day")


class VehicleRight(Model):
    """That a vehicle may be in a zone on these days: a permit, an exemption or a day pass; both ends included."""

    __tablename__ = "vehicle_right"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    courier_id: Mapped[int] = mapped_column(ForeignKey("courier.id"), index=True)
    zone: Mapped[str] = mapped_column(String(8))  # codes of data/zones.geojson, or of a drawn zone
    first_day: Mapped[date]
    last_day: Mapped[date]
    note: Mapped[str] = mapped_column(String(120), default="")
    is_day_pass: Mapped[bool] = mapped_column(default=False, server_default=false())  # counted, see day_passes


class DrawnZone(Model):
    """A pedestrian zone that a hub drew, with its hours; kept when it counts no longer, since tours and rights name it."""

    __tablename__ = "drawn_zone"
    __table_args__ = (
        CheckConstraint("(shut_from IS NULL) = (shut_until IS NULL) AND shut_from < shut_until", name="hours"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    hub_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    outline: Mapped[dict[str, Any]]  # a MultiPolygon (kernel.areas)
    weekdays: Mapped[list[Any]]  # on which it is shut; Monday is 0
    shut_from: Mapped[time | None]  # None: all day
    shut_until: Mapped[time | None]
    open_fuels: Mapped[list[Any]]  # of motor vehicles that may come all the same
    source: Mapped[str] = mapped_column(String(200))  # who says so: a rule of the city, a sign
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def code(self) -> str:
        """The name by which rights of vehicles know it."""
        return f"Z{self.id}"
