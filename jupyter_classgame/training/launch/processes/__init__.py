"""One run in several processes beside the kernel."""
