"""Tracing of a forward pass, operation by operation."""
