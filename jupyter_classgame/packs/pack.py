"""Packs, read from a built-in name, a ``pack.toml`` or a folder of images."""

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jupyter_classgame.errors import PackError, shown
from jupyter_classgame.packs.cards import read_card
from jupyter_classgame.packs.class_edits import ClassSource, edited
from jupyter_classgame.packs.schema import (
    ItemTable,
    PackFile,
    RulesTable,
    read_pack_file,
    read_rules_file,
)
from jupyter_classgame.packs.spec import DataSpec, Rules
from jupyter_classgame.packs.starters import NOT_PYTHON, completed, names_made, without_magics
from jupyter_classgame.packs.techniques import unknown
from jupyter_classgame.shop import Catalogue, Item

FILE = "pack.toml"
FIRST_GAME = "first-game"
FOLDER_IMAGE_SIZE = (64, 64)
MAX_EXTENDS = 8

DIGITS = 12
"""Length of a digest of rules."""


@dataclass(frozen=True)
class Pack:
    """A game to play: rules, catalogue, data.

    ``folder`` contains its ``pack.toml`` or, for a bare folder of images, the images. ``data`` is
    None in a pack that only provides rules for others. ``starters`` maps a name that recipes use to
    the code that defines it. ``notebook`` has the cells of a new notebook, which train the
    baseline.
    """

    name: str
    title: str
    summary: str
    rules: Rules
    catalogue: Catalogue
    data: DataSpec | None
    folder: Path
    starters: Mapping[str, str] = field(default_factory=dict)
    notebook: tuple[str, ...] = ()

    @property
    def budget(self) -> float:
        """Amount that a team may spend, in B NN."""
        return self.rules.budget

    @property
    def digest(self) -> str:
        """Digest of what makes scores comparable: the rules, what is sold, and its price.

        Names, cards and recipes may be mended without changing it. A pack that bears a built-in
        pack's name has another one in any case.
        """
        rules = {
            "budget": float(self.budget),
            "base_fraction": float(self.rules.base_fraction),
            "max_epochs": self.rules.max_epochs,
            "final_attempts": self.rules.final_attempts,
            "free": sorted(self.rules.free),
            "baseline": dict(self.rules.baseline),
        }
        items = sorted(
            (item.slug, item.technique, float(item.price), item.repeatable, sorted(item.contains))
            for item in self.catalogue
        )
        place = "" if self.is_original else str(self.folder)
        text = json.dumps([rules, items, place], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]

    @property
    def is_original(self) -> bool:
        """Whether it may bear its name: a built-in pack's is that pack's alone."""
        built_in = built_in_packs().get(self.name)
        return built_in is None or built_in.parent.resolve() == self.folder

    def recipe(
        self,
        item: Item,
        names: Container[str],
        class_there: Callable[[str], ClassSource | None] = lambda _name: None,
    ) -> str:
        """Return an item's recipe as it fits a notebook.

        Parameters
        ----------
        item
            The item.
        names
            The names that the notebook has; the code for what is missing stands above the recipe.
        class_there
            Returns the notebook's class that stands for one of the baseline, as
            :func:`~jupyter_classgame.packs.class_edits.edited` takes it; the recipe's edits of
            the baseline's class are made in that.
        """
        recipe = edited(item.card.recipe, self.notebook, class_there)
        return completed(recipe, self.starters, names)

    def missing_cells(self, names: Container[str]) -> list[str]:
        """Return the cells of :attr:`notebook` without those whose names are all in ``names``.

        Those that define no name, such as ``%train``, come with the others; none comes alone.
        """
        made = {cell: names_made(without_magics(cell)) for cell in self.notebook}
        lacking = {cell for cell, own in made.items() if any(name not in names for name in own)}
        return [c for c, own in made.items() if c in lacking or not own] if lacking else []

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, {len(self.catalogue)} items, {self.budget:g} B NN)"


@dataclass(frozen=True, repr=False)
class PackList:
    """A list of packs that can be played."""

    packs: tuple[Pack, ...]

    def __repr__(self) -> str:
        width = max(len(pack.name) for pack in self.packs)
        rows = [f"{pack.name:<{width}}  {pack.title}: {pack.summary}" for pack in self.packs]
        return "\n".join([*rows, "or a pack.toml, or a folder of images, one folder a class"])


def check_ranked(pack: Pack, allowed: Iterable[str | Path], rules: str | Path = "") -> None:
    """Refuse a pack that a class does not play for rank.

    Parameters
    ----------
    pack
        As :func:`load_pack` has read it.
    allowed
        The packs of the class, as :func:`load_pack` takes them; none at all allow every pack.
    rules
        The class's own rules.

    Raises
    ------
    PackError
        It is not one of them, or is one of another folder, or has other rules or prices.
    """
    known = [load_pack(each, rules) for each in allowed]
    same = [one for one in known if (one.name, one.folder) == (pack.name, pack.folder)]
    if known and pack.digest not in {one.digest for one in same}:
        which = (
            "has other rules than the class's" if same else f"in {pack.folder} is not the class's"
        )
        raise PackError(
            f"{pack.name} {which}",
            f"for rank there are {', '.join(one.name for one in known)}; --practice plays it "
            "without a wallet",
        )


def playable_packs() -> PackList:
    """Read the built-in packs that have images."""
    packs = [_read(file) for file in built_in_packs().values()]
    return PackList(tuple(pack for pack in packs if pack.data is not None))


def built_in_packs() -> Mapping[str, Path]:
    """List the packs of this package: name to ``pack.toml``, in alphabetical order."""
    files = sorted(Path(__file__).parent.glob(f"*/{FILE}"))
    return {file.parent.name.replace("_", "-"): file for file in files}


def load_pack(where: str | Path, rules: str | Path = "") -> Pack:
    """Read a pack.

    Parameters
    ----------
    where
        A built-in name, the path of a ``pack.toml`` or of a folder that contains one, or a folder
        of images, which is played by the first game's rules at 64x64.
    rules
        A file of a class's own rules, which override the pack's key by key; empty for none.

    Raises
    ------
    PackError
        There is no such pack, or its files are invalid; the message names file, key and reason.
    """
    pack = _find(where)
    return with_rules(pack, Path(rules).expanduser()) if rules else pack


def with_rules(pack: Pack, path: Path) -> Pack:
    """Override a pack's rules by those of a file.

    Raises
    ------
    PackError
        The file cannot be read, or is invalid.
    """
    table = read_rules_file(path).rules
    _check_names(path, _named(table))
    return replace(pack, rules=_rules(table, pack.rules))


def _find(where: str | Path) -> Pack:
    built_in = built_in_packs()
    if (name := str(where).casefold()) in built_in:
        return _read(built_in[name])
    path = Path(where).expanduser()
    try:
        if path.is_dir():
            return _read(path / FILE) if (path / FILE).is_file() else _folder_of_images(path)
        if path.is_file():
            return _read_file(path)
    except (OSError, ValueError) as error:
        raise PackError(f"{str(where)[:80]!r} cannot be opened ({error})") from error
    playable = [name for name in built_in if name != FIRST_GAME]
    near = difflib.get_close_matches(str(where)[:80].casefold(), playable, n=1)
    hint = (
        f'did you mean "{near[0]}"?'
        if near
        else f"there are {', '.join(playable)}, or give a folder of images, one folder a class"
    )
    raise PackError(f'there is no pack, file or folder "{str(where)[:80]}"; {hint}')


def _read_file(path: Path) -> Pack:
    if path.suffix != ".toml":
        raise PackError(f"{path}: is neither a {FILE} nor a folder of images, one folder a class")
    return _read(path)


def _folder_of_images(path: Path) -> Pack:
    rules = _read(built_in_packs()[FIRST_GAME])
    path = path.resolve()
    name = re.sub(r"[^\w.-]+", "-", path.name).strip("-") or "images"
    if name in built_in_packs():
        name += "-folder"
    data = DataSpec("folder", path, FOLDER_IMAGE_SIZE)
    return replace(
        rules,
        name=name,
        title=shown(path.name),
        summary=shown(f"images in {path}"),
        data=data,
        folder=path,
    )


def _read(path: Path, depth: int = 0) -> Pack:
    file = read_pack_file(path)
    _check_techniques(path, file)
    base = _base(path, file, depth) if file.extends is not None else None
    rules = _rules(file.rules, base.rules if base else Rules())
    items = {item.slug: item for item in base.catalogue} if base else {}
    for table in file.items:
        items[table.slug] = _item(path, table)
    try:
        catalogue = Catalogue(items.values())
    except ValueError as error:
        raise PackError(f"{path}: items: {error}") from error
    if not items:
        raise PackError(
            f'{path}: items: nothing is for sale; add items or extends = "{FIRST_GAME}"'
        )
    return Pack(
        name=file.name,
        title=file.title,
        summary=file.summary,
        rules=rules,
        catalogue=catalogue,
        data=_data(path, file),
        folder=path.parent.resolve(),
        starters={**(base.starters if base else {}), **_starters(path, file)},
        notebook=_notebook(path, file) or (base.notebook if base else ()),
    )


def _check_techniques(path: Path, file: PackFile) -> None:
    named = _named(file.rules)
    for number, item in enumerate(file.items):
        named.append((f"items.{number}.technique", item.technique))
        named += [(f"items.{number}.contains", name) for name in item.contains]
    _check_names(path, named)


def _named(rules: RulesTable) -> list[tuple[str, str]]:
    """List the techniques in rules, each with its key."""
    named = [("rules.free", name) for name in rules.free or ()]
    return named + [("rules.baseline", name) for name in rules.baseline or ()]


def _check_names(path: Path, named: Iterable[tuple[str, str]]) -> None:
    for key, name in named:
        if fault := unknown(name):
            raise PackError(f"{path}: {key}: {fault}")


def _base(path: Path, file: PackFile, depth: int) -> Pack:
    if depth >= MAX_EXTENDS:
        raise PackError(f"{path}: extends: packs extend one another in a circle, or too deeply")
    built_in = built_in_packs()
    if str(file.extends) in built_in:
        return _read(built_in[str(file.extends)], depth + 1)
    other = path.parent / str(file.extends)
    other = other / FILE if other.is_dir() else other
    if not other.is_file():
        raise PackError(f'{path}: extends: there is no pack "{file.extends}"')
    return _read(other, depth + 1)


def _rules(table: RulesTable, base: Rules) -> Rules:
    given = table.model_dump(exclude_none=True)
    if "free" in given:
        given["free"] = tuple(given["free"])
    if "baseline" in given:
        given["baseline"] = {**base.baseline, **given["baseline"]}
    return replace(base, **given)


def _starters(path: Path, file: PackFile) -> Mapping[str, str]:
    for name, source in file.starters.items():
        if name not in _names_made(f"{path}: starters.{name}", source):
            raise PackError(f"{path}: starters.{name}: the code must define {name}")
    return file.starters


def _notebook(path: Path, file: PackFile) -> tuple[str, ...]:
    for number, cell in enumerate(file.notebook):
        _names_made(f"{path}: notebook.{number}", without_magics(cell))
    return tuple(cell.strip() for cell in file.notebook)


def _names_made(where: str, code: str) -> set[str]:
    try:
        return names_made(code)
    except NOT_PYTHON as error:
        raise PackError(f"{where}: is not Python ({error})") from error


def _item(path: Path, table: ItemTable) -> Item:
    fields = table.model_dump(exclude={"card", "aliases", "contains"})
    return Item(
        **fields,
        aliases=tuple(table.aliases),
        contains=tuple(table.contains),
        card=read_card(path.parent / table.card),
    )


def _data(path: Path, file: PackFile) -> DataSpec | None:
    if file.data is None:
        return None
    folder = None
    if file.data.source == "folder":
        if file.data.path is None:
            raise PackError(f'{path}: data.path: is needed with source = "folder"')
        folder = (path.parent / file.data.path).expanduser().resolve()
        if not folder.is_dir():
            raise PackError(f"{path}: data.path: there is no folder {folder}")
    elif file.data.path is not None:
        raise PackError(f'{path}: data.path: goes with source = "folder" only')
    elif file.data.splits is not None:
        raise PackError(f'{path}: data.splits: goes with source = "folder" only')
    size = file.data.image_size
    splits = file.data.splits
    return DataSpec(
        file.data.source,
        folder,
        (size[0], size[1]) if size else None,
        (splits[0], splits[1]) if splits else None,
    )
