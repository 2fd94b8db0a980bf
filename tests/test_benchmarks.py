"""The benchmark measures what it says: equal work for all, ratios within a round, operations as counted by hand."""

import json
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import gmm_tutorial as gmm

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module", autouse=True)
def modules():
    """The folder's modules, importable for these tests only."""
    before = set(sys.modules)
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def test_a_ratio_is_taken_within_its_round():
    from timing import ratios

    slow_machine_in_the_second_round = [2.0, 20.0, 9.0], [1.0, 10.0, 3.0]
    assert ratios(*slow_machine_in_the_second_round) == {"median": 2.0, "least": 2.0, "most": 3.0}


def test_peers_are_compared_with_both_of_ours_and_none_with_itself():
    from timing import summarized
    from workers import FAST, NUMPY

    rounds = {NUMPY: [2.0, 3.0, 4.0], FAST: [1.0, 1.0, 2.0], "other": [6.0, 6.0, 8.0], "absent": []}
    found = summarized({name: {"rounds": each} for name, each in rounds.items()})
    assert found["other"]["seconds"] == 6
    assert found["other"]["ratios"][FAST] == {"median": 6, "least": 4, "most": 6}
    assert found["other"]["ratios"][NUMPY] == {"median": 2, "least": 2, "most": 3}
    assert set(found[NUMPY]["ratios"]) == {FAST}
    assert found["absent"]["ratios"] == {}


def test_an_exponent_is_the_power_of_the_cost():
    from timing import exponent

    sizes = np.array([2, 3, 7, 20])
    assert exponent(sizes, 0.3 * sizes**1.7) == pytest.approx(1.7)


class Counted:
    """A number that counts what is done with it."""

    flops = 0

    def operated(self, other):
        Counted.flops += 1
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = operated


def step_by_hand(x, mu, inverse, gamma):
    """One point and one component, number by number, as the docstring of `operations` tells it."""
    D, zero = len(x), Counted()
    d = [x[i] - mu[i] for i in range(D)]
    q = zero
    for i in range(D):
        z = zero
        for j in range(i + 1):
            z = z + inverse * d[j]
        q = q + z * z
    share = (((q - gamma) + gamma) / gamma) * gamma
    new = [x[i] - mu[i] for i in range(D)]
    weighted = [share * new[i] for i in range(D)]
    [mu[i] + share * x[i] for i in range(D)]
    [zero + weighted[i] * new[j] for i in range(D) for j in range(i + 1)]


@pytest.mark.parametrize("D", [1, 2, 5, 8])
def test_operations_are_those_of_a_step_done_by_hand(D):
    from shapes import Shape, operations

    Counted.flops = 0
    number = Counted()
    step_by_hand([number] * D, [number] * D, number, number)
    needed = operations(Shape(N=7, D=D, K=3))
    assert needed == {"flops": 21 * Counted.flops, "exponentials": 21, "bytes": 56 * D}


def test_a_diagonal_shape_needs_operations_that_grow_with_D_not_its_square():
    from shapes import Shape, operations

    few, many = (operations(Shape(10, D, 3, diagonal=True))["flops"] for D in (4, 40))
    assert (few, many) == (30 * 44, 30 * 404)


def test_the_limit_that_binds_is_the_one_that_takes_longest():
    from report import limit_row

    part = {"title": "(1, 2, 3)", "needs": {"flops": 8e9, "exponentials": 1e6, "bytes": 4e9}}
    part["peers"] = {"[fast]": {"seconds": 0.4}, "NumPy alone": {"seconds": 0.8}}
    title, *_, binding, milliseconds, numpy, fast, numpy_both, fast_both = limit_row(
        part, {"flops": 4e10, "exponentials": 1e8, "bytes": 4e10}
    )
    assert (title, binding, milliseconds) == ("(1, 2, 3)", "matrix products", "200")
    assert (numpy, fast, numpy_both, fast_both) == ("25%", "50%", "26%", "52%")


@pytest.mark.slow
def test_a_worker_does_as_many_steps_as_it_is_told(tmp_path):
    from shapes import Shape, prepare
    from workers import NUMPY, PEERS, Worker, mixture_in

    prepare(Shape(500, 3, 2), tmp_path)
    points = np.load(tmp_path / "points.npy")
    start = gmm.Mixture(*(np.load(tmp_path / f"{name}.npy") for name in ("weights", "means", "covariances")))
    expected = list(islice(gmm.em(points, start), 4))
    with Worker(next(peer for peer in PEERS if peer.name == NUMPY)) as worker:
        worker.ask(f"load {tmp_path} full")
        for steps in (1, 3):
            worker.run(steps, tmp_path / "found.bin")
            found = mixture_in(tmp_path / "found.bin", K=2, D=3)
            np.testing.assert_allclose(found.means, expected[steps].mixture.means, rtol=1e-12)


@pytest.mark.slow
def test_who_is_not_there_or_fails_is_said_and_not_timed(tmp_path):
    from shapes import Shape
    from timing import summarized, time_shape
    from workers import NUMPY, PEERS, Peer

    ours = next(peer for peer in PEERS if peer.name == NUMPY)
    (tmp_path / "absent.py").write_text("print('@ missing a library', flush=True); input()")
    (tmp_path / "broken.py").write_text("raise SystemExit('no')")
    others = [Peer(name, str(tmp_path / f"{name}.py")) for name in ("absent", "broken")]
    found = summarized(time_shape(Shape(300, 2, 2, steps=2), [ours, *others], 2, tmp_path / "data", limit=20))
    assert {name: row["status"] for name, row in found.items()} == {
        NUMPY: "timed", "absent": "not installed", "broken": "failed",
    }  # fmt: skip
    assert found["absent"]["rounds"] == found["broken"]["rounds"] == []


@pytest.mark.slow
def test_the_benchmark_runs_and_everybody_ends_equally_high(tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    import run
    import shapes

    monkeypatch.setattr(shapes, "SHAPES", [shapes.Shape(900, 2, 3, steps=2), shapes.Shape(800, 4, 2, 2, diagonal=True)])
    run.main(["--rounds", "3", "--peers", "scikit-learn", "--parts", "limits,steps", "--out", str(tmp_path)])
    results = json.loads((tmp_path / "results.json").read_text())
    found = [part["peers"] for name, part in results.items() if name.startswith("steps ")]
    assert len(found) == 2
    for peers in found:
        timed = [name for name, row in peers.items() if row["status"] == "timed"]
        assert {"NumPy alone", "scikit-learn"} <= set(timed)
        assert all(peers[name]["equal"] and len(peers[name]["rounds"]) == 3 for name in timed)
    page = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "| scikit-learn |" in page
    assert "## Comparison with the limits" in page
    assert (tmp_path / "results.svg").read_text().startswith("<?xml")
