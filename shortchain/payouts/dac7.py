"""What a platform tells the tax office of its sellers, each year: who earned how much with how many deeds.

Directive 2021/514 ("DAC7"), in Belgium the law of 21 December 2022. Sellers of goods with fewer than 30 sales and at
most € 2,000 in a year are left out; services have no such floor. Amounts are what was credited, less the fees that
the platform kept; the fees are told beside them, all per quarter. Deposits on containers are no consideration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from shortchain.enterprises import tax_identities, vat_schemes
from shortchain.enterprises.models import Enterprise, VatScheme
from shortchain.enterprises.tax_models import SellerKind, TaxIdentity
from shortchain.kernel.spreadsheet import Cell, Cents
from shortchain.kernel.window import at_local, local_day
from shortchain.payouts.dac7_xml import Activity, Person, Seller
from shortchain.payouts.models import Account, LedgerEntry

FEWEST_SALES = 30
MOST_CENTS = 200_000
SELLERS_BY = (1, 10)
"""The sellers have their copy by 10 January of the year after."""
OFFICE_BY = (1, 31)
GOODS, FEE, LEVY = "goods", "fee", "levy"
WORK = ("process", "transport", "pack", "deliver")
WITH_GOODS = ("transport", "levy")
"""What a farm is paid beside its own goods, for bringing them or for a cycle: part of the sale, no service."""
COLUMNS = (
    "jaar",
    "naam",
    "ondernemingsnummer",
    "btw-regeling",
    "adres",
    "postcode",
    "gemeente",
    "land",
    "rekening",
    "kwartaal",
    "verkopen",
    "diensten",
    "goederen",
    "werk",
    "bijdrage",
    "vergoeding",
    "soort",
    "voornaam",
    "achternaam",
    "geboren",
    "rijksregisternummer",
)


@dataclass(slots=True)
class Quarter:
    """Three months of a seller: orders with its goods, orders with its work, and cents with VAT."""

    sales: int = 0
    services: int = 0
    goods_cents: int = 0
    work_cents: int = 0
    fee_cents: int = 0

    @property
    def consideration_cents(self) -> int:
        """What was credited, less the fees that the platform kept."""
        return self.goods_cents + self.work_cents - self.fee_cents


@dataclass(slots=True)
class SellerYear:
    """A year of one seller, its quarters from the first to the fourth."""

    year: int
    enterprise: Enterprise
    scheme: VatScheme  # on the last day of the year
    identity: TaxIdentity | None = None
    quarters: tuple[Quarter, ...] = field(default_factory=lambda: tuple(Quarter() for _ in range(4)))

    def sum_of(self, name: str) -> int:
        """Add up a figure of the quarters."""
        return sum(getattr(one, name) for one in self.quarters)

    @property
    def is_reported(self) -> bool:
        """Say whether the tax office is told about this seller."""
        return not self.is_excluded and is_reported(
            sales=self.sum_of("sales"),
            services=self.sum_of("services"),
            goods_cents=self.sum_of("goods_cents") - self.sum_of("fee_cents"),
        )

    @property
    def is_excluded(self) -> bool:
        """Say whether it is a government or a listed company, of which nothing is told."""
        return self.identity is not None and self.identity.kind in tax_identities.EXCLUDED

    @property
    def person(self) -> TaxIdentity | None:
        """Give the natural person who sells, if one does and said so."""
        return self.identity if self.identity and self.identity.kind is SellerKind.PERSON else None

    @property
    def lacks(self) -> tuple[str, ...]:
        """Name what must be known of a reported seller and is not: identity, kbo, account.

        Who names a legal form is a company without saying so again. A natural person is known by its own number.
        """
        found = self.enterprise
        known = (
            ("identity", self.identity or found.legal_form),
            ("kbo", found.kbo or self.person),
            ("account", found.iban or found.stripe_account),
        )
        return tuple(name for name, value in known if not value)


def is_reported(*, sales: int, services: int, goods_cents: int) -> bool:
    """Say whether a seller with so many sales, services, and cents for goods in a year is reported."""
    return services > 0 or (sales > 0 and (sales >= FEWEST_SALES or goods_cents > MOST_CENTS))


def year_of(text: str, *, today: date) -> int:
    """Read a year as somebody typed it; what is none, or to come, gives the one that ended last."""
    known = text.isascii() and text.isdigit() and 2000 <= int(text) <= today.year
    return int(text) if known else today.year - 1


def sellers(session: Session, *, year: int, platform_kbo: str = "") -> list[SellerYear]:
    """Work out a year of every enterprise that earned something in it, by name; the platform's own is left out."""
    found = _read(session, year, None)
    return sorted(
        (one for one in found if not platform_kbo or one.enterprise.kbo != platform_kbo),
        key=lambda one: (one.enterprise.name, one.enterprise.id),
    )


def of_enterprise(session: Session, *, enterprise_id: int, year: int) -> SellerYear:
    """Work out a year of one enterprise, also when it earned nothing."""
    found = _read(session, year, enterprise_id)
    if found:
        return found[0]
    row = session.get_one(Enterprise, enterprise_id)
    identity = tax_identities.of(session, enterprise_id=enterprise_id)
    return SellerYear(year, row, vat_schemes.of(session, row, day=date(year, 12, 31)), identity)


def _read(session: Session, year: int, enterprise_id: int | None) -> list[SellerYear]:
    query = (
        select(
            LedgerEntry.enterprise_id,
            LedgerEntry.order_id,
            LedgerEntry.kind,
            LedgerEntry.amount_cents,
            LedgerEntry.at,
            LedgerEntry.transaction,
        )
        .where(
            LedgerEntry.account == Account.ENTERPRISE,
            LedgerEntry.kind.in_((GOODS, FEE, LEVY, *WORK)),
            LedgerEntry.at >= at_local(date(year, 1, 1), time()),
            LedgerEntry.at < at_local(date(year + 1, 1, 1), time()),
        )
        .order_by(LedgerEntry.id)
    )
    if enterprise_id is not None:
        query = query.where(LedgerEntry.enterprise_id == enterprise_id)
    rows: dict[int, list[tuple[int, str, int, datetime, str]]] = {}
    for owner, *rest in session.execute(query.execution_options(yield_per=2000)):
        rows.setdefault(owner, []).append(tuple(rest))  # type: ignore[arg-type]
    known = session.scalars(select(Enterprise).where(Enterprise.id.in_(rows))).all()
    schemes = vat_schemes.of_all(session, known, day=date(year, 12, 31))
    who = tax_identities.of_all(session, enterprise_ids=rows.keys())
    return [_add_up(SellerYear(year, one, schemes[one.id], who.get(one.id)), rows[one.id]) for one in known]


def _add_up(found: SellerYear, rows: Iterable[tuple[int, str, int, datetime, str]]) -> SellerYear:
    """Count the bookings of a seller. A deed counts once, where its order was divided; a refund lowers amounts only."""
    counted: set[tuple[int, bool]] = set()
    for order_id, kind, amount_cents, at, transaction in rows:
        quarter = found.quarters[(local_day(at).month - 1) // 3]
        is_goods = kind == GOODS or (kind in WITH_GOODS and found.enterprise.is_grower)
        if kind == FEE:
            quarter.fee_cents += amount_cents
        elif is_goods:
            quarter.goods_cents -= amount_cents
        else:
            quarter.work_cents -= amount_cents
        if kind != FEE and transaction.startswith("settle:") and (order_id, is_goods) not in counted:
            counted.add((order_id, is_goods))
            quarter.sales += is_goods
            quarter.services += not is_goods
    return found


def as_seller(one: SellerYear) -> Seller:
    """Give a seller's year in the words of the tax office's form."""
    row, quarters = one.enterprise, one.quarters

    def each(read: Callable[[Quarter], int]) -> tuple[int, int, int, int]:
        first, second, third, fourth = (read(quarter) for quarter in quarters)
        return first, second, third, fourth

    nothing = (0, 0, 0, 0)
    return Seller(
        reference=row.public_id,
        name=row.name,
        kbo=row.kbo or "",
        has_vat=one.scheme is not VatScheme.NOT_LIABLE,
        street=row.street,
        number=" ".join(part for part in (row.house_number, row.box) if part),
        postcode=row.postcode,
        city=row.municipality,
        account=row.iban or row.stripe_account or "",
        goods=Activity(
            each(lambda quarter: quarter.sales),
            each(lambda quarter: quarter.goods_cents - quarter.fee_cents),
            each(lambda quarter: quarter.fee_cents),
        ),
        services=Activity(each(lambda quarter: quarter.services), each(lambda quarter: quarter.work_cents), nothing),
        person=_person(one.person),
    )


def _person(found: TaxIdentity | None) -> Person | None:
    if found is None or found.born_on is None:
        return None
    return Person(found.first_name, found.last_name, found.born_on, found.national_number)


def _who(one: SellerYear) -> tuple[Cell, ...]:
    """Write who sells: its kind, and of a natural person names, day of birth and number."""
    kind = one.identity.kind.value if one.identity else "company" if one.enterprise.legal_form else None
    found = one.person
    if found is None or found.born_on is None:
        return (kind, None, None, None, None)
    return (kind, found.first_name, found.last_name, found.born_on.isoformat(), found.national_number)


def rows(found: Iterable[SellerYear]) -> list[tuple[Cell, ...]]:
    """Write sellers down for a file, a row a quarter in which something happened."""
    return [
        (
            one.year,
            one.enterprise.name,
            one.enterprise.kbo or "",
            one.scheme.value,
            " ".join(part for part in (one.enterprise.street, one.enterprise.house_number, one.enterprise.box) if part),
            one.enterprise.postcode,
            one.enterprise.municipality,
            "BE",
            one.enterprise.iban or one.enterprise.stripe_account or "",
            number,
            quarter.sales,
            quarter.services,
            Cents(quarter.goods_cents),
            Cents(quarter.work_cents),
            Cents(quarter.fee_cents),
            Cents(quarter.consideration_cents),
            *_who(one),
        )
        for one in found
        for number, quarter in enumerate(one.quarters, start=1)
        if quarter != Quarter()
    ]
