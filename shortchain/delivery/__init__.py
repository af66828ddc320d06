"""The way: legs, tours and stops."""
