"""Retrail: who came, where they went and how long they stayed, without knowing who anybody is."""

__version__ = "0.1.0"
