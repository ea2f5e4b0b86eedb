"""Configuration of the manual: ``make docs`` builds it into ``out/docs``."""

import jupyter_classgame

project = "jupyter-classgame"
author = "The jupyter-classgame developers"
project_copyright = author
version = release = jupyter_classgame.__version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["scripts"]
myst_heading_anchors = 3
# IPython's syntax and lines with "..." have no lexer of their own
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "pydata_sphinx_theme"
html_title = project
html_theme_options = {"show_toc_level": 2, "navbar_end": ["theme-switcher"]}
html_show_sourcelink = False
