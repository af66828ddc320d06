"""A stand-in for Stripe: a program of its own that speaks the part of Stripe's HTTP API we use.

It runs on the loopback address only, moves no money and refuses to start in production. The
product never imports it; it reaches it over HTTP through the `stripe` library. What it does, what
it leaves out and how to make it misbehave is in `docs/payments.md`.
"""
