import pytest

from jupyter_classgame.data.sources.folder_layout import find_splits
from jupyter_classgame.data.sources.folder_tree import Folder
from jupyter_classgame.data.sources.skipped_files import SkippedFiles
from jupyter_classgame.errors import DataError


def roles(path, names=None, skipped=None):
    splits = find_splits(Folder(path), names, skipped or SkippedFiles())
    return {role: folder.path.relative_to(path).as_posix() for role, folder in splits.items()}


@pytest.fixture
def build(tmp_path, fill):
    """Make splits of two classes: build("train", "test")."""

    def build(*names):
        for name in names:
            fill(tmp_path / name, cat=1, dog=1)
        return tmp_path

    return build


def test_bare_class_folders_are_all_for_training(tmp_path, fill):
    assert roles(fill(tmp_path, cat=1, dog=1)) == {"train": "."}


def test_a_class_may_be_called_train(tmp_path, fill):
    assert roles(fill(tmp_path, car=1, train=1)) == {"train": "."}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("train", "val", "test"), {"train": "train", "val": "val", "test": "test"}),
        (
            ("Training", "VALID", "Testing"),
            {"train": "Training", "val": "VALID", "test": "Testing"},
        ),
        (("train", "test"), {"train": "train", "test": "test"}),
        (("train", "validation"), {"train": "train", "val": "validation"}),
        (("train",), {"train": "train"}),
        (("pictures",), {"train": "pictures"}),
    ],
)
def test_splits_are_known_by_their_names(build, names, expected):
    assert roles(build(*names)) == expected


def test_a_folder_inside_one_class_is_skipped_and_blames_no_other(tmp_path, fill):
    fill(tmp_path, cat=1, dog=1)
    fill(tmp_path / "cat", spare=2)
    assert roles(tmp_path) == {"train": "."}


def test_a_class_that_is_one_folder_deeper_is_named_and_no_other(tmp_path, fill):
    fill(tmp_path, dog=1)
    fill(tmp_path / "cat", indoors=2)
    with pytest.raises(DataError) as refused:
        roles(tmp_path)
    message = str(refused.value)
    assert message.startswith(f"the pictures in {tmp_path / 'cat' / 'indoors'} are one folder")
    assert f"move them up into {tmp_path / 'cat'}" in message


def test_splits_of_any_names_are_named(build):
    assert roles(build("a", "b"), ("b", "a")) == {"train": "b", "test": "a"}


def test_a_validation_split_beside_named_ones_counts(build):
    skipped = SkippedFiles()
    found = roles(build("a", "b", "c", "val"), ("a", "b"), skipped)
    assert found == {"train": "a", "test": "b", "val": "val"}
    assert skipped.notes()[0].startswith("1 folder skipped: not a split of this game: ")


@pytest.mark.parametrize(
    "names", [("a", "b"), ("test", "val"), ("train", "holdout"), ("train", "val", "valid")]
)
def test_what_is_not_clear_is_asked(build, names):
    root = build(*names)
    with pytest.raises(DataError, match=rf"has the splits {', '.join(sorted(names))}, .*--splits "):
        roles(root)


@pytest.mark.parametrize("names", [("a", "a"), ("a",), ("a", "b", "c")])
def test_two_names_are_needed(build, names):
    with pytest.raises(DataError, match="splits are the names of two different folders"):
        roles(build("a", "b"), names)


def test_a_wrong_name_is_answered_with_those_there(build):
    with pytest.raises(DataError, match=r"has no folder 'c' for --splits; it has a, b\."):
        roles(build("a", "b"), ("a", "c"))


def test_class_folders_are_no_splits(tmp_path, fill):
    with pytest.raises(DataError, match="cat has no class folders with pictures in them"):
        roles(fill(tmp_path, cat=1, dog=1), ("cat", "dog"))


def test_pictures_beside_splits_must_be_sorted(build, draw):
    root = build("train")
    draw(root / "test" / "1.png")
    with pytest.raises(DataError, match=r"test has no class folders with .* sort its pictures"):
        roles(root)


def test_an_empty_test_folder_is_told(build):
    root = build("train")
    (root / "test").mkdir()
    with pytest.raises(DataError, match="test has no class folders with pictures in them"):
        roles(root)


def test_other_folders_beside_splits_are_noted(build):
    root = build("train", "test")
    (root / "docs").mkdir()
    skipped = SkippedFiles()
    assert roles(root, skipped=skipped) == {"train": "train", "test": "test"}
    assert skipped.unused == [root / "docs"]


def test_no_folder_at_all(tmp_path, draw):
    draw(tmp_path / "cat.png")
    with pytest.raises(DataError, match="has no class folders: put the pictures in one folder a"):
        roles(tmp_path)
    with pytest.raises(DataError, match=r"gone cannot be listed \(No such file or directory\)"):
        roles(tmp_path / "gone")
    with pytest.raises(DataError, match=r"cat\.png cannot be listed \(Not a directory\)"):
        roles(tmp_path / "cat.png")


def test_hidden_things_are_not_there(tmp_path, draw):
    draw(tmp_path / "b.png")
    draw(tmp_path / "a.JPG")
    for name in (".DS_Store", "Thumbs.db", "._b.png", "desktop.ini"):
        (tmp_path / name).write_bytes(b"x")
    for name in (".ipynb_checkpoints", "__MACOSX", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").write_text("x")
    folder = Folder(tmp_path)
    assert folder.folders == []
    assert [path.name for path in folder.pictures] == ["a.JPG", "b.png"]
    assert [path.name for path in folder.others] == ["notes.txt"]


def test_names_and_order_do_not_depend_on_how_a_system_spells_letters(tmp_path):
    for name in ("e\u0301cole", "zoo", "e\u0301t\u00e9"):
        (tmp_path / name).mkdir()
    assert [folder.name for folder in Folder(tmp_path).folders] == ["zoo", "école", "été"]


def test_notes_count_and_name_the_first(tmp_path):
    skipped = SkippedFiles(
        others=[tmp_path / "a.txt", tmp_path / "b.txt"], loose=[tmp_path / "c.png"]
    )
    assert skipped.notes() == (
        f"2 files skipped: not pictures by their names, the first is {tmp_path / 'a.txt'}",
        f"1 picture skipped: in no class folder: {tmp_path / 'c.png'}",
    )
    assert SkippedFiles().notes() == ()
