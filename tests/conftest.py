"""One thread for the linear algebra: on small matrices more of them only wait for each other."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
