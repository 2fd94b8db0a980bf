"""Makes an environment for each peer that can be installed by pip, in .venv-bench: python benchmarks/install.py"""

import subprocess
import sys

from workers import ENVIRONMENTS, PEERS


def install(peer):
    folder = ENVIRONMENTS / peer.environment
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    print(f"{peer.name}: {python} -m pip install numpy {peer.needs}", flush=True)
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", "numpy", *peer.needs.split()])
    if done.returncode:
        print(f"{peer.name} could not be installed; the benchmark goes on without it.")


if __name__ == "__main__":
    for peer in {peer.environment: peer for peer in PEERS if peer.environment}.values():
        install(peer)
