"""The side panel and the status bar of a notebook."""


def execute(notebook, command):
    notebook.page.evaluate("id => jupyterapp.commands.execute(id).then(() => null)", command)


def region(notebook):
    """The side panel."""
    return notebook.page.get_by_role("region", name="Class game")


def status(notebook):
    """The item of the status bar."""
    return notebook.page.locator(".jp-Classgame-statusButton")
