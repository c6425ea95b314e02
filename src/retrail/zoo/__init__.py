"""Model cards, look-up, pull, verify, licences. Runs no model."""
