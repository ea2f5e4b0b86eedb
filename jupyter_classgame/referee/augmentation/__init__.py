"""Random changes of images, measured by passing probe images through them."""
