"""The site file: schema, loading, zones, lines, links, definitions."""

from retrail.site.definitions import Definitions
from retrail.site.load import Site
from retrail.site.mistakes import SiteFileError
from retrail.site.parts import Camera, Line, Link, Retention, Zone
from retrail.site.schema import json_schema

__all__ = ["Camera", "Definitions", "Line", "Link", "Retention", "Site", "SiteFileError", "Zone", "json_schema"]
