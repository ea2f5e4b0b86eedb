"""Forward hooks that only look."""

from referee_corpus.base import Net, kit


def build():
    model = Net()
    model.seen = []
    model.conv1.register_forward_hook(lambda m, i, o: model.seen.append(float(o.detach().mean())))
    return kit(model=model)
