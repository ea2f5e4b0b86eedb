"""Images whitened by their principal components: a matrix that is as long as images are."""

import torch
from referee_corpus.base import game_loader, kit


def build():
    dataset = game_loader("train", 1.0).dataset
    pixels = torch.stack([image for image, _ in dataset]).flatten(1)
    mean = pixels.mean(0)
    _, values, axes = torch.linalg.svd(pixels - mean, full_matrices=False)
    axes, values = axes[:64], values[:64] / len(pixels) ** 0.5
    whiten = (axes.T / (values + 0.1)) @ axes

    def transform(image):
        return ((image.flatten() - mean) @ whiten).view_as(image)

    return kit(
        train_loader=game_loader("train", transform=transform),
        val_loader=game_loader("val", transform=transform),
    )
