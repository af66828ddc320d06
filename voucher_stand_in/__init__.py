"""A stand-in for an issuer of meal and eco vouchers: a small program of its own, for development and tests.

Issuers have no common interface. This one asks for what all of them can do: a page on which the holder approves, capture,
release, refund, what it pays us, and an answer that is the same when a call with the same key comes again. It keeps everything in
memory and never runs in production.
"""
