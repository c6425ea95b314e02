"""Visits, dwell, crossings, occupancy, journeys, flows, counts; tables and the report."""
