"""Transforms made of others, and transforms that draw nothing."""
