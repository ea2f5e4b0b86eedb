"""The parts of the soak test; ``../soak.py`` runs them."""
