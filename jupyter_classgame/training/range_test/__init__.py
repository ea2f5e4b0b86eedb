"""The learning-rate range test: which rates a model learns at (Smith 2015, arXiv:1506.01186)."""
