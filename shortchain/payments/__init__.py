"""Money in: payments, refunds and what the payment provider tells us."""
