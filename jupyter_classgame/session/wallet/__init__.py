"""What a team buys, and what other kernels of the team buy meanwhile."""
