"""The work: jobs of providers on an order."""
