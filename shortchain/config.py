"""Settings from the environment, read once. A default exists only where it is safe and public."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"


class UnsafeSettings(Exception):
    """Production was asked for with a value that is missing or unsafe."""


class Settings(BaseSettings):
    """Everything that the environment decides; see `docs/operations.md` for each one's meaning."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore", frozen=True)

    shortchain_env: Literal["development", "production"] = "development"
    secret_key: str = ""
    secret_key_fallbacks: list[str] = Field(default_factory=list)
    database_url: str = ""
    redis_url: str = ""
    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""
    voucher_api_base: str = ""
    voucher_api_key: str = ""
    access_point_api_base: str = ""
    access_point_api_key: str = ""
    geocoder: Literal["offline", "nominatim", "photon", "pelias"] = "offline"
    geocoder_url: str = ""
    router_url: str = ""
    smtp_url: str = ""
    mail_from: str = "shortchain <post@shortchain.example>"
    tile_url: str = ""
    media_url: str = ""
    media_folder: Path = INSTANCE / "media"
    log_format: Literal["text", "json"] = "text"
    public_url: str = ""
    trusted_hosts: list[str] = Field(default_factory=list)
    port: int = 8000
    workers: int = 2
    metrics_token: str = ""
    transfer_iban: str = ""
    transfer_name: str = "shortchain"
    sepa_creditor: str = ""
    platform_name: str = "shortchain"
    platform_kbo: str = ""
    platform_street: str = ""
    platform_postcode: str = "9000"
    platform_municipality: str = "Gent"
    platform_email: str = "post@shortchain.example"
    platform_legal_form: str = ""
    platform_court: str = ""
    platform_iban: str = ""
    huey_path: Path = INSTANCE / "queue.sqlite3"
    template_cache: Path = INSTANCE / "templates"
    crash_at: str = ""
    allow_crash: bool = False

    @field_validator("database_url")
    @classmethod
    def _named_driver(cls, url: str) -> str:
        """Accept the short names that hosting services hand out, and name our driver."""
        if not url:
            return f"sqlite:///{INSTANCE / 'shortchain.sqlite3'}"
        for short in ("postgres://", "postgresql://"):
            if url.startswith(short):
                return "postgresql+psycopg://" + url.removeprefix(short)
        return url

    @field_validator("secret_key")
    @classmethod
    def _own_key(cls, key: str) -> str:
        """Make a key of this installation in development, so that sessions survive a restart."""
        return key or _kept_secret("secret_key")

    @field_validator("platform_kbo")
    @classmethod
    def _sound_kbo(cls, number: str) -> str:
        """Accept an enterprise number with dots and spaces, and refuse one whose check digits are wrong."""
        digits = "".join(sign for sign in number if sign.isdigit())
        if number and (len(digits) != 10 or 97 - int(digits[:8]) % 97 != int(digits[8:])):
            raise ValueError("not an enterprise number: ten digits, the last two are 97 minus the rest modulo 97")
        return digits

    @field_validator("platform_iban", "transfer_iban")
    @classmethod
    def _sound_iban(cls, number: str) -> str:
        """Accept an account with spaces, and refuse one whose check digits are wrong (ISO 13616, ISO 7064 modulo 97)."""
        packed = "".join(number.split()).upper()
        turned = "".join(str(int(sign, 36)) for sign in packed[4:] + packed[:4] if sign.isascii() and sign.isalnum())
        if packed and (not packed[:2].isalpha() or int(turned) % 97 != 1):
            raise ValueError("not an IBAN: its check digits are wrong")
        return packed

    @model_validator(mode="after")
    def _whole_firm(self) -> Settings:
        """A legal person names its form and its court, or neither (Code of Companies and Associations art. 2:20)."""
        if bool(self.platform_legal_form) is not bool(self.platform_court):
            raise ValueError("PLATFORM_LEGAL_FORM and PLATFORM_COURT go together")
        return self

    @property
    def is_production(self) -> bool:
        return self.shortchain_env == "production"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def has_provider(self) -> bool:
        """Whether a payment provider is set: the real one by its key, or a stand-in by its address."""
        return bool(self.stripe_secret_key or self.stripe_api_base)

    @property
    def bank_account(self) -> str:
        """The account for bank transfers; outside production one of a bank that does not exist."""
        return self.transfer_iban or ("" if self.is_production else "BE49999000000171")

    @property
    def enterprise_number(self) -> str:
        """The platform's enterprise number on documents; outside production a sound one of nobody."""
        return self.platform_kbo or ("" if self.is_production else "0123456749")

    @property
    def legal_form(self) -> str:
        """The platform's legal form; outside production one is thought up with the number."""
        return self.platform_legal_form or ("" if self.is_production or self.platform_kbo else "CV")

    @property
    def court(self) -> str:
        """The court of the platform's register of legal persons."""
        return self.platform_court or ("" if self.is_production or self.platform_kbo else "Gent")

    @property
    def own_account(self) -> str:
        """The account that stands on the platform's documents: its own, else the one for bank transfers."""
        return self.platform_iban or self.bank_account

    @property
    def creditor_id(self) -> str:
        """Who debits, as mandates and notices name it; outside production made of the number of nobody.

        A Belgian creditor identifier is BE, two check digits, a business code and the enterprise number; the digits are
        98 minus the rest modulo 97, without the business code (ISO 7064, EPC262-08).
        """
        if self.sepa_creditor or self.is_production:
            return self.sepa_creditor
        rest = int(f"{self.enterprise_number}111400") % 97
        return f"BE{98 - rest:02}ZZZ{self.enterprise_number}"

    @property
    def base_url(self) -> str:
        """The address under which people reach the shop, without a slash at the end."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Settings:
        if not self.is_production:
            return self
        given = self.model_fields_set
        wrong = [
            name.upper()
            for name in (
                "secret_key",
                "database_url",
                "stripe_secret_key",
                "stripe_webhook_secret",
                "public_url",
                "smtp_url",
            )
            if name not in given or not getattr(self, name)
        ]
        if len(self.secret_key) < 32 and "SECRET_KEY" not in wrong:
            wrong.append("SECRET_KEY (shorter than 32 characters)")
        if self.stripe_api_base:
            wrong.append("STRIPE_API_BASE (the stand-in is never for production)")
        if self.public_url and not self.public_url.startswith("https://"):
            wrong.append("PUBLIC_URL (must begin with https://)")
        if not self.trusted_hosts:
            wrong.append("TRUSTED_HOSTS")
        if self.allow_crash or self.crash_at:
            wrong.append("CRASH_AT/ALLOW_CRASH (for tests only)")
        if wrong:
            raise UnsafeSettings("Not starting in production. Missing or unsafe: " + ", ".join(wrong))
        return self


def _kept_secret(name: str) -> str:
    """Read a secret of this installation, or make it once; two processes end up with the same one."""
    path = INSTANCE / name
    INSTANCE.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
