"""The version of the package; the JupyterLab extension has the same."""

__version__ = "0.1.0"
