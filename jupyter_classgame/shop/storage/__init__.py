"""The database behind the ledger: tables, engines, queries."""
