"""What a model does in a pass, and what its weights show before the first step."""
