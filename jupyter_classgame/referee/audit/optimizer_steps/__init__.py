"""The optimizer's steps, and twins that step beside it."""
