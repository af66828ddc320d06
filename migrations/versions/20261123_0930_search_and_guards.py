"""Full-text and trigram search, and triggers that keep the books append-only.

Written by hand, for SQLite and PostgreSQL.
"""

from alembic import op

revision = "0002_search_and_guards"
down_revision = "0001_tables"
branch_labels = None
depends_on = None

APPEND_ONLY = ("journal_entry", "ledger_entry", "stock_movement")

SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE offer_search_words USING fts5(
        names, more, content='search_text', content_rowid='id', tokenize='unicode61', prefix='2 3 4')""",
    """CREATE VIRTUAL TABLE offer_search_trigrams USING fts5(
        names, more, content='search_text', content_rowid='id', tokenize='trigram')""",
    """CREATE TRIGGER search_text_inserted AFTER INSERT ON search_text BEGIN
        INSERT INTO offer_search_words (rowid, names, more) VALUES (new.id, new.names, new.more);
        INSERT INTO offer_search_trigrams (rowid, names, more) VALUES (new.id, new.names, new.more);
    END""",
    """CREATE TRIGGER search_text_deleted AFTER DELETE ON search_text BEGIN
        INSERT INTO offer_search_words (offer_search_words, rowid, names, more)
            VALUES ('delete', old.id, old.names, old.more);
        INSERT INTO offer_search_trigrams (offer_search_trigrams, rowid, names, more)
            VALUES ('delete', old.id, old.names, old.more);
    END""",
    """CREATE TRIGGER search_text_updated AFTER UPDATE ON search_text BEGIN
        INSERT INTO offer_search_words (offer_search_words, rowid, names, more)
            VALUES ('delete', old.id, old.names, old.more);
        INSERT INTO offer_search_trigrams (offer_search_trigrams, rowid, names, more)
            VALUES ('delete', old.id, old.names, old.more);
        INSERT INTO offer_search_words (rowid, names, more) VALUES (new.id, new.names, new.more);
        INSERT INTO offer_search_trigrams (rowid, names, more) VALUES (new.id, new.names, new.more);
    END""",
)

POSTGRESQL_SEARCH = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """ALTER TABLE search_text ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', names), 'A') || setweight(to_tsvector('simple', more), 'B')) STORED""",
    "CREATE INDEX ix_search_text_words ON search_text USING gin (words)",
    "CREATE INDEX ix_search_text_trigrams ON search_text USING gin ((names || ' ' || more) gin_trgm_ops)",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            op.execute(statement)
        for table in APPEND_ONLY:
            for deed in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for statement in POSTGRESQL_SEARCH:
        op.execute(statement)
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for deed in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{deed}")
        for name in ("inserted", "deleted", "updated"):
            op.execute(f"DROP TRIGGER search_text_{name}")
        op.execute("DROP TABLE offer_search_words")
        op.execute("DROP TABLE offer_search_trigrams")
        return
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP INDEX ix_search_text_trigrams")
    op.execute("DROP INDEX ix_search_text_words")
    op.execute("ALTER TABLE search_text DROP COLUMN words")
