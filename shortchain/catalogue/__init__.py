"""What: products, order cycles and what is on offer in them."""
