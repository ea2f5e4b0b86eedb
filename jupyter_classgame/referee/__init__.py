"""The referee, which finds the techniques in use, and the coach, which finds mistakes."""

from jupyter_classgame.packs.techniques import TECHNIQUES
from jupyter_classgame.referee.coach.findings import findings
from jupyter_classgame.referee.detectors.in_use import techniques_in_use
from jupyter_classgame.referee.evidence import Evidence, Finding
from jupyter_classgame.referee.facts import Facts
from jupyter_classgame.referee.observation import observe
from jupyter_classgame.referee.run_guard import RunGuard
from jupyter_classgame.referee.verdict import Verdict, judge

__all__ = [
    "TECHNIQUES",
    "Evidence",
    "Facts",
    "Finding",
    "RunGuard",
    "Verdict",
    "findings",
    "judge",
    "observe",
    "techniques_in_use",
]
