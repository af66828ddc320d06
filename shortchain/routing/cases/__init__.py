"""Routing cases: files that hold one question for an engine, answered without a database."""
