"""The live chart of a run."""
