"""Where and how a run computes: device, memory format, number format."""
