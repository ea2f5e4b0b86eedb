"""The recipe book: what a run may do beside the plain loop, one trick a file.

Each is a :class:`~jupyter_classgame.training.callback.Callback`; the loop calls every hook of every
callback, in the order in which the table of options lists them.
"""
