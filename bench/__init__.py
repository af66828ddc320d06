"""Measures the product beside its ceilings in the same run; `make bench` prints one table."""
