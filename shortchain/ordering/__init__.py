"""The deal: baskets, prices, orders."""
