"""Ensembles, reports and final scores."""
