"""What customers say went wrong, per line and with photos, and what a coordinator decided."""
