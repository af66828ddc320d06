"""How PostgreSQL keeps what it has prepared. SQLAlchemy takes this dialect for psycopg (`shortchain.database`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

_IDLE, _IN_TRANSACTION = 0, 2
"""What libpq calls PQTRANS_IDLE and PQTRANS_INTRANS; psycopg's own names would load it where SQLite is used."""


class PlanKeepingDialect(PGDialect_psycopg):
    """The dialect of psycopg, that ends a transaction of nothing but reading with COMMIT instead of ROLLBACK.

    For PostgreSQL the two are the same then. For psycopg they are not: after a ROLLBACK it drops every
    prepared statement of the connection, since one may have been prepared for a table that is gone again
    (`psycopg._preparing`). Each page ends its reading with a rollback, so nothing stayed prepared for
    longer than a page, and the server parsed and planned every statement anew: half of its work.
    Whoever takes the driver's own connection to write must commit it; nobody does.
    """

    supports_statement_cache = True
    _WROTE = "shortchain_wrote"

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        self._note(cursor, statement)
        super().do_execute(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        self._note(cursor, statement)
        super().do_execute_no_params(cursor, statement, context)  # type: ignore[no-untyped-call]

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        self._note(cursor, statement)
        super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_commit(self, dbapi_connection: Any) -> None:
        dbapi_connection.commit()
        self._forget(dbapi_connection)

    def do_rollback(self, dbapi_connection: Any) -> None:
        own = getattr(dbapi_connection, "dbapi_connection", dbapi_connection)  # the pool gives its wrapper
        status = own.pgconn.transaction_status
        if status == _IDLE:
            return
        if status == _IN_TRANSACTION and not getattr(own, self._WROTE, False):
            own.commit()
            return
        super().do_rollback(dbapi_connection)  # type: ignore[no-untyped-call]
        self._forget(own)

    def _note(self, cursor: Any, statement: str) -> None:
        if not statement.startswith("SELECT"):
            setattr(cursor.connection, self._WROTE, True)

    def _forget(self, dbapi_connection: Any) -> None:
        setattr(getattr(dbapi_connection, "dbapi_connection", dbapi_connection), self._WROTE, False)
