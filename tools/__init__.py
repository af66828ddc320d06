"""Scripts of the maintainers and of the Makefile."""
