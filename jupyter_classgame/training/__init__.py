"""The engine: the loop, devices, histories and what keeps a user's objects as they were."""
