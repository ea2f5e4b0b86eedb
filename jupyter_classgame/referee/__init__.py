"""The referee and the coach: what is in use, what is owned, what is wrong."""

from jupyter_classgame.packs.techniques import TECHNIQUES

from .coach import findings
from .detectors import techniques_in_use
from .evidence import Evidence, Finding
from .facts import Facts
from .observe import observe
from .verdict import Verdict, judge
from .watch import Watch

__all__ = [
    "TECHNIQUES",
    "Evidence",
    "Facts",
    "Finding",
    "Verdict",
    "Watch",
    "findings",
    "judge",
    "observe",
    "techniques_in_use",
]
