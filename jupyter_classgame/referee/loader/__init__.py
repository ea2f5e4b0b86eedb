"""What a loader yields: its batches, its images, and where those are stored."""
