"""One thread for the linear algebra, for on small matrices more of them only wait for each other; what is slow."""

import os

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # set before NumPy is imported; test processes and kernels inherit it
BUILT = {"site", "lite", "pyodide", "browser"}  # fixtures that build the website or start a browser


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if BUILT.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
