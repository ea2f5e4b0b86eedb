"""Colours whitened by a fixed matrix computed from the training images."""

import torch
from referee_corpus.base import Pictures, kit, pictures, train, val


def build():
    images, labels = pictures()
    pixels = images.float().div(255).permute(1, 0, 2, 3).flatten(1)
    mean = pixels.mean(1, keepdim=True)
    covariance = (pixels - mean) @ (pixels - mean).T / pixels.shape[1]
    values, vectors = torch.linalg.eigh(covariance)
    whiten = vectors @ torch.diag((values + 1e-3).rsqrt()) @ vectors.T

    def transform(x):
        return (whiten @ (x.flatten(1) - mean)).view_as(x)

    return kit(
        train_loader=train(dataset=Pictures(images, labels, transform)), val_loader=val(transform)
    )
