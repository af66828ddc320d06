"""The page on which a person pays, fails or leaves; without script, in three languages."""

from __future__ import annotations

import http.client
import re
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import pytest

from shortchain.kernel.money import Money
from tests.integration.stand_in.conftest import SHOP, gateway_to, open_checkout
from tests.support.stand_in import running_stand_in


class Buttons(HTMLParser):
    """Collects the values of the buttons of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.language = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "button":
            self.values.append(dict(attrs)["value"] or "")
        if tag == "html":
            self.language = dict(attrs)["lang"] or ""


class Answer:
    """An answer that does not follow redirects."""

    def __init__(self, url: str, form: dict[str, str] | None = None, language: str = "") -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        headers = {"Accept-Language": language} if language else {}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        self.status, self.headers = answer.status, answer.headers
        self.text = answer.read().decode()
        connection.close()

    @property
    def to(self) -> str:
        assert self.status == 303, self.text
        return self.headers["Location"]


@pytest.mark.parametrize(
    ("language", "banner", "amount"),
    [
        ("nl", "Testbetaling. Er gaat geen echt geld.", "€\u00a01.234,05"),
        ("fr", "Paiement de test. Aucun argent réel ne circule.", "1\u202f234,05\u00a0€"),
        ("en", "Test payment. No real money moves.", "€1,234.05"),
    ],
)
def test_says_in_each_language_that_no_money_moves(gateway, key, language, banner, amount):
    page = Answer(open_checkout(gateway, key, language=language, amount=Money(123405)).url)
    assert page.status == 200
    assert Buttons(page.text).language == language
    assert banner in page.text
    assert amount in page.text
    assert "SC-26-00042" in page.text


def test_offers_to_pay_to_fail_and_to_leave_and_runs_no_script(gateway, key):
    page = Answer(open_checkout(gateway, key).url)
    assert Buttons(page.text).values == ["bancontact", "fail", "leave"]
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_goes_back_to_the_shop_with_the_session_after_paying(gateway, key):
    checkout = open_checkout(gateway, key)
    answer = Answer(checkout.url, {"press": "bancontact"})
    assert answer.to == f"{SHOP}/dank?sessie={checkout.reference}"
    assert gateway.status(reference=checkout.reference).state == "captured"
    again = Answer(checkout.url)
    assert "Deze bestelling is betaald." in again.text
    assert Buttons(again.text).values == []
    assert Answer(checkout.url, {"press": "bancontact"}).to == answer.to


def test_stays_on_the_page_after_a_failure(gateway, key):
    checkout = open_checkout(gateway, key)
    back = Answer(checkout.url, {"press": "fail", "method": "bancontact"}).to
    page = Answer(checkout.url.partition("/pay")[0] + back)
    assert 'role="alert"' in page.text
    assert gateway.status(reference=checkout.reference).reason == "generic_decline"
    assert Answer(checkout.url, {"press": "bancontact"}).to.startswith(f"{SHOP}/dank")


def test_goes_back_unpaid_when_the_person_leaves(gateway, key):
    checkout = open_checkout(gateway, key)
    assert Answer(checkout.url, {"press": "leave"}).to == f"{SHOP}/mandje"
    assert gateway.status(reference=checkout.reference).state == "open"


def test_takes_no_money_on_a_page_that_is_closed(gateway, key):
    checkout = open_checkout(gateway, key)
    gateway.expire(reference=checkout.reference)
    page = Answer(checkout.url)
    assert "De tijd om te betalen is om." in page.text
    assert f"{SHOP}/mandje" in page.text
    Answer(checkout.url, {"press": "bancontact"})
    assert gateway.status(reference=checkout.reference).state == "expired"


@pytest.mark.parametrize("press", ["", "cash", "card", "<script>"])
def test_ignores_a_button_that_is_not_there(gateway, key, press):
    checkout = open_checkout(gateway, key)
    page = Answer(checkout.url, {"press": press})
    assert page.status == 200
    assert "<script>" not in page.text
    assert gateway.status(reference=checkout.reference).state == "open"


def test_writes_what_the_shop_gave_as_text(gateway, key):
    page = Answer(open_checkout(gateway, key, order_number="<b>SC</b>&").url)
    assert "<b>SC</b>" not in page.text
    assert "&lt;b&gt;SC&lt;/b&gt;&amp;" in page.text


def test_follows_the_browser_when_the_shop_names_no_language(gateway, key):
    url = open_checkout(gateway, key, language="xx").url
    assert Buttons(Answer(url, language="fr-BE,fr").text).language == "fr"
    assert Buttons(Answer(url).text).language == "nl"


def test_answers_an_unknown_page_with_404(stand_in):
    for path in ("/pay/cs_test_nothing", "/connect/link_nothing", "/nothing"):
        assert Answer(stand_in.url + path).status == 404


def test_allows_nothing_but_its_own_style_and_the_way_back(gateway, key, stand_in):
    page = Answer(open_checkout(gateway, key).url)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert f"form-action 'self' {SHOP}" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    style = Answer(stand_in.url + "/pages.css")
    assert (style.status, style.headers["Content-Type"].partition(";")[0]) == (200, "text/css")
    assert not re.search(r"url\(|@import", style.text)


def test_lets_a_seller_say_who_they_are(tmp_path, key):
    with running_stand_in(tmp_path, options=("--onboarding", "page")) as own:
        gateway = gateway_to(own)
        account = gateway.open_account(key=key, email="b@demo.example", name="De Hoeve", kbo="0909337554")

        def link() -> str:
            return gateway.onboarding_link(account=account, return_url=f"{SHOP}/klaar", refresh_url=f"{SHOP}/opnieuw")

        first = link()
        assert "De Hoeve" in Answer(first).text
        assert Answer(first, {"press": "later"}).to == f"{SHOP}/klaar"
        assert not gateway.account_status(account=account).can_receive
        assert Answer(first).to == f"{SHOP}/opnieuw"
        assert Answer(link(), {"press": "confirm"}).to == f"{SHOP}/klaar"
        assert gateway.account_status(account=account).can_receive
