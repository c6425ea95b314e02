"""A scripted shop with exact truth: scenarios, renderer, sightings without pixels; and the truth folder itself."""
