"""Who does it: plans a chain of providers for an order. Decides only; owns no table."""
