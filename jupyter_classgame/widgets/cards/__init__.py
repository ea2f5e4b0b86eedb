"""Cards for receipts, reports, verdicts and the status of a game."""
