from threading import Event

from jupyter_classgame.session.wallet import prompt_list
from jupyter_classgame.session.wallet.prompt_list import PromptList


def test_nobody_waits_for_a_list_and_it_is_there_the_next_time(monkeypatch):
    answered, begun, asked = Event(), Event(), []

    def read():
        asked.append(1)
        begun.set()
        answered.wait()
        return ["blue"]

    monkeypatch.setattr(prompt_list, "INSTANT", 0.01)
    teams = PromptList(read)
    assert teams.known() == teams.known() == []
    begun.wait()
    assert len(asked) == 1  # the first attempt goes on
    answered.set()
    teams._reading.join()
    assert teams.known() == ["blue"]
