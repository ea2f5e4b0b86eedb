"""The static twin of a range test's chart."""

from typing import TYPE_CHECKING

import numpy as np

from jupyter_classgame.widgets import matplotlib_figures, palette
from jupyter_classgame.widgets.matplotlib_figures import Bundle, font
from jupyter_classgame.widgets.range_test.rate_curves import (
    caption,
    decades,
    limits,
    points,
    said,
    smoothed,
)

if TYPE_CHECKING:
    from jupyter_classgame.training.range_test.range_test import RangeTest


@matplotlib_figures.own_style()
def rates(test: "RangeTest") -> Bundle:
    """Draw the losses over the rates, smoothed over plain, with the rate that is suggested."""
    figure = matplotlib_figures.new_figure(6.6, 3.1)
    axes = matplotlib_figures.new_axes(figure, (0.6, 0.5, 5.8, 2.2), f"Range test of {test.model}")
    axes.set_xscale("log")
    for sweep in test.sweeps:
        x, y = points(sweep.rates, sweep.losses)
        axes.plot(x, y, color=palette.EARLIER, linewidth=0.7, alpha=0.6)
    for sweep in test.sweeps:
        x, y = smoothed(sweep)
        axes.plot(x, y, color=palette.TRAIN, linewidth=1.8 if len(test.sweeps) == 1 else 1.2)
    bottom, top = limits([loss for sweep in test.sweeps for loss in sweep.losses])
    axes.set_ylim(bottom, top)
    ticks = decades(test.sweeps[0].rates[0], max(sweep.rates[-1] for sweep in test.sweeps))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    if test.spread is not None and len(test.sweeps) > 1:
        axes.axvspan(*test.spread, color=palette.BEST, alpha=0.12, linewidth=0)
    if test.suggestion is not None:
        axes.axvline(test.suggestion, color=palette.BEST, linewidth=1.6)
        right = test.suggestion > np.sqrt(np.prod(axes.get_xlim()))
        axes.annotate(
            f"{test.suggestion:g}", (test.suggestion, top), xytext=(-5 if right else 5, -4),
            textcoords="offset points", ha="right" if right else "left", va="top",
            fontproperties=font(9, "bold"), color=palette.INK,
        )  # fmt: skip
    matplotlib_figures.set_labels(axes, "learning rate", "training loss")
    return matplotlib_figures.bundle(figure, said(test), caption(test))
