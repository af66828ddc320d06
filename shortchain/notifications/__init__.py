"""Telling people: one notice is one mail owed to one person."""
