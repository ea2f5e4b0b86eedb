"""JupyterLab as a user has it: a server, and a notebook in the browser."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from copy import copy
from pathlib import Path
from urllib.error import URLError

import nbformat
import psutil
from helpers.servers.ports import free_port
from notebooks.kernels import allow_many_epochs, environment
from playwright.sync_api import expect

import jupyter_classgame

PATIENCE = 120
"""Seconds for anything to happen; long, as the machine may be busy with other things."""

expect.set_options(timeout=PATIENCE * 1000)


def until(page, read, right):
    """Read something again and again until it is right, and give it.

    As ``expect`` does for what a locator knows; ``right`` is a function of what was read.
    """
    end = time.monotonic() + PATIENCE
    while not right(seen := read()):
        assert time.monotonic() < end, f"it did not come; the last was {seen!r}"
        page.wait_for_timeout(100)
    return seen


def from_epoch(first):
    """Match an epoch as a chart or the panel writes it, from this one on; it is from 1 to 9."""
    return rf"epoch ([{first}-9]|\d\d+)(?= of |/)"


SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}

BUILT = Path(jupyter_classgame.__file__).parent / "labextension"

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

SLOW = """\
import time
import torch
from torch import nn

def slowly(image):  # so that there is something to watch
    time.sleep(0.03)
    return image

train_loader = game.loader("train", batch_size=4, transform=slowly)
val_loader = game.loader("val", batch_size=32)
model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.003)"""
"""A cell that gets a small model ready to train, at a pace that a person can follow."""


def find_browser():
    """The path of a browser: what CHROMIUM names, or the first one on the path; None without."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


NO_BROWSER = f"no browser: none of {', '.join(BROWSERS)} is on the path, CHROMIUM is not set"

MODULES = {"lab": "jupyterlab", "notebook": "notebook"}
APPS = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}
PAGES = {"lab": "lab/tree/{}?reset", "notebook": "notebooks/{}"}

PANEL = "[...jupyterapp.shell.widgets('main')].find(w => w.context?.path === name)"


class Server:
    """A JupyterLab server that lives in a folder; nothing of the user's is read or written.

    Parameters
    ----------
    folder
        Where it lives.
    app
        "lab", or "notebook" for Jupyter Notebook.
    disabled
        Extensions that it leaves out.
    """

    def __init__(self, folder, app="lab", disabled=()):
        self._app = app
        self.root = folder / "root"
        self.root.mkdir()
        allow_many_epochs(folder)
        for name, values in SETTINGS.items():
            path = folder / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(values))
        if BUILT.exists():  # goes before the copy that was installed with the package
            extensions = folder / "built" / "labextensions"
            extensions.mkdir(parents=True)
            (extensions / "jupyter-classgame-labextension").symlink_to(BUILT)
        if disabled:
            labconfig = folder / "config" / "labconfig"
            labconfig.mkdir(parents=True)
            (labconfig / "page_config.json").write_text(
                json.dumps({"disabledExtensions": dict.fromkeys(disabled, True)})
            )
        self._env = environment(folder) | {
            "JUPYTER_PATH": str(folder / "built"),
            "JUPYTER_CONFIG_PATH": str(folder / "config"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        }
        self.url = f"http://127.0.0.1:{free_port()}"
        self._log = folder / "server.log"

    def __enter__(self):
        command = [
            *(sys.executable, "-m", MODULES[self._app], "--no-browser"),
            f"--ServerApp.port={self.url.rpartition(':')[2]}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.root}",
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
            f"--{APPS[self._app]}.expose_app_in_browser=True",
        ]
        if os.geteuid() == 0:
            command.append("--allow-root")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, env=self._env, cwd=self.root, stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError(f"JupyterLab does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)  # between two questions
        return self

    def __exit__(self, *_exception):
        """End the server and every kernel that it has started, each by its number."""
        if self._process.poll() is None:
            family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            _, left = psutil.wait_procs(family, timeout=10)
            for process in left:
                process.kill()

    def _answers(self):
        try:
            return self._ask("/api/status")
        except (URLError, ConnectionError, TimeoutError):
            return False

    def _ask(self, path, method="GET"):
        request = urllib.request.Request(f"{self.url}{path}", method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.read() or b"{}"

    def end_kernels(self):
        """End all kernels: each test has its own."""
        for kernel in json.loads(self._ask("/api/kernels")):
            self._ask(f"/api/kernels/{kernel['id']}", "DELETE")

    def page_of(self, name):
        """Give the path of a notebook's page."""
        return PAGES[self._app].format(name)

    def write(self, name, cells):
        """Write a notebook of some code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.root / name)

    def read(self, name):
        """Read a notebook as it is saved."""
        return nbformat.read(self.root / name, as_version=4)


class Notebook:
    """A notebook open in the browser, with a kernel."""

    def __init__(self, page, server, name, url=None):
        self.page = page
        self.server = server
        self.name = name
        self._url = url or server.url
        self.open()

    def open(self):
        """Open the notebook alone on the page, and wait for its kernel."""
        self.page.goto(f"{self._url}/{self.server.page_of(self.name)}")
        self._wait_for_kernel()

    def beside(self, name):
        """Give another notebook that is open on the same page."""
        other = copy(self)
        other.name = name
        return other

    def fill(self, *cells):
        """Put code cells in place of all that is there."""
        self.panel(
            """({content}, cells) => {
                const {sharedModel} = content.model;
                sharedModel.transact(() => {
                    sharedModel.deleteCellRange(0, sharedModel.cells.length);
                    sharedModel.insertCells(
                        0, cells.map(source => ({cell_type: 'code', source, metadata: {}}))
                    );
                });
            }""",
            list(cells),
        )
        expect(self.page.locator(".jp-Notebook .jp-Cell")).to_have_count(len(cells))

    def calm(self):
        """Interrupt the kernel if a cell is still running, and wait for the cell's end.

        It would take what is sent before that for a queue behind a cell that failed, and drop it.
        """
        if self.page.locator(".jp-InputPrompt", has_text="[*]:").count():
            self.panel("({sessionContext}) => sessionContext.session.kernel.interrupt()")
            self.page.wait_for_function(
                f"(name) => {PANEL}.sessionContext.session?.kernel?.status !== 'busy'",
                arg=self.name,
            )

    def reload(self):
        """Reload the page."""
        self.page.reload()
        self._wait_for_kernel()

    def _wait_for_kernel(self):
        self.page.wait_for_function("() => window.jupyterapp?.restored")
        self.page.evaluate("() => jupyterapp.restored.then(() => null)")
        self.page.wait_for_function(
            f"(name) => {PANEL}?.content.widgets.length",
            arg=self.name,
        )
        self.panel(
            """async ({sessionContext}) => {
                await sessionContext.ready;
                await sessionContext.session?.kernel?.info;
            }"""
        )

    def panel(self, function, argument=None):
        """Call a JavaScript function with JupyterLab's panel of this notebook, and an argument."""
        return self.page.evaluate(
            f"([name, argument]) => ({function})({PANEL}, argument)", [self.name, argument]
        )

    def cell(self, index):
        """The cell on the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index):
        """What the cell shows below its code."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def sources(self):
        """The code of all cells."""
        return self.panel("panel => [...panel.content.model.cells].map(c => c.sharedModel.source)")

    def start(self, index):
        """Run a cell as by its button and do not wait for its end."""
        self.panel(
            """({content}, index) => {
                content.activeCellIndex = index;
                content.deselectAll();
                void jupyterapp.commands.execute('notebook:run-cell');
            }""",
            index,
        )
        expect(self._prompt(index)).not_to_have_text("[ ]:")

    def run(self, *indices):
        """Run cells that are meant to go well, each to its end."""
        for index in indices:
            self.start(index)
            self.wait(index)
            expect(self._prompt(index)).not_to_have_text("[ ]:")
            shown = self.output(index).inner_text()
            assert "Error" not in shown, shown

    def wait(self, index):
        """Wait for a cell's end."""
        expect(self._prompt(index)).not_to_have_text("[*]:")

    def busy(self, index):
        """Whether a cell is running."""
        return self._prompt(index).text_content() == "[*]:"

    def _prompt(self, index):
        return self.cell(index).locator(".jp-InputPrompt")

    def ask(self, code):
        """Run code in the kernel, outside the notebook, and give what it prints."""
        return self.panel(
            """async ({sessionContext}, code) => {
                const {kernel} = sessionContext.session;
                const future = kernel.requestExecute({code, store_history: false});
                let said = '';
                future.onIOPub = ({content}) => {
                    said += content.text ?? content.evalue ?? '';
                };
                await future.done;
                return said.trim();
            }""",
            code,
        )

    def save(self):
        """Save the notebook."""
        self.panel("panel => panel.context.save()")
