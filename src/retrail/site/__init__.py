"""The site file: schema, loading, zones, lines, links, definitions."""
