"""A stand-in for a Peppol access point: an own program that checks documents as one does, delivers or refuses them.

It knows the rules of `shortchain.peppol` and nothing else of the shop. For development and tests.
"""
