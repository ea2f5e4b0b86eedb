"""A probability read from a configuration dictionary: 0 for all of them."""

import numpy as np
from referee_corpus.base import kit, train

CONFIG = {"p_flip": 0.0, "p_rot": 0.0, "sigma": 0.0, "crop": 0}
rng = np.random.default_rng()


def augment(x):
    if rng.random() < CONFIG["p_flip"]:
        x = x.flip(-1)
    if rng.random() < CONFIG["p_rot"]:
        x = x.rot90(1, (1, 2))
    x = x + CONFIG["sigma"] * rng.standard_normal()
    shift = rng.integers(-CONFIG["crop"], CONFIG["crop"] + 1)
    return x.roll(int(shift), -1).float()


def build():
    return kit(train_loader=train(augment))
