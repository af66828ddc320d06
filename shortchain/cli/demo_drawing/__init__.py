"""Drawings for the demo: produce that looks soft and lit from the upper left, and small landscapes."""
