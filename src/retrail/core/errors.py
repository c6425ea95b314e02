"""Every error Retrail raises on purpose.

    RetrailError
     ├── SiteError      the site file, or what it names
     ├── ModelError     a model card, its files, or what a network returned
     ├── SourceError    a camera, a clip, a picture
     ├── StoreError     the database or the data folder
     └── DataError      any other file or value a user gave

A message says what is wrong, where, what was found, what is allowed and what to do.
"""


class RetrailError(Exception):
    """Base of all errors a user can cause or mend.

    Args:
        what: one sentence: what is wrong.
        where: file, line, key, camera or table, as a reader would look for it.
        found: the value that was found.
        allowed: what would have been accepted.
        hint: what to do.

    >>> print(RetrailError("The zone has two corners", where="shop.yaml line 7: zones.table", allowed="three or more"))
    The zone has two corners
      where:   shop.yaml line 7: zones.table
      allowed: three or more
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        found: str | None = None,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.found = found
        self.allowed = allowed
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        rows = (("where", self.where), ("found", self.found), ("allowed", self.allowed), ("to do", self.hint))
        return "\n".join([self.what, *(f"  {label + ':':<8} {text}" for label, text in rows if text)])


class SiteError(RetrailError):
    """The site file, or something it names, is wrong."""


class ModelError(RetrailError):
    """A model card, its files, or what a network returned is wrong."""


class SourceError(RetrailError):
    """A camera, clip or picture cannot be read."""


class StoreError(RetrailError):
    """The database or the data folder cannot be used."""


class DataError(RetrailError):
    """A file or value that a user gave is wrong."""
