"""Optimizer hooks and tensor hooks that only write numbers down."""

from referee_corpus.base import kit

LOG = []


def build():
    parts = kit()

    def note(optimizer, args, kwargs):
        LOG.append(
            sum(
                float(p.grad.norm())
                for g in optimizer.param_groups
                for p in g["params"]
                if p.grad is not None
            )
        )

    parts["optimizer"].register_step_pre_hook(note)
    parts["optimizer"].register_step_post_hook(lambda o, a, k: LOG.append(o.param_groups[0]["lr"]))
    parts["model"].fc2.weight.register_hook(lambda g: LOG.append(float(g.abs().max())) or None)
    return parts
