"""PostgreSQL: log, ledger, migrations, retention, forget, the lock on a data folder."""
