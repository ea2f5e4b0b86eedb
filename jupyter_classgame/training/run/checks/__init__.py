"""Checks of what a run is asked to train, before anything moves."""
