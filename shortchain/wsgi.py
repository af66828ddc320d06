"""The WSGI application that a production server loads."""

from sqlalchemy.orm import configure_mappers

from shortchain.app import create_app

app = create_app(commands=False)
configure_mappers()  # else every worker that the server forks does it again, in its first request and its own memory
