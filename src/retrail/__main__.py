"""``python -m retrail`` is the command ``retrail``."""

from retrail.cli import main

main()
