"""Opens the course in JupyterLab, ready to begin: python tools/course.py [options of jupyter lab]

The notebooks are trusted, so that their stored animations work. The first page leads to the solved notebooks and to the
unsolved ones. The settings are used only here: they are stored in a folder of this Python's environment.
"""

import json
import sys
from pathlib import Path

import nbformat
from ipykernel.ipkernel import IPythonKernel
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
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


# ---- a notebook that was only opened is not changed


class Contents(AsyncLargeFileManager):
    """Gives each notebook what JupyterLab would write into it at opening, and takes it away again at saving.

    JupyterLab writes down the kernel and its version as soon as a notebook is opened. If they are there already, the
    notebook does not count as changed; and what is stored stays the same on every machine.
    """

    async def get(self, path, content=True, *others, **options):
        model = await super().get(path, content, *others, **options)
        if content and model["type"] == "notebook":
            model["content"]["metadata"] |= of_the_kernel(model["content"]["metadata"])
        return model

    async def save(self, model, path=""):
        if model.get("type") == "notebook" and "content" in model:
            model["content"]["metadata"] |= as_stored(model["content"]["metadata"])
            for cell in model["content"].get("cells", []):
                if cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
                    cell["metadata"].pop("collapsed", None)  # the same once more
        return await super().save(model, path)


PYTHON = {  # as tools/notebooks.py stores it
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def of_the_kernel(metadata):
    """What JupyterLab writes into a notebook as it is stored; nothing for other notebooks."""
    if metadata.get("kernelspec") != PYTHON["kernelspec"]:
        return {}
    try:
        spec = KernelSpecManager().get_kernel_spec(PYTHON["kernelspec"]["name"])
    except NoSuchKernel:
        return {}
    named = PYTHON["kernelspec"] | {"display_name": spec.display_name, "language": spec.language}
    return {"kernelspec": named, "language_info": dict(IPythonKernel.language_info)}


def as_stored(metadata):
    return PYTHON if metadata.get("kernelspec", {}).get("name") == PYTHON["kernelspec"]["name"] else {}


# ---- the launch


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
    places.append("--ServerApp.contents_manager_class=course.Contents")  # this file, as it is imported
    return [*places, f"--LabApp.default_url=/lab/tree/{FIRST}", f"--ServerApp.root_dir={ROOT}"]


def main():
    trust(notebooks())
    write_settings(FOLDER)
    LabApp.launch_instance([*options(FOLDER), *sys.argv[1:]])


if __name__ == "__main__":
    main()
