"""Which random changes happen to images, told from what becomes of probe images."""
