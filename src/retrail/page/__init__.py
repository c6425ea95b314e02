"""The loopback page."""
