"""Whole notebooks as students write them, played from the look to the end of a run."""
