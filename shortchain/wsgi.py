"""The WSGI application that a production server loads."""

from shortchain.app import create_app

app = create_app(commands=False)
