"""The least that is valid, one file a package. A test states only what it is about.

Every factory commits, because a workflow begins with a fresh transaction and a request has a session
of its own.
"""
