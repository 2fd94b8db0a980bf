"""A process that fits all day: its memory does not grow, and fits at the same time do not disturb each other."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from examples import problem

import gmm_tutorial as gmm

FITS, WARM_UP, THREADS = 1000, 200, 16
SOAK = """
import gc, json, psutil
import numpy as np
import gmm_tutorial as gmm
from examples import problem

points, _, _ = problem(seed=4, N=500, K=3, D=3)
few = points[np.arange(500) % 4]
leaked, collapses = [], []

def some(fits):
    for number in range(fits):
        try:
            fit = gmm.fit(few if number % 10 == 0 else points, 3, starts=1, max_steps=4, tolerance=1e9, rng=number)
            {leak}
        except gmm.CollapseError as error:
            collapses.append(number)
    del fit
    assert len(collapses) * 10 == fits
    collapses.clear()
    gc.collect()
    alive = sum(isinstance(each, (gmm.Fit, gmm.Mixture, BaseException)) for each in gc.get_objects())
    return psutil.Process().memory_info().rss, alive

print(json.dumps([some({warm_up}), some({fits})]))
"""


def soaked(leak="pass", fits=FITS):
    """The memory in bytes, and the mixtures, fits and errors alive: after the warm-up, and after the fits."""
    pytest.importorskip("psutil")  # comes with ipykernel
    program = SOAK.format(leak=leak, warm_up=WARM_UP, fits=fits)
    command = [sys.executable, "-W", "ignore", "-c", program]
    folder = str(__file__).rpartition("test_soak.py")[0] or "."
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder).stdout)


@pytest.mark.slow
def test_a_thousand_fits_do_not_grow_the_memory():
    (before, alive_before), (after, alive_after) = soaked()
    assert after - before < 2e6  # 2 kB a fit: the points alone are 12
    assert alive_after == alive_before


@pytest.mark.slow
def test_fits_that_are_kept_are_seen_in_the_memory():
    (before, alive_before), (after, alive_after) = soaked("leaked.append((fit, points + 0))")
    assert after - before > 4e6
    assert alive_after - alive_before == 2 * 0.9 * FITS


# ---- at the same time


def fitted(seed):
    points, _, _ = problem(seed=seed, N=150 + seed, K=3, D=2)
    fit = gmm.fit(points, 2 + seed % 2, constraint=(gmm.full, gmm.tied)[seed % 2], starts=2, tolerance=1e-3, rng=seed)
    return [*fit.mixture, fit.log_likelihoods]


def refused(seed):
    try:
        gmm.fit([[1e138 * seed], [-1e139], [0.0]], gmm.Mixture([1], [[0]], [[[1e-200]]]))
    except ValueError as error:
        return str(error)
    return "not refused"


def at_once(function, seeds):
    """All of them, each in a thread of its own, and none before all are there."""
    barrier = Barrier(len(seeds))

    def started(seed):
        barrier.wait()
        return function(seed)

    with ThreadPoolExecutor(len(seeds)) as pool:
        return list(pool.map(started, seeds))


def test_fits_in_sixteen_threads_are_those_made_one_by_one_bit_for_bit():
    seeds = range(1, THREADS + 1)
    for ours, theirs in zip(at_once(fitted, seeds), map(fitted, seeds), strict=True):
        for our, their in zip(ours, theirs, strict=True):
            assert np.array_equal(our, their)


def test_a_refusal_in_one_thread_leaves_the_others_and_their_arithmetic_alone():
    before = np.geterr()

    def either(seed):
        result = refused(seed) if seed % 2 else fitted(seed)
        with np.errstate(divide="ignore"):
            assert np.log(np.zeros(1)) == -np.inf
        return result

    results = at_once(either, range(1, THREADS + 1))
    assert all("too large or too small" in result for result in results[::2])
    for seed, result in zip(range(2, THREADS + 1, 2), results[1::2]):
        for our, their in zip(result, fitted(seed), strict=True):
            assert np.array_equal(our, their)
    assert np.geterr() == before


def test_two_runs_whose_steps_alternate_are_those_made_one_after_the_other():
    problems = [problem(seed=seed, N=60, K=2, D=2)[:2] for seed in (3, 8)]
    together = [step for pair in zip(*(first(gmm.em(*each), 5) for each in problems)) for step in pair]
    alone = [step for each in problems for step in first(gmm.em(*each), 5)]
    assert [step.log_likelihood for step in together[::2] + together[1::2]] == [step.log_likelihood for step in alone]


def first(steps, number):
    for _, step in zip(range(number), steps):
        yield step


# ---- stopped from outside

LONG = """
import json, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where this was started in the background
import gmm_tutorial as gmm
from examples import problem

points, start, _ = problem(seed=4, N=400, K=5, D=3)
shaped = 0

def slowly(mixture):
    global shaped
    shaped += 1
    if shaped == 10:
        print("ten steps", flush=True)
    time.sleep(0.02)
    return mixture

try:
    gmm.fit(points, gmm.mixture_around(points, points[:5]), constraint=slowly, tolerance=1e-300, steps=gmm.em)
except gmm.Interrupted as stop:
    fit = stop.fit
    again = next(gmm.em(points, fit.mixture)).log_likelihood
    further = gmm.fit(points, fit.mixture).log_likelihood
    print(json.dumps([fit.converged, len(fit.log_likelihoods), fit.log_likelihood, again, further]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to all programs of the window")
@pytest.mark.slow
def test_after_ctrl_c_a_long_fit_hands_over_the_last_mixture_and_a_fit_goes_on_from_it():
    folder = str(__file__).rpartition("test_soak.py")[0] or "."
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout.readline() == "ten steps\n"
        process.send_signal(signal.SIGINT)
        converged, steps, log_likelihood, again, further = json.loads(process.stdout.read())
    assert not converged
    assert 10 <= steps < 60
    assert again == log_likelihood < further
