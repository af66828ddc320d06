"""Sends mail by SMTP, or keeps it when no server is set."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from urllib.parse import unquote, urlsplit

from shortchain.kernel.ports import GatewayDown, GatewayRefused, Mail, Mailer

logger = logging.getLogger(__name__)

TIMEOUT_S = 10


class KeepingMailer:
    """Sends nothing: the notice row keeps the text, and `/dev/post` shows it."""

    def send(self, mail: Mail) -> None:
        logger.info("mail kept", extra={"message_id": mail.message_id})


class SmtpMailer:
    """Hands each mail to one SMTP server: `smtp://user:password@host:587` or `smtps://…`."""

    def __init__(self, *, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:587")
        self._host = parts.hostname
        self._secure = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._secure else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, mail: Mail) -> None:
        try:
            message = _message(mail, sender=self._sender)
        except ValueError as error:
            raise GatewayRefused(f"not an address: {error}") from error
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if code >= 500:
                raise GatewayRefused(f"recipient refused ({code})") from error
            raise GatewayDown(f"recipient deferred ({code})") from error
        except smtplib.SMTPResponseException as error:
            if 500 <= error.smtp_code < 600 and error.smtp_code != 535:
                raise GatewayRefused(f"refused ({error.smtp_code})") from error
            raise GatewayDown(f"mail server says {error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise GatewayDown(type(error).__name__) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self._secure:
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if self._user:
            server.login(self._user, self._password)
        return server


def _message(mail: Mail, *, sender: str) -> EmailMessage:
    """Build the message; a line break in an address or subject is refused by the library."""
    message = EmailMessage()
    name, address = parseaddr(sender)
    message["From"] = formataddr((name, address))
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def build_mailer(*, url: str, sender: str) -> Mailer:
    """Choose the mailer: SMTP with a URL, else one that keeps the mail."""
    return SmtpMailer(url=url, sender=sender) if url else KeepingMailer()
