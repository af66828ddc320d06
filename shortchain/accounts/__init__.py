"""Who: people, their ways in, and their sessions."""
