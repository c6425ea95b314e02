"""OpenVINO behind one small interface; batching; the golden check of a card."""
