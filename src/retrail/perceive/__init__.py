"""Motion gate, detect, track, furniture, shots, embed. Knows no identities."""
