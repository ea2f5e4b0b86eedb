"""Starting or resuming a game."""

import random
import threading
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from jupyter_classgame.config import ClassGame
from jupyter_classgame.data import ImageSets, load_images
from jupyter_classgame.data.temporary_folder import keep_sockets_here
from jupyter_classgame.errors import ClassGameError, LedgerError, PackError
from jupyter_classgame.packs import check_ranked, load_pack
from jupyter_classgame.session.context import SharedState
from jupyter_classgame.session.game import Game
from jupyter_classgame.session.wallet.prompt_list import PromptList
from jupyter_classgame.shop.ledger import FILE, Ledger, open_ledger
from jupyter_classgame.shop.storage.database import IN_MEMORY, UnwritableLedgerError
from jupyter_classgame.shop.storage.records import GameRecord
from jupyter_classgame.shop.user_name import user_name

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

MEBIBYTE = 1024**2
LONGEST_TEAM = 60

DIGEST = " of digest "
"""What stands before the digest of a game's images in the ledger; nobody need read it."""

_ledgers: dict[str, Ledger] = {}
_opening = threading.Lock()

_teams: dict[str, PromptList] = {}

_shared: "WeakKeyDictionary[Ledger, WeakValueDictionary[int, SharedState]]" = WeakKeyDictionary()
"""What a game takes over from the one in use, by its ledger and its number there."""

_histories: "WeakKeyDictionary[Ledger, dict[int, list[History]]]" = WeakKeyDictionary()
"""The runs of this kernel, which outlive their game, by its ledger and its number there."""


def start_game(
    pack: str | Path = "",
    *,
    team: str = "",
    seed: int | None = None,
    image_size: int | tuple[int, int] | None = None,
    splits: tuple[str, str] | None = None,
    practice: bool = False,
    config: ClassGame | None = None,
    namespace: MutableMapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Game:
    """Start a team's game of a pack, or resume it.

    Parameters
    ----------
    pack
        A built-in name, a ``pack.toml``, or a folder of images; empty is the configured one.
    team
        Its name; empty is the configured one, or else the system's or Hub user's name.
    seed
        Seeds Python, NumPy and torch now, and every run that is given none of its own.
    image_size
        Pixels a side, or (height, width), in place of the pack's.
    splits
        Names of the training and the hidden test folder of a folder of images.
    practice
        Play without a wallet; nothing is ranked or recorded.
    config, namespace
        Defaults, and the names that runs are found by.
    progress
        Told (done, total) while images are decoded.

    Raises
    ------
    ClassGameError
        The pack, its images or the ledger cannot be used, or the team's game was begun with
        other images, another size or another split.
    """
    keep_sockets_here()
    config = config or ClassGame()
    loaded = load_pack(pack or config.pack, config.rules)
    if loaded.data is None:
        raise PackError(f"{loaded.name} gives rules to other packs and has no images to play with")
    if practice and not loaded.rules.practice:
        raise PackError(f"{loaded.name} does not allow --practice")
    if splits and loaded.data.source != "folder":
        raise PackError(f"--splits goes with a folder of images; {loaded.name} has its own splits")
    name = team_name(team or config.team)
    seed = config.seed if seed is None else seed
    if seed is not None:
        _seed(seed)
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    root = Path(config.data_dir).expanduser() if config.data_dir else None
    data = loaded.data.altered(image_size=size, splits=splits, root=root)
    if not practice:
        check_ranked(loaded, config.packs, config.rules)
    images = load_images(data, memory_cap=config.memory_cap * MEBIBYTE, progress=progress)
    spec = _specification(images, splits or loaded.data.splits)

    def begin(ledger: Ledger) -> tuple[GameRecord, tuple[str, ...]]:
        notes = _spelt_otherwise(ledger, name, loaded.name)
        record = ledger.open_game(
            name, loaded.name, spec, _difference, rules=loaded.digest, inherits=loaded.is_original
        )
        ledger.holdings(record)  # what is known of them should the ledger be lost
        return record, notes + _by_other_rules(ledger, record)

    alone = f"practice of {name}, {loaded.name} {loaded.digest}, {spec}" if practice else ""
    ledger, (record, notes) = _begun(config, begin, alone)
    return Game(
        pack=loaded,
        images=images,
        ledger=ledger,
        record=record,
        config=config,
        namespace=namespace if namespace is not None else {},
        shared=_shared_state(ledger, record),
        seed=seed,
        practice=practice,
        notes=(*images.notes, *notes),
    )


def known_teams(config: ClassGame) -> list[str]:
    """List the teams that have a game in the ledger; none where there is none yet.

    It takes an instant at most: of a ledger that does not answer, those last known are given.
    """
    url, folder = config.ledger_url, config.ledger_folder()
    key = url or str(folder)
    return _teams.setdefault(key, PromptList(lambda: _teams_of(key, url, folder))).known()


def _teams_of(key: str, url: str, folder: Path) -> list[str]:
    try:
        if not url and not (folder / FILE).exists():
            return []
        return _kept(key, url, folder).teams()
    except (LedgerError, OSError):  # a game that is started will report it
        return []


def team_name(given: str = "") -> str:
    """Give the team's name, by default the Hub user's or the system user's.

    Raises
    ------
    ClassGameError
        It is empty, too long or has characters that cannot be shown.
    """
    name = " ".join((given or user_name()).split())
    if not name or len(name) > LONGEST_TEAM or not name.isprintable():
        raise ClassGameError(
            f"--team {name[:20]!r}: a name of 1 to {LONGEST_TEAM} printable characters is needed"
        )
    return name


def _begun(
    config: ClassGame,
    begin: Callable[[Ledger], tuple[GameRecord, tuple[str, ...]]],
    alone: str,
) -> tuple[Ledger, tuple[GameRecord, tuple[str, ...]]]:
    """Begin a game in the ledger, which is opened once in a process for each place.

    Where the default one cannot be written, the game is begun in memory. One that a class has set
    is never replaced: its team would have a full wallet again, and all its attempts. A game that
    is played ``alone``, as in practice, has one in memory under this name.
    """
    if alone:
        ledger = _kept(alone, IN_MEMORY, config.ledger_folder())
        return ledger, begin(ledger)
    key = config.ledger_url or str(config.ledger_folder())
    try:
        ledger = _kept(key, config.ledger_url, config.ledger_folder())
        ledger.check_writable()
        return ledger, begin(ledger)
    except UnwritableLedgerError as error:
        if config.ledger_url:
            raise LedgerError(
                error.what,
                "nothing is lost; try again in a moment, or ask who set c.ClassGame.ledger_url. "
                "--practice plays without a wallet meanwhile",
            ) from error
        reason = f"{error}. Until then this game is kept in memory and ends with the kernel"
    ledger = _kept(f"memory in place of {key}", IN_MEMORY, config.ledger_folder())
    record, notes = begin(ledger)
    return ledger, (record, (reason, *notes))


def _kept(key: str, url: str, folder: Path) -> Ledger:
    found = _ledgers.get(key)
    if found is not None and found.present:
        return found
    opened = open_ledger(url, folder)
    with _opening:
        if _ledgers.get(key) is found:
            _ledgers[key] = opened
    if (kept := _ledgers[key]) is not opened:  # another thread was faster
        opened.close()
    return kept


def _by_other_rules(ledger: Ledger, record: GameRecord) -> tuple[str, ...]:
    """Say that the team has played the pack by other rules, and that this is not that game."""
    if not ledger.games_by_other_rules(record):
        return ()
    note = (
        f"{record.pack} has other rules or prices than in another game of team {record.team}'s; "
        "this one has a wallet, runs and final scores of its own"
    )
    return (note,)


def _shared_state(ledger: Ledger, record: GameRecord) -> SharedState:
    """Give what all games of one record share, as long as one of them or a run of it is in use."""
    histories = _histories.setdefault(ledger, {}).setdefault(record.id, [])
    state = SharedState(histories=histories)
    return _shared.setdefault(ledger, WeakValueDictionary()).setdefault(record.id, state)


def _spelt_otherwise(ledger: Ledger, team: str, pack: str) -> tuple[str, ...]:
    """Say that a new team's name differs from another's in nothing but capitals."""
    teams = ledger.teams(pack)
    alike = [other for other in teams if other.casefold() == team.casefold()]
    if not alike or team in alike:
        return ()
    return (f"{team} is a new team with a wallet of its own; there is a team {alike[0]} too",)


def _specification(images: ImageSets, splits: tuple[str, str] | None) -> dict[str, str]:
    """Say what a game is played with, in words that a refusal to resume can quote.

    Only what makes other images: by other rules or prices it is another game.
    """
    counts = "+".join(str(len(part)) for part in (images.train, images.val, images.test))
    height, width = images.image_size
    return {
        "image size": f"{height}x{width}",
        "splits": ",".join(splits) if splits else "its own",
        "images": f"{counts} (train+val+test){DIGEST}{images.fingerprint[:12]}",
    }


def _difference(name: str, was: str, now: str) -> str:
    """Word a difference between two games; of digests, only that the pictures are others."""
    before, after = was.partition(DIGEST)[0], now.partition(DIGEST)[0]
    if before == after and was != now:
        return f"other pictures ({before}): some have been changed, renamed or moved since"
    return f"{name} {before}, not {after}"


def _seed(seed: int) -> None:
    import numpy as np  # noqa: PLC0415 - not needed without a seed
    import torch  # noqa: PLC0415

    from jupyter_classgame.training.random_state import check_seed  # noqa: PLC0415

    random.seed(check_seed(seed))
    np.random.seed(seed % 2**32)  # noqa: NPY002 - players draw from the global state
    torch.manual_seed(seed)
