"""The coach: one module a mistake, each with ``CODE`` and ``check(facts)``.

To add one, write a module in the folder of its subject: every module there is asked.
"""
