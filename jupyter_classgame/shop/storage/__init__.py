"""The ledger's database: tables, engines, queries."""
