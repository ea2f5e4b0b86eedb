"""The table of options fits what comes from it."""

import runpy
from importlib import import_module

import pytest
from helpers.manual import DOCS

from jupyter_classgame.config import ClassGame
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.options.table import BY_NAME, OPTIONS, RUN_OPTIONS


def test_names_are_given_once():
    assert len(BY_NAME) == len(OPTIONS)


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.callback], ids=lambda o: o.name)
def test_a_callback_that_is_named_is_there(option):
    module, _, name = option.callback.partition(".")
    found = getattr(import_module(f"jupyter_classgame.training.callbacks.{module}"), name)
    assert issubclass(found, Callback)
    assert found.__name__ == name


def test_a_configured_default_is_a_trait_and_one_that_the_table_takes():
    for option in RUN_OPTIONS:
        if option.configured:
            default = ClassGame.class_traits()[option.name].default_value
            assert not option.choices or default in option.choices


def test_the_manual_has_the_table():
    written = runpy.run_path(str(DOCS / "scripts" / "option_table.py"))
    text = written["PAGE"].read_text(encoding="utf-8")
    assert written["page"](text) == text, "run: python docs/scripts/option_table.py"
