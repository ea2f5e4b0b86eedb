"""Where a run takes place: in the kernel, in processes beside it, or on other machines."""
