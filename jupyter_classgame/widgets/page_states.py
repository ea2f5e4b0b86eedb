"""CSS rules for states that only the page knows: a dark theme, a disconnected kernel."""

DARK = 'body[data-jp-theme-light="false"]'
"""Selects JupyterLab's page in a dark theme; a page without themes counts as light."""

DEAD = "jupyter-widgets-disconnected"
"""The class that ipywidgets gives a view whose kernel is gone."""

FIGURE = "classgame-figure"
"""A picture drawn on white paper."""

RUN = "classgame-run"
"""The live chart of a run under way."""

INVERTED = "filter:invert(.93) hue-rotate(180deg) brightness(1.2)"
"""Dark paper and light ink, in the same hues."""

HEAT = "classgame-heat"
"""A live heat map: its cells are inverted, its axes have the page's colours."""

HEAT_STYLE = (
    f"<style>{DARK} .{HEAT} .heatmaprow,{DARK} .{HEAT} .object_grp{{{INVERTED}}}"
    f".{HEAT} .object_grp{{pointer-events:none}}.{HEAT} .heatmapcell{{cursor:pointer}}</style>"
)
"""The numbers let a click through to their cells."""

FIGURE_STYLE = f"<style>{DARK} .{FIGURE}{{{INVERTED}}}</style>"

RUN_STYLE = (
    f"<style>.{RUN}.{DEAD} .cg-alive,.{RUN}.{DEAD} button,"
    f".{RUN}.{DEAD} .widget-text{{display:none}}"
    f".{RUN}.{DEAD} .cg-dead{{display:block!important}}"
    f".{RUN}.{DEAD}::before,.{RUN} .{DEAD}::before{{content:none!important;display:none}}</style>"
)
"""A disconnected chart says so; ipywidgets' broken-link icons would displace its curves."""

RUN_ENDED = "The kernel was restarted and this run ended with it"
LIVE_ENDED = "The kernel was restarted: run the cell again for the live one."
