"""Import bqplot without the deprecation warnings of its own traitlets and of bqscales."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import bqplot as bq

__all__ = ["bq"]
