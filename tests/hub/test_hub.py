"""JupyterHub as the manual sets it up: teams from groups, one PostgreSQL ledger for the class."""

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from helpers.images import make_images
from helpers.isolation.environments import make_environment
from helpers.manual import blocks
from helpers.servers import postgres
from notebooks.kernels import environment

NEEDED = {
    "PostgreSQL (apt-get install postgresql)": postgres.programs,
    "configurable-http-proxy (npm install -g configurable-http-proxy)": lambda: shutil.which(
        "configurable-http-proxy"
    ),
    **{
        f"{name} (pip install {name})": lambda name=name: importlib.util.find_spec(name)
        for name in ("jupyterhub", "psycopg")
    },
}


@pytest.fixture(scope="module")
def class_(tmp_path_factory):
    """A Hub whose image and configuration are the manual's; gives a user's login."""
    missing = [name for name, there in NEEDED.items() if not there()]
    if missing and os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"missing: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not here: {', '.join(missing)}")
    from hub.hub import Hub, User

    folder = tmp_path_factory.mktemp("hub")
    make_images(folder / "insects")
    (folder / "rules.toml").write_text("format = 1\n[rules]\nbudget = 80\n")
    python = make_environment(folder / "env")
    install_as_the_manual_says(folder, python)
    (snippet,) = blocks("hub.md", "python")
    with postgres.running() as server:
        variables = {"CLASSGAME_LEDGER_URL": server.url()}
        with Hub(folder, python, snippet, **variables) as hub:
            users = {name: User(hub, name).start() for name in ("ada", "ben", "cleo", "dora")}
            yield users
            for user in users.values():
                user.close()


def install_as_the_manual_says(folder, python):
    """Carry the Dockerfile's last command out, with this folder in place of the image's."""
    (dockerfile,) = blocks("hub.md", "dockerfile")
    command = re.compile(r"^RUN python (-m jupyter_classgame (?:.*\\\n)*.*)$", re.MULTILINE)
    (found,) = command.findall(dockerfile)
    arguments = shlex.split(found.replace("\\\n", " ").replace("/srv/class", str(folder)))
    subprocess.run([python, *arguments], cwd=folder, env=environment(folder), check=True)


def balances(class_):
    return {name: user.run("print(game.balance)") for name, user in class_.items()}


def test_a_class_plays_on_a_hub(class_):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda user: user.run("%classgame new"), class_.values()))
    told = {name: user.run("print(game.pack.name, game.team)") for name, user in class_.items()}
    assert told == {
        "ada": "insects red", "ben": "insects red", "cleo": "insects blue", "dora": "insects dora",
    }  # fmt: skip
    assert balances(class_) == dict.fromkeys(class_, "80.0")

    orders = {"ada": "Ensemble enchanter", "ben": "Neural turbo boost x 3"}  # 60 B NN each
    for _ in range(4):
        with ThreadPoolExecutor() as pool:
            cells = {
                name: pool.submit(class_[name].run, f"%%shop\nbuy {item}")
                for name, item in orders.items()
            }
        said = {name: cell.result() for name, cell in cells.items()}
        (loser,) = (name for name, text in said.items() if "40 B NN short" in text)
        (winner,) = set(orders) - {loser}
        assert balances(class_) == {"ada": "20.0", "ben": "20.0", "cleo": "80.0", "dora": "80.0"}
        mate = class_[loser].run("print(list(game.owned))")
        assert mate == class_[winner].run("print(list(game.owned))") != "[]"
        assert class_["cleo"].run("print(game.owned)") == "{}"
        class_[loser].run(f"%%shop\nreturn {orders[winner].partition(' x')[0]}")
        assert balances(class_) == dict.fromkeys(class_, "80.0")


def test_a_user_is_kept_out_of_anothers_server(class_):
    assert class_["ada"].ask("GET", "/user/ada/api/kernels").ok
    assert class_["cleo"].ask("GET", "/user/ada/api/kernels").status_code == 403
