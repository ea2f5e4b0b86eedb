import socket

import pytest


@pytest.fixture
def offline(monkeypatch):
    """Cut the network as a machine without one has it: no name is found."""

    def no_name(*address, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
