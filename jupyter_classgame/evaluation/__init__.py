"""Evaluation of models and ensembles."""
