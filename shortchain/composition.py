"""Chooses the concrete gateways by the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, g, render_template
from flask_babel import force_locale

from shortchain.config import Settings
from shortchain.database import db
from shortchain.gateways import (
    access_point_calls,
    geocode_cache,
    geopy_maps,
    media,
    road_cache,
    road_matrix,
    smtp_mail,
    stripe_payments,
    voucher_calls,
)
from shortchain.kernel.ports import Firm, Gateways

geocode_cache.tables(db.metadata)  # so that the migration makes the gateways' shared tables
road_cache.table(db.metadata)


def build_gateways(app: Flask, settings: Settings) -> Gateways:
    """Build the outside services that the settings ask for."""
    with app.app_context():
        geocoder = geopy_maps.build_geocoder(
            kind=settings.geocoder,
            url=settings.geocoder_url or None,
            engine=db.engine,
            metadata=db.metadata,
            user_agent=f"shortchain ({settings.base_url})",
        )
        roads = road_matrix.build_roads(url=settings.router_url, engine=db.engine, metadata=db.metadata)
    return Gateways(
        payments=stripe_payments.build_payments(
            secret_key=settings.stripe_secret_key or "sk_test_stand_in",
            webhook_secret=settings.stripe_webhook_secret or "whsec_stand_in",
            api_base=settings.stripe_api_base or None,
        ),
        geocoder=geocoder,
        mailer=smtp_mail.build_mailer(url=settings.smtp_url, sender=settings.mail_from),
        render_mail=_mail_renderer(app, settings),
        distance=geopy_maps.distance,
        roads=roads,
        media=media.build_media(url=settings.media_url, folder=settings.media_folder),
        platform=_platform(settings),
        vouchers=(
            voucher_calls.VoucherCalls(base=settings.voucher_api_base, key=settings.voucher_api_key)
            if settings.voucher_api_base
            else None
        ),
        access_point=(
            access_point_calls.AccessPointCalls(base=settings.access_point_api_base, key=settings.access_point_api_key)
            if settings.access_point_api_base
            else None
        ),
        has_provider=settings.has_provider,
    )


def _platform(settings: Settings) -> Firm | None:
    """Say who the platform is on paper; nobody, as long as it has no enterprise number."""
    if not settings.enterprise_number:
        return None
    return Firm(
        name=settings.platform_name,
        kbo=settings.enterprise_number,
        street=settings.platform_street,
        postcode=settings.platform_postcode,
        municipality=settings.platform_municipality,
        email=settings.platform_email,
        legal_form=settings.legal_form,
        court=settings.court,
        iban=settings.own_account,
    )


def _mail_renderer(app: Flask, settings: Settings) -> Any:
    """Give a function that makes a mail's three parts from its templates, in the reader's language."""

    def render(template: str, *, language: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
        values = {
            **context,
            "base_url": settings.base_url,
            "bank_account": settings.bank_account,
            "bank_name": settings.transfer_name,
            "creditor_id": settings.creditor_id,
            "creditor_name": settings.platform_name,
        }
        with app.test_request_context(base_url=settings.base_url), force_locale(language):
            g.language = language  # the formats ask the request, which has no reader here
            subject = render_template(f"mails/{template}/subject.txt", **values)
            text = render_template(f"mails/{template}/body.txt", **values)
            html = render_template(f"mails/{template}/body.html", **values)
            foot = render_template("mails/_foot.txt", **values)
        return " ".join(subject.split()), f"{text.strip()}\n{foot.rstrip()}\n", html

    return render
