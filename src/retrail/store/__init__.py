"""PostgreSQL: log, ledger, migrations, retention, forget, the lock on a data folder. Knows no domain rules."""

from retrail.store.erase import Erased
from retrail.store.store import Store, open_store

__all__ = ["Erased", "Store", "open_store"]
