"""A JupyterHub with a proxy, in a folder of its own, and its users."""

import json
import os
import re
import subprocess
import sys
import time
import uuid

import psutil
import requests
import websocket
from helpers.servers.ports import free_port
from notebooks.kernels import PATIENCE, environment

CONFIG = """
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_port = {port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.Authenticator.allow_all = True
c.Spawner.cmd = {cmd!r}
c.Spawner.args = {args!r}
c.Spawner.start_timeout = c.Spawner.http_timeout = {patience}
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
"""


class Hub:
    """A Hub whose configuration ends with the manual's lines."""

    def __init__(self, folder, python, snippet, **variables):
        self.url = f"http://127.0.0.1:{free_port()}"
        self._folder = folder
        config = CONFIG.format(
            url=self.url,
            port=free_port(),
            proxy=free_port(),
            cmd=[str(python), "-m", "jupyterhub.singleuser"],
            args=["--allow-root"] if os.geteuid() == 0 else [],
            patience=PATIENCE,
            homes=f"{folder}/homes/{{username}}",
        )
        (folder / "jupyterhub_config.py").write_text(config + snippet)
        self._env = environment(folder) | variables
        self._log = folder / "hub.log"

    def __enter__(self):
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"],
                cwd=self._folder,
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_for(self._answers, "the Hub does not start")
        return self

    def __exit__(self, *_exception):
        """End the Hub, the proxy and every server that it has started, each by its number."""
        if self._process.poll() is None:
            family = psutil.Process(self._process.pid).children(recursive=True)
            self._process.terminate()
            _, alive = psutil.wait_procs([psutil.Process(self._process.pid), *family], timeout=30)
            for process in alive:
                process.kill()
        self._process.wait(30)

    def wait_for(self, happened, otherwise):
        """Wait until something is so; with the Hub's log if it never is."""
        end = time.monotonic() + PATIENCE
        while not (value := happened()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{otherwise}:\n{self._log.read_text()[-4000:]}")
            time.sleep(0.1)  # between two questions
        return value

    def _answers(self):
        try:
            return requests.get(f"{self.url}/hub/api", timeout=5).ok
        except (requests.ConnectionError, requests.Timeout):
            return False


class User:
    """A user of the Hub, logged in, with a server and a kernel."""

    def __init__(self, hub, name):
        self._hub, self.name = hub, name
        with requests.Session() as browser:
            page = browser.get(f"{hub.url}/hub/login", timeout=PATIENCE)
            (xsrf,) = re.findall(r'name="_xsrf" value="([^"]+)"', page.text)
            form = {"username": name, "password": "any", "_xsrf": xsrf}
            browser.post(f"{hub.url}/hub/login?next=/hub/home", data=form, timeout=PATIENCE)
            xsrf = browser.cookies.get("_xsrf", path="/hub/")
            made = browser.post(
                f"{hub.url}/hub/api/users/{name}/tokens",
                headers={"X-XSRFToken": xsrf, "Referer": f"{hub.url}/hub/home"},
                timeout=PATIENCE,
            )
            made.raise_for_status()
        self.token = made.json()["token"]

    def ask(self, method, path, **options):
        """Ask the Hub or a server, as this user."""
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(
            method, f"{self._hub.url}{path}", headers=headers, timeout=PATIENCE, **options
        )

    def start(self):
        """Start the user's server, and a kernel in it."""
        self.ask("POST", f"/hub/api/users/{self.name}/server").raise_for_status()
        self._hub.wait_for(
            lambda: self.ask("GET", f"/hub/api/users/{self.name}").json()["server"],
            f"the server of {self.name} does not start",
        )
        made = self.ask("POST", f"/user/{self.name}/api/kernels")
        made.raise_for_status()
        where = f"/user/{self.name}/api/kernels/{made.json()['id']}/channels"
        self._socket = websocket.create_connection(
            f"{self._hub.url.replace('http', 'ws')}{where}",
            header=[f"Authorization: token {self.token}"],
            timeout=PATIENCE,
        )
        return self

    def run(self, code):
        """Run a cell, and give what it prints, or its error."""
        number = uuid.uuid4().hex
        header = {
            "msg_id": number,
            "msg_type": "execute_request",
            "username": self.name,
            "session": number,
            "version": "5.3",
            "date": "",
        }
        content = {"code": code, "silent": False, "allow_stdin": False, "store_history": True}
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        self._socket.send(json.dumps(message))
        said = ""
        while True:
            answer = json.loads(self._socket.recv())
            if answer["parent_header"].get("msg_id") != number:
                continue
            content = answer["content"]
            if answer["msg_type"] == "stream":
                said += content["text"]
            elif answer["msg_type"] == "error":
                said += f"{content['ename']}: {content['evalue']}"
            elif answer["msg_type"] == "status" and content["execution_state"] == "idle":
                return said.strip()

    def close(self):
        """Leave the kernel; the Hub ends it."""
        self._socket.close()
