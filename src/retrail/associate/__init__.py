"""Evidence, gallery, assignment, consolidation. Pure: no file, clock or socket."""
