"""Crates, boxes, jars and bottles that come back: what they are, whose they are, and where they went."""
