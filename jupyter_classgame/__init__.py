"""Training an image classifier as a classroom game inside JupyterLab."""

__version__ = "0.1.0"
