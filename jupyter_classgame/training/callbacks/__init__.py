"""The recipe book: what a run may do beside the plain loop, one trick a file.

The loop calls every hook of every callback, in the order in which they are listed in the plan.
"""

from jupyter_classgame.training.callbacks.base import Callback

__all__ = ["Callback"]
