"""bqplot, imported without the warnings that it and bqscales raise at their own traitlets."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import bqplot as bq

__all__ = ["bq"]
