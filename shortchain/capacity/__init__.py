"""How much work: the capacity of a provider on a day, held and confirmed for a claim."""
