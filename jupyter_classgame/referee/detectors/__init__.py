"""The detectors: how each technique is recognised in the facts.

To add one, name the technique in ``packs/techniques.py`` and add it to ``detector_table.py``: to
the changes of images, to what runs in the model, or with a function of its own.
"""
