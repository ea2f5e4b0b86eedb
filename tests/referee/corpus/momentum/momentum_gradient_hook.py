"""Old gradients blended into new ones by hooks on the weights."""

from referee_corpus.base import kit

EXPECTED = {"momentum"}
MEMORY = {}


def build():
    parts = kit()

    def remember(name):
        def hook(grad):
            MEMORY[name] = 0.9 * MEMORY.get(name, 0) + grad
            return MEMORY[name]

        return hook

    for name, p in parts["model"].named_parameters():
        p.register_hook(remember(name))
    return parts
