"""Gift cards: bought online, spent in parts at checkout, never for more than is on them."""
