"""`flask check --all`: do the promises hold?"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from shortchain import checks
from shortchain.database import db


@click.command("check")
@click.option("--all", "everything", is_flag=True, help="Verify every promise.")
@click.option("--json", "as_json", is_flag=True, help="Print the breaches as JSON.")
@with_appcontext
def check(everything: bool, as_json: bool) -> None:
    """Verify the promises on the database; exit 1 on any breach."""
    if not everything:
        raise click.UsageError("say --all")
    breaches = checks.check_all(db.session(), now=datetime.now(UTC))
    if as_json:
        rows = [{"promise": breach.promise, "what": breach.what} for breach in breaches]
        click.echo(json.dumps({"checked": [name for name, _check in checks.CHECKS], "breaches": rows}, indent=1))
    else:
        for name, _check in checks.CHECKS:
            own = [breach.what for breach in breaches if breach.promise == name]
            click.echo(f"  {'BROKEN' if own else 'ok':<8}{name}")
            for what in own:
                click.echo(f"          {what}")
    sys.exit(bool(breaches))
