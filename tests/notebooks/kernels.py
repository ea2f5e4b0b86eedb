"""Real kernels: one that plays a notebook from end to end, one that is driven cell by cell."""

import os
import re
import shutil
import signal
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from helpers.isolation.folders import many_epochs
from jupyter_client import KernelManager
from nbclient import NotebookClient
from traitlets.config import Config

PATIENCE = 300
"""Seconds for anything to happen; long, as the machine may be busy with other things."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def environment(folder):
    """A home of its own for a kernel: nothing of the user's is read or written."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "XDG_"))
    }
    return kept | {
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
    }


def allow_many_epochs(folder):
    """Let the kernels that live in a folder train long: a run lasts until it is stopped."""
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text(f"c.ClassGame.rules = {many_epochs(folder)!r}\n")


def play(notebook, folder):
    """Run all cells of a notebook, as it stands, in a fresh kernel that lives in a folder."""
    with tempfile.TemporaryDirectory(prefix="classgame-") as sockets:
        config = Config()
        config.KernelManager.transport = "ipc"
        config.KernelManager.connection_file = f"{sockets}/kernel.json"
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=3 * PATIENCE,
            startup_timeout=PATIENCE,
            resources={"metadata": {"path": str(folder)}},
            config=config,
        )
        client.execute(env=environment(folder))
    return notebook


@dataclass
class Result:
    """What came of a cell."""

    status: str
    reply: dict
    streams: dict = field(default_factory=lambda: defaultdict(str))
    data: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    @property
    def out(self):
        return self.streams["stdout"].strip()

    @property
    def err(self):
        return _COLOUR.sub("", self.streams["stderr"]).strip()


class Kernel:
    """A kernel that lives in a folder; kernels of one folder share a ledger.

    ``python`` is another environment's interpreter, and ``variables`` of its environment.
    """

    def __init__(self, folder, python=None, **variables):
        self._sockets = Path(tempfile.mkdtemp(prefix="classgame-"))  # a socket's path is short
        self._manager = KernelManager(
            kernel_name="python3",
            transport="ipc",
            connection_file=str(self._sockets / "kernel.json"),
        )
        self._replies = {}
        self._messages = defaultdict(list)
        if python is not None:
            self._manager.kernel_spec.argv[0] = str(python)
        self._manager.start_kernel(env=environment(folder) | variables, cwd=str(folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)

    def send(self, code):
        """Queue a cell and give the number it goes by."""
        return self._client.execute(code, allow_stdin=False)

    def wait_for(self, cell, kind, text):
        """Wait for a message of a running cell, of a kind, that contains a text."""
        seen = 0
        while True:
            for message in self._messages[cell][seen:]:
                seen += 1
                if message["msg_type"] == kind and text in str(message["content"]):
                    return
                assert not _idle(message), f"the cell has ended: {self.result(cell)}"
            self._take()

    def result(self, cell):
        """Wait until a queued cell is through."""
        end = monotonic() + PATIENCE
        while cell not in self._replies:
            message = self._client.get_shell_msg(timeout=max(0.0, end - monotonic()))
            self._replies[message["parent_header"].get("msg_id")] = message["content"]
        while not any(map(_idle, self._messages[cell])):
            self._take()
        reply = self._replies[cell]
        result = Result(reply["status"], reply)
        for message in self._messages[cell]:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    result.streams[content["name"]] += content["text"]
                case "display_data" | "execute_result" | "update_display_data":
                    result.data.append(content["data"])
                case "error":
                    result.errors.append(content)
        return result

    def run(self, code):
        """Run a cell that is meant to go well."""
        result = self.result(self.send(code))
        assert result.status == "ok", (code, result.reply)
        return result

    def complete(self, cell):
        """What is offered at the mark ``|`` of a cell, as a front end is told."""
        before, _, after = cell.partition("|")
        reply = self._client.complete(before + after, len(before), reply=True, timeout=PATIENCE)
        return reply["content"]

    def inspect(self, cell):
        """What a front end shows for the word at the mark ``|`` of a cell, as plain text."""
        before, _, after = cell.partition("|")
        reply = self._client.inspect(before + after, len(before), reply=True, timeout=PATIENCE)
        return _COLOUR.sub("", reply["content"]["data"].get("text/plain", ""))

    def _take(self):
        message = self._client.get_iopub_msg(timeout=PATIENCE)
        self._messages[message["parent_header"].get("msg_id")].append(message)

    def interrupt(self):
        """What the front end's stop button does."""
        self._manager.interrupt_kernel()

    def kill(self):
        """Kill the process where it stands, as a machine that runs out of memory does."""
        self._manager.signal_kernel(signal.SIGKILL)
        self._manager.provisioner.process.wait(PATIENCE)

    def close(self):
        """End the process and let go of its sockets."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._client.context.term()
        shutil.rmtree(self._sockets, ignore_errors=True)


def _idle(message):
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
