"""The detectors: how each technique is seen in the facts.

To add one, add a row to ``table.py``: the technique's name among those that one look at the images
or at a pass of the model tells, or with a function of its own. Name the technique in
``packs/techniques.py``.
"""
