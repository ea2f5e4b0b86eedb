"""What a loader reaches: its batches, its images, and where they are stored."""
