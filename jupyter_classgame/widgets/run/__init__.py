"""A run beside its chart: controls, status, progress as text."""
