"""How much food: lots, and what of them is set aside. Stock does not know orders, only claims."""
