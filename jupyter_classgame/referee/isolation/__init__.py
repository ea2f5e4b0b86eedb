"""Observing without a trace: in forked children, or in place where no child can be forked."""
