"""Values and rules of thumb. Imports nothing of ours and does no input or output."""
