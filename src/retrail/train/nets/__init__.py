"""Nets of the papers, written new."""
