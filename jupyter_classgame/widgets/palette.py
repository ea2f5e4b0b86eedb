"""The colours of charts and cards, shared so that a chart and its twin look alike.

Chart colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), distinguishable with every
common kind of colour vision, and have a contrast of 3:1 or more with white and with JupyterLab's
dark page. Cards use JupyterLab's own variables, with a fallback for pages that have none.
"""

TRAIN = "#0072B2"
VALIDATION = "#D55E00"
BEST = "#009E73"
EARLIER = "#8C939C"
EDIT = "#CC79A7"

COMPARED = ("#7A838D", "#8E6BBF", "#1B8E9E", "#A6701E")
"""Runs that are compared with the one shown; each has a dash of its own besides."""

INK = "#1F2328"
MUTED = "#59636E"
GRID = "#E4E7EB"
PAPER = "#FFFFFF"

HEAT = ("#FFFFFF", "#CFE3F1", "#7FB6DA", "#2F86C1", "#0A4F7D")
"""From none of a class's images to all of them, in the confusion matrix."""

HEAT_GAMMA = 0.6
"""Shades follow the share to this power, so that a few mistakes are seen beside many hits."""

HEAT_DARK = 0.4
"""Above this share a cell is dark and its number light."""

LABEL = "#7A838D"
"""Lettering of live charts, legible on white and on a dark page."""

TITLE_STYLE = {"font-size": "13px", "font-weight": "600", "fill": LABEL}

TEXT_CSS = "var(--jp-ui-font-color1, #1f2328)"
MUTED_CSS = "var(--jp-ui-font-color2, #59636e)"
BORDER_CSS = "var(--jp-border-color2, #d0d7de)"
CARD_CSS = "var(--jp-layout-color1, #ffffff)"
SUNK_CSS = "var(--jp-layout-color2, #f1f3f5)"
FONT_CSS = "var(--jp-ui-font-family, system-ui, -apple-system, 'Segoe UI', sans-serif)"
CODE_FONT_CSS = "var(--jp-code-font-family, ui-monospace, Menlo, Consolas, monospace)"
GOOD_CSS = "var(--jp-success-color1, #2e7d32)"
WARN_CSS = "var(--jp-warn-color1, #b26a00)"
BAD_CSS = "var(--jp-error-color1, #c62828)"
BRAND_CSS = "var(--jp-brand-color1, #1976d2)"
