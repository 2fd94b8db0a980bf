"""How the cost of a step grows with N, D and K: fitted exponents."""

from statistics import median

from shapes import Shape, prepare
from timing import exponent
from workers import OURS, PEERS, Failed, Missing, Worker

SIZES = {
    "N": [Shape(N, 8, 8) for N in (65_536, 131_072, 262_144, 524_288)],
    "D": [Shape(131_072, D, 8) for D in (2, 4, 8, 16, 32, 64)],
    "K": [Shape(131_072, 8, K) for K in (2, 4, 8, 16, 32)],
}


def growth(folder, rounds, quick=False):
    """Seconds a step of ours for each size, and the exponents."""
    found = {name: {} for name in OURS}
    for axis, shapes in SIZES.items():
        shapes = [shape.quicker() for shape in shapes[:3]] if quick else shapes
        for name, each in seconds(shapes, folder, rounds).items():
            sizes = [getattr(shape, axis) for shape in shapes]
            found[name][axis] = {"sizes": sizes, "seconds": each, "exponent": exponent(sizes, each)}
    return {name: axes for name, axes in found.items() if axes}


def seconds(shapes, folder, rounds):
    result = {}
    for shape in shapes:
        prepare(shape, folder / shape.name)
    for peer in (peer for peer in PEERS if peer.name in OURS):
        try:
            with Worker(peer) as worker:
                result[peer.name] = [step(worker, folder / shape.name, rounds) for shape in shapes]
        except (Missing, Failed):
            continue
    return result


def step(worker, folder, rounds, steps=4):
    worker.ask(f"load {folder} full")
    worker.run(1, folder / "scratch.bin")
    pairs = [[worker.run(number, folder / "scratch.bin") for number in (1, 1 + steps)] for _ in range(rounds)]
    return max(median(last - first for first, last in pairs), 1e-9) / steps
