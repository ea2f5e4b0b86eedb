"""Packs: the games to play, each a folder with ``pack.toml`` and ``cards/*.md``."""

from jupyter_classgame.packs.pack import (
    Pack,
    PackList,
    built_in_packs,
    check_ranked,
    load_pack,
    playable_packs,
)
from jupyter_classgame.packs.spec import DataSpec, Rules

__all__ = [
    "DataSpec",
    "Pack",
    "PackList",
    "Rules",
    "built_in_packs",
    "check_ranked",
    "load_pack",
    "playable_packs",
]
