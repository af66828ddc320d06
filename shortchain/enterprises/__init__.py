"""Where: farms, social enterprises and hubs, what they can do, and who works there."""
