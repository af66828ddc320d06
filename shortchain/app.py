"""The composition: settings, extensions, gateways, blueprints and commands. Nobody imports it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response
from flask_babel import Babel
from flask_compress import Compress
from flask_login import LoginManager
from flask_talisman import Talisman
from werkzeug.datastructures import Headers
from werkzeug.middleware.proxy_fix import ProxyFix

from shortchain import blueprints, crash
from shortchain.blueprints import context, guarding
from shortchain.blueprints.compiled_templates import keep_compiled
from shortchain.blueprints.web_sessions import init_web_sessions
from shortchain.composition import build_gateways
from shortchain.config import ROOT, Settings
from shortchain.database import MIGRATIONS, db, engine_options
from shortchain.logs import init_logs
from shortchain.tasks import init_tasks


class _Headers(Talisman):  # type: ignore[misc]
    """Leaves the referrer policy that a view chose, where Talisman writes over it.

    Files behind a secret address choose "no-referrer". Pages with forms do not: under it a browser sends `Origin: null`
    with their posts, and of one without Fetch Metadata we would refuse them.
    """

    def _set_referrer_policy_headers(self, headers: Headers) -> None:
        headers.setdefault("Referrer-Policy", self.referrer_policy)


def create_app(settings: Settings | None = None, *, commands: bool = True, **config: Any) -> Flask:
    """Build the application; tests pass their own settings and extra Flask configuration.

    A web server asks for no `commands`: the demo's maker and the migrations' engine that come with them
    are a fifth of a process's memory.
    """
    settings = settings or Settings()
    app = Flask(
        "shortchain",
        root_path=str(ROOT / "shortchain"),
        template_folder="../templates",
        static_folder="../static",
    )
    app.extensions["shortchain.settings"] = settings
    _configure(app, settings)
    app.config.update(config)
    init_logs(app, settings)
    db.init_app(app)
    Babel(app, locale_selector=context.language, default_translation_directories="translations")
    _secure(app, settings)
    init_web_sessions(app)
    login = LoginManager(app)
    login.user_loader(context.load_signed_in)
    login.session_protection = None  # the sign-in row says what is valid, not the browser's address
    Compress(app)
    guarding.guard(app)
    app.extensions["shortchain.gateways"] = build_gateways(app, settings)
    blueprints.register_blueprints(app)
    if commands:
        _add_commands(app)
    init_tasks(app, settings)
    if settings.allow_crash:
        crash.arm(settings.crash_at)
    return app


def _add_commands(app: Flask) -> None:
    from flask_migrate import Migrate

    from shortchain import cli

    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    cli.register_commands(app)


def _configure(app: Flask, settings: Settings) -> None:
    """Turn our settings into those of Flask and its extensions."""
    secure = settings.is_production
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=600,
        TRUSTED_HOSTS=settings.trusted_hosts or None,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        TEMPLATES_AUTO_RELOAD=False,
        BABEL_DEFAULT_LOCALE="nl",
        BABEL_DEFAULT_TIMEZONE="Europe/Brussels",
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_GZIP_LEVEL=4,
        COMPRESS_MIN_SIZE=900,
        COMPRESS_MIMETYPES=[
            "text/html",
            "application/json",
            "application/problem+json",
            "text/css",
            "text/javascript",
            "application/javascript",
            "image/svg+xml",
        ],
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    keep_compiled(app, settings.template_cache)
    if settings.is_production:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def _secure(app: Flask, settings: Settings) -> None:
    """Send the headers of `ux.md` 3.5 with every answer.

    The payment page's origin stands in form-action: Chromium checks the redirect that follows a
    form post against it.
    """
    pay = settings.stripe_api_base or "https://checkout.stripe.com"
    connect = [] if settings.stripe_api_base else ["https://connect.stripe.com"]
    tiles = [settings.tile_url.split("/{", 1)[0]] if settings.tile_url else []
    content = {
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": " ".join(["'self'", "data:", "blob:", *tiles]),
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "form-action": " ".join(["'self'", pay, *connect]),
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    devices = {
        "geolocation": "(self)",
        "camera": "(self)",
        "microphone": "()",
        "interest-cohort": "()",
        "payment": "()",
    }
    _Headers(
        app,
        force_https=settings.is_production,
        strict_transport_security=settings.is_production,
        strict_transport_security_max_age=31_536_000,
        session_cookie_secure=settings.is_production,
        frame_options="DENY",
        referrer_policy="same-origin",
        # Talisman writes its policies anew for every answer; what is joined here once, it has only to send.
        permissions_policy=", ".join(f"{name}={who}" for name, who in devices.items()),
        content_security_policy={
            "default-src": "; ".join(["'none'", *(f"{name} {whence}" for name, whence in content.items())])
        },
    )

    @app.after_request
    def _more_headers(response: Response) -> Response:
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
