"""The schema of ``pack.toml``: keys, types and ranges."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jupyter_classgame.errors import PackError
from jupyter_classgame.packs.pack_errors import first_fault

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^,#\r\n]+$")]
Pixels = Annotated[int, Field(ge=4, le=1024)]
Price = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Group = Literal["Data", "Augmentation", "Architecture", "Regularisation", "Optimisation", "Finish"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DataTable(_Table):
    """``[data]``: where the images are."""

    source: Literal["digits", "cifar10", "stl10", "flowers102", "folder"]
    path: str | None = None
    image_size: Annotated[list[Pixels], Field(min_length=2, max_length=2)] | None = None
    splits: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None


class RulesTable(_Table):
    """``[rules]``: missing keys are taken from the extended pack."""

    budget: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None
    base_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    max_epochs: Annotated[int, Field(ge=1)] | None = None
    final_attempts: Annotated[int, Field(ge=0)] | None = None
    practice: bool | None = None
    free: list[Slug] | None = None
    baseline: dict[Slug, Annotated[int, Field(ge=0)]] | None = None


class ItemTable(_Table):
    """``[[items]]``: an item for sale."""

    slug: Slug
    name: Name
    technique: Slug
    price: Price
    group: Group
    card: str
    aliases: list[Name] = []
    repeatable: bool = False
    contains: list[Slug] = []


class PackFile(_Table):
    """A whole ``pack.toml``."""

    format: Literal[1]
    name: Slug
    title: Name
    summary: Annotated[str, Field(max_length=300)] = ""
    extends: str | None = None
    data: DataTable | None = None
    rules: RulesTable = RulesTable()
    starters: dict[str, str] = {}
    notebook: list[str] = []
    items: list[ItemTable] = []


class RulesFile(_Table):
    """A file of rules, with which a class overrides those of its packs."""

    format: Literal[1]
    rules: RulesTable


File = TypeVar("File", PackFile, RulesFile)


def read_pack_file(path: Path) -> PackFile:
    """Read and validate a ``pack.toml``.

    Raises
    ------
    PackError
        It cannot be read, is not TOML, or a key is missing, unknown or invalid.
    """
    return _read(path, PackFile)


def read_rules_file(path: Path) -> RulesFile:
    """Read and validate a file of rules.

    Raises
    ------
    PackError
        It cannot be read, is not TOML, or a key is missing, unknown or invalid.
    """
    return _read(path, RulesFile)


def _read(path: Path, schema: type[File]) -> File:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PackError(f"{path}: cannot be read ({error.strerror})") from error
    except RecursionError as error:
        raise PackError(
            f"{path}: is not a pack", "its brackets or keys are nested too deep"
        ) from error
    except ValueError as error:  # also for text that is not UTF-8, or a number of 5,000 digits
        raise PackError(f"{path}: is not TOML ({error})") from error
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        raise PackError(f"{path}: {first_fault(error, schema)}") from error
