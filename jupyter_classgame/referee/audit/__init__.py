"""Spot checks of a run, at steps that nobody can foresee."""
