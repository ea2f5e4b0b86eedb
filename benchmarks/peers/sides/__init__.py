"""One module a side of the comparison; ``peers.side`` runs them."""
