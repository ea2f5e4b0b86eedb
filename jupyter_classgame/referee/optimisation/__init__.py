"""What optimizers, criteria and schedulers do, measured by calling and stepping them."""
