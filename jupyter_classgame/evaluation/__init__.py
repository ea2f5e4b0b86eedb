"""Scoring models and ensembles."""
