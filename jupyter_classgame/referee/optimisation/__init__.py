"""What the optimizer, the criterion and the schedulers do, told from their steps."""
