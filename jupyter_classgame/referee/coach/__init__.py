"""The coach: one module for each mistake, with ``CODE`` and ``check(facts)``.

To add one, write a module in the folder of its subject: every module there is called.
"""
