"""Money out: shares, the ledger and payouts."""
