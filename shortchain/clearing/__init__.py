"""When all the money of an order is there, the order stands; when it never will be, everybody gets theirs back."""
