"""The only code that knows an outside service."""
