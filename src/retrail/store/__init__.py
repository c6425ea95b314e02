"""PostgreSQL: log, ledger, migrations, retention, forget, the lock on a data folder. Knows no domain rules."""

from retrail.store.store import Store, open_store

__all__ = ["Store", "open_store"]
