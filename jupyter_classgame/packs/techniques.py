"""All techniques that the referee recognises; independent of torch, for validating packs."""

import difflib

TECHNIQUES: dict[str, str] = {
    # data
    "more-data": "more distinct training images than the base fraction",
    "weighted-sampling": "some images are drawn more often than others",
    # augmentation
    "rotation": "images are rotated at random",
    "blur": "images are blurred",
    "flip": "images are mirrored",
    "resampling": "images are scaled up or down at random, or cropped and resized",
    "shift": "images are shifted at random",
    "cutout": "patches of images are erased at random",
    "mixup": "images are blended with one another",
    "cutmix": "pieces of images are pasted into one another",
    "shear": "images are sheared at random",
    "warp": "images are distorted at random: perspective, elastic",
    "colour-jitter": "brightness, contrast or colours change at random",
    "noise": "random numbers are added to images or activations",
    "rand-augment": "a few of many operations, chosen at random (RandAugment and similar)",
    "unknown-augmentation": "random changes that are no other technique",
    # architecture
    "convolution": "convolutional layers one after another",
    "batch-norm": "activations are normalised over the batch",
    "layer-norm": "activations are normalised over the features of one image",
    "group-norm": "activations are normalised over groups of channels",
    "instance-norm": "each channel of an image is normalised separately",
    "weight-norm": "weights are normalised",
    "residual": "a block's input is added or concatenated to its output",
    "attention": "positions or tokens weight one another",
    "squeeze-excitation": "channels are weighted by a small network",
    "pretrained": "weights that were trained elsewhere",
    "ensembling": "several networks' scores are combined",
    # regularisation
    "dropout": "activations are zeroed at random",
    "stochastic-depth": "layers are skipped at random",
    "weight-decay": "weights are pulled towards zero",
    "label-smoothing": "targets leave a little probability to all other classes",
    "class-weight": "some classes count more in the loss",
    # optimisation
    "momentum": "steps continue after the gradient has vanished, in adaptive optimizers too",
    "adaptive-step": "step sizes come from past gradients, no momentum (RMSprop, Adagrad, Rprop)",
    "gradient-clipping": "large gradients are clipped",
    "learning-rate-decay": "the learning rate falls by steps or exponentially",
    "learning-rate-schedule": "the learning rate follows any other schedule",
    "ema": "an average of past weights is maintained",
    "tta": "several views of an image are scored in evaluation",
}

AFTER_TRAINING = frozenset({"ensembling", "tta"})
"""Those that come after training: that a run does not use them is no oversight."""


def unknown(name: str) -> str:
    """Describe an unknown technique and suggest the closest one; empty for a known one."""
    if name in TECHNIQUES:
        return ""
    near = difflib.get_close_matches(name, TECHNIQUES, n=1)
    hint = f'did you mean "{near[0]}"?' if near else "docs/packs.md lists them"
    return f'the referee knows no technique "{name}"; {hint}'
