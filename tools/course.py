"""Opens the course in JupyterLab, ready to begin: python tools/course.py [options of jupyter lab]

The notebooks are trusted, so that their stored animations work. The first page leads to the solved notebooks and to the
unsolved ones. The settings are used only here: they are stored in a folder of this Python's environment.
"""

import json
import sys
from pathlib import Path

import nbformat
from jupyterlab.labapp import LabApp
from jupyterlab_server.workspaces_handler import WorkspacesManager
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).resolve().parent.parent
FIRST = "notebooks/README.md"
FOLDER = Path(sys.prefix) / "share" / "gmm_tutorial" / "lab"
FILES = "filebrowser"
LAYOUT = {  # the list of files is wide enough for the names of the notebooks
    "left": {"collapsed": False, "visible": True, "current": FILES, "widgets": [FILES], "widgetStates": {}},
    "right": {"collapsed": True, "visible": True, "widgets": [], "widgetStates": {}},
    "main": {"dock": None, "current": None},
    "down": {"size": 0, "widgets": []},
    "relativeSizes": [0.25, 0.75, 0],
}
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False, "showFileSizeColumn": False},
}


def notebooks():
    return [path for folder in ("notebooks", "notebooks/student") for path in sorted((ROOT / folder).glob("*.ipynb"))]


def trust(paths):
    """Signs the notebooks as they are stored, as `jupyter trust` does."""
    notary = NotebookNotary()
    for path in paths:
        notary.sign(nbformat.read(path, as_version=4))


def write_settings(folder):
    """The settings anew, and a layout for the first time: what a reader has moved stays where it is."""
    for name in ("settings", "workspaces"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "settings" / "overrides.json").write_text(json.dumps(SETTINGS, indent=1), encoding="utf-8")
    if not any((folder / "workspaces").iterdir()):
        layout = {"data": {"layout-restorer:data": LAYOUT}, "metadata": {"id": "default"}}
        WorkspacesManager(str(folder / "workspaces")).save("default", json.dumps(layout))


def options(folder):
    places = [f"--LabApp.app_settings_dir={folder / 'settings'}", f"--LabApp.workspaces_dir={folder / 'workspaces'}"]
    return [*places, f"--LabApp.default_url=/lab/tree/{FIRST}", f"--ServerApp.root_dir={ROOT}"]


def main():
    trust(notebooks())
    write_settings(FOLDER)
    LabApp.launch_instance([*options(FOLDER), *sys.argv[1:]])


if __name__ == "__main__":
    main()
