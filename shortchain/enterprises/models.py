"""Enterprises, memberships, capabilities, vehicles, certificates, closures, pick-up points."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shortchain.database import Model, enum_column, new_public_id
from shortchain.enterprises.buyer import Buyer as Buyer
from shortchain.enterprises.fetch_tariffs import FetchTariff, tariff_of
from shortchain.enterprises.vehicle_models import Courier as Courier
from shortchain.enterprises.vehicle_models import DrawnZone as DrawnZone
from shortchain.enterprises.vehicle_models import Driver as Driver
from shortchain.enterprises.vehicle_models import VehicleRight as VehicleRight
from shortchain.kernel.geo import Point


class EnterpriseKind(StrEnum):
    """The kinds of `domain.md` 1.1; the name of each in three languages is reference data."""

    FARM = "farm"
    HORTICULTURIST = "horticulturist"
    MWB = "mwb"  # maatwerkbedrijf
    MWA = "mwa"  # maatwerkafdeling
    LDE = "lde"  # lokale diensteneconomie
    IMW = "imw"  # individueel maatwerk
    COOP = "coop"
    REGULAR = "regular"


SOCIAL_KINDS = frozenset({EnterpriseKind.MWB, EnterpriseKind.MWA, EnterpriseKind.LDE, EnterpriseKind.IMW})
GROWER_KINDS = frozenset({EnterpriseKind.FARM, EnterpriseKind.HORTICULTURIST})


class MemberRole(StrEnum):
    OWNER = "owner"
    STAFF = "staff"
    PLANNER = "planner"
    WORKER = "worker"
    DRIVER = "driver"


class VatScheme(StrEnum):
    """How a seller stands towards VAT (`domain.md` 4.2)."""

    NORMAL = "normal"
    AGRI_FLAT = "agri_flat"
    SMALL_EXEMPT = "small_exempt"
    EXEMPT_44 = "exempt_44"
    NOT_LIABLE = "not_liable"


class PriceForm(StrEnum):
    KG = "kg"
    PIECE = "piece"
    BOX = "box"
    ORDER = "order"
    STOP = "stop"
    KM = "km"
    HOUR = "hour"


class PlaceMixin:
    """An address with its point."""

    street: Mapped[str] = mapped_column(String(120), default="")
    house_number: Mapped[str] = mapped_column(String(16), default="")
    box: Mapped[str] = mapped_column(String(16), default="")
    postcode: Mapped[str] = mapped_column(String(4))
    municipality: Mapped[str] = mapped_column(String(80))
    nis: Mapped[str] = mapped_column(String(5), default="")
    lat: Mapped[float]
    lon: Mapped[float]

    @property
    def point(self) -> Point:
        return Point(self.lat, self.lon)

    @property
    def address(self) -> str:
        """The address on one line."""
        street = " ".join(part for part in (self.street, self.house_number) if part)
        if self.box:
            street = f"{street} bus {self.box}"
        return ", ".join(part for part in (street, f"{self.postcode} {self.municipality}") if part)


class Enterprise(PlaceMixin, Model):
    """Any organisation: farm, processor, packer, hub, carrier."""

    __tablename__ = "enterprise"
    __table_args__ = (
        Index("ix_enterprise_lat_lon", "lat", "lon"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_the_globe"),
        CheckConstraint("least_order_cents >= 0", name="least_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[EnterpriseKind] = mapped_column(enum_column(EnterpriseKind), index=True)
    is_hub: Mapped[bool] = mapped_column(default=False)
    kbo: Mapped[str | None] = mapped_column(String(10), unique=True)
    vat_scheme: Mapped[VatScheme] = mapped_column(enum_column(VatScheme), default=VatScheme.NORMAL)
    """How it stood before its first `VatChange`; `vat_schemes.of` says how it stands on a day."""
    legal_form: Mapped[str] = mapped_column(String(40), default="", server_default="")  # "" for a natural person
    court: Mapped[str] = mapped_column(String(60), default="", server_default="")  # of whose register it is
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    language: Mapped[str] = mapped_column(String(2), default="nl")
    story: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"nl": …, "fr": …, "en": …}
    people: Mapped[str] = mapped_column(String(120), default="")  # first names on the shop window
    photo_id: Mapped[int | None]  # a catalogue photo; plain key, since catalogue lies above
    stripe_account: Mapped[str | None] = mapped_column(String(64))
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    iban: Mapped[str] = mapped_column(String(34), default="")  # for payouts by bank file, without the provider
    least_order_cents: Mapped[int] = mapped_column(default=0, server_default="0")
    """What an order must hold of this farm's goods at least, in cents with VAT; 0 for no such rule."""
    is_active: Mapped[bool] = mapped_column(default=True)
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_social(self) -> bool:
        return self.kind in SOCIAL_KINDS

    @property
    def is_grower(self) -> bool:
        return self.kind in GROWER_KINDS


class PayoutAccount(Model):
    """How an enterprise's account at the payment provider stood when we last heard.

    `needs` holds the provider's names of what it wants, as lists under now, overdue, later, checking and refused
    (pairs of name and why). `number` counts the accounts that the enterprise had; a new one is begun when the last
    was closed.
    """

    __tablename__ = "payout_account"

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(default=1)
    can_receive: Mapped[bool] = mapped_column(default=False)
    paid_out: Mapped[bool] = mapped_column(default=False)
    charges: Mapped[bool] = mapped_column(default=False)
    submitted: Mapped[bool] = mapped_column(default=False)
    needs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_by: Mapped[datetime | None]
    stopped: Mapped[str] = mapped_column(String(60), default="")
    bank_name: Mapped[str] = mapped_column(String(80), default="")
    bank_end: Mapped[str] = mapped_column(String(4), default="")
    checked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    @property
    def is_ready(self) -> bool:
        return self.can_receive and self.paid_out and self.closed_at is None


class Membership(Model):
    """A person's role at an enterprise; one person may hold several."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "enterprise_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    role: Mapped[MemberRole] = mapped_column(enum_column(MemberRole))
    created_at: Mapped[datetime]

    enterprise: Mapped[Enterprise] = relationship(lazy="raise")


class Invitation(Model):
    """An invitation by mail to join an enterprise in a role."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[MemberRole] = mapped_column(enum_column(MemberRole))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Capability(Model):
    """What an enterprise can do for others: a service with its price, reach and capacity.

    `handles_apart` says that goods sold as free from an allergen are kept apart (decision 0079).
    `weekday_capacity` holds seven whole numbers, Monday first: grams for process services, boxes for
    pack services, stops for deliver services. `price_cents` is per `price_form`; `pickup_price_cents`
    is what a deliverer asks to bring one order to a pick-up point. Who fetches at farms (`COLLECT_FARM`) has a tariff of
    its own (`fetch_tariffs`) with both `km_cents` and `kg_cents`, beside the price per stop; without them it is paid as who brings.
    """

    __tablename__ = "capability"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "service"),
        CheckConstraint("radius_m > 0", name="radius"),
        CheckConstraint("price_cents >= 0 AND minimum_cents >= 0 AND pickup_price_cents >= 0", name="price"),
        CheckConstraint("lead_days >= 0", name="lead"),
        CheckConstraint("minutes_each >= 0", name="minutes_each"),
        CheckConstraint(
            "(km_cents IS NULL AND kg_cents IS NULL) OR (km_cents >= 0 AND kg_cents >= 0)", name="fetch_tariff"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    service: Mapped[str] = mapped_column(String(16), index=True)  # codes of domain.md 1.4
    storage_classes: Mapped[list[Any]] = mapped_column(default=list)  # codes of domain.md 3.5
    refused_allergens: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # codes of domain.md 3.2
    handles_apart: Mapped[bool] = mapped_column(default=False, server_default=false())  # what is sold as free from one
    radius_m: Mapped[int]
    area: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # see service_areas; {}: the radius
    price_form: Mapped[PriceForm] = mapped_column(enum_column(PriceForm))
    price_cents: Mapped[int]
    minimum_cents: Mapped[int] = mapped_column(default=0)
    pickup_price_cents: Mapped[int] = mapped_column(default=0)
    km_cents: Mapped[int | None]
    kg_cents: Mapped[int | None]
    lead_days: Mapped[int] = mapped_column(default=0)
    answer_hours: Mapped[int] = mapped_column(default=12)  # silence longer than this is a no
    weekday_capacity: Mapped[list[Any]] = mapped_column(default=list)
    minutes_each: Mapped[int] = mapped_column(default=0, server_default="0")  # of one person, see weeks; 0: not told
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    enterprise: Mapped[Enterprise] = relationship(lazy="raise")

    @property
    def tariff(self) -> FetchTariff | None:
        """Give what it asks for fetching; None: what who brings is paid, and for every other service."""
        return tariff_of(self.price_cents, self.km_cents, self.kg_cents, self.minimum_cents)


class Closure(Model):
    """Days on which an enterprise does no work; both ends included. A hub may propose its own to all around it."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120), default="")
    is_collective: Mapped[bool] = mapped_column(default=False, server_default=false())


class WeekPlan(Model):
    """That an enterprise planned a week, and how often it was saved, for who saves at the same time."""

    __tablename__ = "week_plan"
    __table_args__ = (UniqueConstraint("enterprise_id", "monday"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    monday: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)


class DayStaff(Model):
    """How many people work on a day and how long each, per half day: a count, never names (`domain.md` 1.1)."""

    __tablename__ = "day_staff"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "day"),
        CheckConstraint("morning_people >= 0 AND afternoon_people >= 0", name="people"),
        CheckConstraint("morning_minutes BETWEEN 0 AND 720 AND afternoon_minutes BETWEEN 0 AND 720", name="minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    day: Mapped[date]
    morning_people: Mapped[int]
    morning_minutes: Mapped[int]
    afternoon_people: Mapped[int]
    afternoon_minutes: Mapped[int]


class DayCapacity(Model):
    """How much of a service is planned on a day, in its unit; goes before `Capability.weekday_capacity`."""

    __tablename__ = "day_capacity"
    __table_args__ = (
        UniqueConstraint("capability_id", "day"),
        CheckConstraint("morning >= 0 AND afternoon >= 0", name="amounts"),
        Index("ix_day_capacity_day", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    capability_id: Mapped[int] = mapped_column(ForeignKey("capability.id"))
    day: Mapped[date]
    morning: Mapped[int]
    afternoon: Mapped[int]


class Certificate(Model):
    """A certificate with its dates; `kind` is 'organic', 'favv' or 'social' (`enterprises.recognitions`)."""

    __tablename__ = "certificate"
    __table_args__ = (CheckConstraint("valid_to >= valid_from", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    body: Mapped[str] = mapped_column(String(32))  # BE-BIO-01
    number: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    checked_at: Mapped[datetime | None]  # when a coordinator looked at it; asked of recognitions only


class PickupPoint(PlaceMixin, Model):
    """A place where people collect their order."""

    __tablename__ = "pickup_point"
    __table_args__ = (Index("ix_pickup_point_lat_lon", "lat", "lon"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), index=True)  # the hub, or the farm
    is_gate: Mapped[bool] = mapped_column(default=False)
    """At a farm's own place: for baskets of that farm alone, which nobody else packs or brings."""
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[dict[str, Any]] = mapped_column(default=dict)  # how to find it, per language
    storage_classes: Mapped[list[Any]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=True)

    opening_windows: Mapped[list[OpeningWindow]] = relationship(
        lazy="raise", order_by="OpeningWindow.weekday, OpeningWindow.opens"
    )


class OpeningWindow(Model):
    """When a pick-up point is open in a week, and how many orders it can hold then."""

    __tablename__ = "opening_window"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes > opens", name="order"),
        CheckConstraint("places > 0", name="places"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pickup_point_id: Mapped[int] = mapped_column(ForeignKey("pickup_point.id"), index=True)
    weekday: Mapped[int]  # Monday is 0
    opens: Mapped[time]
    closes: Mapped[time]
    places: Mapped[int]


class DirectoryVersion(Model):
    """A counter that rises with every change that routing must see; snapshots compare it."""

    __tablename__ = "directory_version"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)  # always "routing"
    number: Mapped[int] = mapped_column(default=1)
