"""Plans all orders of a cut-off at once, close to a bound that is proven. Pure, on plain columns."""
