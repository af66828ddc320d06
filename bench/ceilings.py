"""The least that a page of each kind costs on this machine: what ours are compared with."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    text,
)

from shortchain.database import engine_options  # also brings SQLite into our mode

CARDS = """<!doctype html><html lang="nl"><title>Cards</title><body><ul>
{% for card in cards %}<li><article><h2><a href="/p/{{ card.slug }}">{{ card.name }}</a></h2>
<p>{{ card.place }}</p><p>{{ card.price }} cent</p><button name="add" value="{{ card.id }}">+</button></article></li>
{% endfor %}</ul></body></html>"""


def plain_app(url: str) -> Flask:
    """Make a bare Flask app on the same database: hello, one query with 24 cards, one durable transaction."""
    app = Flask("ceilings")
    app.jinja_loader = DictLoader({"cards.html": CARDS})
    engine = create_engine(url, **engine_options(url))
    metadata = MetaData()
    notes = Table(
        "bench_note",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("text", String(200)),
        Column("at", DateTime(timezone=True)),
    )
    metadata.create_all(engine, checkfirst=True)

    @app.get("/hello")
    def hello() -> str:
        return "Hallo"

    @app.get("/cards")
    def cards() -> str:
        with engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT offer.id AS id, offer.price_cents AS price, product.slug AS slug, product.slug AS name,"
                    " enterprise.municipality AS place FROM offer JOIN product ON product.id = offer.product_id"
                    " JOIN enterprise ON enterprise.id = offer.farm_id ORDER BY offer.id LIMIT 24"
                )
            ).all()
        return render_template("cards.html", cards=rows)

    @app.post("/durable")
    def durable() -> str:
        with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
            connection.execute(insert(notes).values(text="one durable transaction", at=datetime.now(UTC)))
        return "ok"

    return app
