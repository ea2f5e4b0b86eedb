"""What a user sees: the shop, the live chart, receipts, and the static twins they leave behind.

Every live widget has a static twin, so that a saved notebook shows the same without a kernel. The
heavy libraries (bqplot, matplotlib) load on first use.
"""
