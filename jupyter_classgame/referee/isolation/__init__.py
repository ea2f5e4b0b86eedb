"""Isolation of observations: forked children, or restoring all that changed in this process."""
