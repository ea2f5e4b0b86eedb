"""The same training in %train, in its peers and at the bare limit; ``../peers.py`` runs it."""
