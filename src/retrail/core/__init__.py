"""The shared types, geometry, time, errors and progress. Imports no other room."""
