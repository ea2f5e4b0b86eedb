"""Colour operations on batches, with factors of shape (batch, 1, 1, 1): one an image."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - everybody's name for it

RED, GREEN, BLUE = 0.2989, 0.587, 0.114
GREY_OR_RGB = (1, 3)


def check_channels(images: Tensor) -> None:
    """Raise TypeError for images that are neither grey nor RGB, as torchvision does."""
    if images.shape[1] not in GREY_OR_RGB:
        raise TypeError(
            f"Input image tensor permitted channel values are 1 or 3, but found {images.shape[1]}"
        )


def grey(images: Tensor) -> Tensor:
    """Return the luma of RGB images (ITU-R BT.601), shape (batch, 1, height, width)."""
    red, green, blue = images[:, 0:1], images[:, 1:2], images[:, 2:3]
    return red.mul(RED).add_(green, alpha=GREEN).add_(blue, alpha=BLUE)


def brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Multiply pixels by the factor."""
    return images.mul(factor).clamp_(0, 1)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Blend each image with its mean luma; factors above 1 increase the contrast."""
    shades = grey(images) if images.shape[1] == max(GREY_OR_RGB) else images
    return _blend(images, shades.mean(dim=(1, 2, 3), keepdim=True), factor)


def saturation(images: Tensor, factor: Tensor) -> Tensor:
    """Blend each image with its luma; factors above 1 increase the saturation."""
    return images if images.shape[1] == 1 else _blend(images, grey(images), factor)


def hue(images: Tensor, turn: Tensor) -> Tensor:
    """Rotate the hue by ``turn``, from -0.5 to 0.5 of the colour circle."""
    if images.shape[1] == 1:
        return images
    red, green, blue = images[:, 0:1], images[:, 1:2], images[:, 2:3]
    most = torch.maximum(torch.maximum(red, green), blue)
    least = torch.minimum(torch.minimum(red, green), blue)
    spread = most - least
    level = least == most
    part = spread.masked_fill(level, 1)
    sixth = torch.where(green == most, 2 + (blue - red) / part, 4 + (red - green) / part)
    sixth = torch.where(red == most, (green - blue) / part, sixth)
    place = sixth / 6 + turn
    # From HSV: red, green and blue fall off at different angles of the circle.
    starts = torch.tensor([5.0, 3.0, 1.0], device=images.device).view(1, 3, 1, 1)
    along = starts / 6 + place
    along = along.sub_(along.floor()).mul_(6)
    fall = torch.minimum(along, 4 - along).clamp_(0, 1)
    return torch.where(fall > 0, (most - spread * fall).clamp_(0, 1), most)


def sharpness(images: Tensor, factor: Tensor) -> Tensor:
    """Blend each image, except its border, with a smoothed one; factors above 1 sharpen."""
    channels, height, width = images.shape[1:]
    if min(height, width) <= 2:
        return images
    window = torch.full((channels, 1, 3, 3), 1 / 13, device=images.device)
    window[:, :, 1, 1] = 5 / 13
    smooth = F.conv2d(images, window, groups=channels)
    out = images.clone()
    inner = out[..., 1:-1, 1:-1]
    inner.add_((smooth - inner) * (1 - factor))
    return out.clamp_(0, 1)


def posterize(images: Tensor, bits: Tensor) -> Tensor:
    """Reduce each channel to 2**bits levels."""
    levels = 2**bits
    return torch.minimum((images * levels).floor_().clamp_(min=0), levels - 1) / levels


def solarize(images: Tensor, threshold: Tensor) -> Tensor:
    """Invert pixels that are at least as bright as the threshold."""
    return torch.where(images >= threshold, 1 - images, images)


def _blend(images: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    return images.mul(factor).add_(other * (1 - factor)).clamp_(0, 1)
