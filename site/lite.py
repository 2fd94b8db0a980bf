"""Builds the course as a JupyterLab that runs in the browser, in build/lite: python site/lite.py [--output folder]

An experiment: docs/in_the_browser.md tells its limits. The site holds the notebooks and the package of the course.
Pyodide, which is Python for browsers, comes from its public address, with NumPy, SciPy and matplotlib: when a reader
opens a notebook. Now only its list of packages is fetched, and those that the site holds are added to it.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import nbformat
from jupyterlite_pyodide_kernel.constants import (
    PYODIDE_CDN_URL,
    PYODIDE_KERNEL_NPM_NAME,
    PYODIDE_KERNEL_PLUGIN_ID,
    PYODIDE_LOCK,
)

ROOT = Path(__file__).resolve().parent.parent
KERNEL = ["ipykernel", "piplite", "pyodide_kernel"]  # wheels that JupyterLite brings
STARTED = ["comm", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel"]  # loaded with every kernel


def build(output, pyodide):
    """The site in a folder that is emptied first; its readers get Python from the address of a Pyodide."""
    if output.exists():
        if not (output / "jupyter-lite.json").exists() and any(output.iterdir()):
            sys.exit(f"{output} holds something else than this site: name another folder.")
        shutil.rmtree(output)
    packages = fetched(f"{pyodide}/{PYODIDE_LOCK}")
    with tempfile.TemporaryDirectory() as work:
        sources, site = Path(work) / "sources", Path(work) / "site"
        assemble(sources, pyodide)
        folders = ["--lite-dir", sources, "--contents", sources / "files", "--output-dir", site]
        run("jupyterlite_core", "build", "--apps", "lab", "--no-sourcemaps", *folders, cwd=sources)
        lock(packages, wheels(site), pyodide)
        shutil.copytree(site, output)


def fetched(address):
    try:
        with urlopen(address, timeout=60) as answer:
            return json.load(answer)
    except OSError as problem:
        sys.exit(f"The one file that make lite fetches cannot be read: {address} ({problem}).")


def assemble(sources, pyodide):
    """The notebooks in the layout of the repository, and what the kernel has to know."""
    for path in [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks" / "student").glob("*.ipynb")]:
        target = sources / "files" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(nbformat.read(path, as_version=4)), encoding="utf-8")  # its texts in one piece
    options = {"lockFileURL": f"./wheels/{PYODIDE_LOCK}", "packages": STARTED}
    kernel = {PYODIDE_KERNEL_PLUGIN_ID: {"pyodideUrl": f"{pyodide}/pyodide.mjs", "loadPyodideOptions": options}}
    settings = {"appName": "Gaussian mixture models", "litePluginSettings": kernel}
    told = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (sources / "jupyter-lite.json").write_text(json.dumps(told), encoding="utf-8")


def wheels(site):
    """A folder of all the packages that the site itself holds."""
    folder = site / "wheels"
    folder.mkdir()
    run("hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    packed("comm", folder)
    for wheel in (site / "extensions" / PYODIDE_KERNEL_NPM_NAME / "static" / "pypi").glob("*.whl"):
        if wheel.name.split("-")[0] in KERNEL:
            shutil.copy(wheel, folder)
    return folder


def packed(name, folder):
    """An installed package of pure Python, made into a wheel again."""
    package = distribution(name)
    path = folder / f"{name.replace('-', '_')}-{package.version}-py3-none-any.whl"
    with ZipFile(path, "w") as wheel:
        for file in package.files:
            if ".." not in file.parts and file.suffix not in (".pyc", ".so"):
                wheel.write(file.locate(), file)
    return path


def lock(packages, folder, pyodide):
    """The list of all packages: those of Pyodide by their addresses, those of the folder by their names."""
    for package in packages["packages"].values():
        package["file_name"] = f"{pyodide}/{package['file_name']}"
    for wheel in sorted(folder.glob("*.whl")):
        package = entry(wheel)
        packages["packages"][package["name"]] = package
    (folder / PYODIDE_LOCK).write_text(json.dumps(packages, indent=1), encoding="utf-8")


def entry(wheel):
    """What the list says about a wheel."""
    name, version = wheel.name.split("-")[:2]
    with ZipFile(wheel) as archive:
        metadata = archive.read(f"{name}-{version}.dist-info/METADATA").decode()
        modules = {file.split("/")[0].removesuffix(".py") for file in archive.namelist() if file.endswith(".py")}
    return {
        "name": name.replace("_", "-").lower(),
        "version": version,
        "file_name": wheel.name,
        "sha256": sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "install_dir": "site",
        "imports": sorted(modules),
        "depends": re.findall(r"^Requires-Dist: ([\w.-]+)[^;\n]*$", metadata, re.MULTILINE),
        "unvendored_tests": False,
    }


def run(module, *arguments, cwd):
    done = subprocess.run([sys.executable, "-m", module, *arguments], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"The site was not built.\n{done.stdout}{done.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "lite")
    parser.add_argument("--pyodide", default=PYODIDE_CDN_URL, help="the address of Pyodide: %(default)s")
    arguments = parser.parse_args()
    output = arguments.output.resolve()
    build(output, arguments.pyodide)
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    print(f"{size / 1e6:.0f} MB. To see it: python -m http.server --directory {output}")


if __name__ == "__main__":
    main()
