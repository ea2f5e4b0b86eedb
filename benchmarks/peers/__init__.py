"""The same training in %train, in its peers and at the limit; ``../peers.py`` runs it."""
