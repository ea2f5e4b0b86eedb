"""The training loop and what it calls every step and every epoch."""
