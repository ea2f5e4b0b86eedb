"""The comm between the kernel and the JupyterLab extension: its link, its messages."""
