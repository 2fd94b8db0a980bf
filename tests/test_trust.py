"""What a fit says of itself: spikes, saddle points, and what was there when it was interrupted."""

import signal
import sys
import time
import warnings
from functools import partial
from subprocess import PIPE, Popen

import numpy as np
import pytest

import gmm_tutorial as gmm
from gmm_tutorial.derived import identical_components
from gmm_tutorial.estimator import GaussianMixture
from gmm_tutorial.race import Run, race
from gmm_tutorial.spikes import spikes
from gmm_tutorial.starts import start_around

# ---- spikes


def groups(seed, D=1):
    rng = np.random.default_rng(seed)
    return rng, np.concatenate([rng.normal(size=(100, D)), rng.normal(size=(100, D)) + 5])


def rounded(seed):
    return groups(seed)[1].round(1)


def with_an_outlier(seed):
    return np.concatenate([groups(seed)[1], [[60.0]]])


def with_a_repeated_row(seed):
    return np.concatenate([groups(seed, 2)[1], np.ones((8, 2))])


def the_estimator(points, seed):
    return GaussianMixture(4, random_state=seed).fit(points).mixture_


def a_fit(points, seed):
    return gmm.fit(points, 4, rng=seed).mixture


@pytest.mark.parametrize("fit", [the_estimator, a_fit])
@pytest.mark.parametrize("make", [rounded, with_an_outlier, with_a_repeated_row])
def test_no_spike_wins_without_a_word(make, fit):
    for seed in range(8):
        points = make(seed)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                mixture = fit(points, seed)
            except gmm.CollapseError:
                continue
        found = spikes(mixture, len(points), gmm.ridge)
        assert [f"component {k} is a spike" in str(each.message) for k, each in zip(found, said)] == [True] * len(found)


def test_a_warning_of_a_spike_names_its_width_and_the_cures():
    points = with_an_outlier(0)
    with pytest.warns(gmm.ConvergenceWarning) as said:
        gmm.fit(points, 3, constraint=partial(gmm.ridge, fraction=1e-6), rng=0)
    text = str(said[0].message)
    assert "component 2 is a spike: it explains 1 points, its standard deviations are [0.00" in text
    assert "times narrower than the average component" in text
    assert "constraint=functools.partial(gmm.ridge, fraction=1e-3)" in text
    with pytest.warns(gmm.ConvergenceWarning, match="another random_state, .*floor with reg_covar=1e-3"):
        GaussianMixture(3, random_state=0).fit(points)


def steps_to(variance, height):
    mixture = gmm.Mixture([0.5, 0.02, 0.48], [[0], [1], [4]], [[[1]], [[variance]], [[1]]])
    return (gmm.Step(mixture, height - 0.5**n) for n in range(10_000))


def test_in_a_race_a_start_with_a_spike_loses_to_one_without():
    runs = [Run(steps_to(1e-6, 50.0)), Run(steps_to(1.0, 10.0)), Run(steps_to(0.5, 5.0))]
    assert race(runs, N=200) is runs[1]
    assert [run.end for run in runs] == ["spike", "converged", "converged"]


def test_without_the_number_of_points_or_where_all_are_spikes_the_highest_wins():
    for N in (None, 200):
        runs = [Run(steps_to(1e-6, 10.0)), Run(steps_to(1e-5, 50.0))]
        assert race(runs, N=N) is runs[1]
        assert runs[1].end == "converged"


def test_one_that_was_given_up_comes_back_when_all_better_ones_are_spikes():
    def late():
        yield from (next(steps_to(1.0, 49 + 0.1 * n)) for n in range(12))
        yield from steps_to(1e-6, 60.0)

    runs = [Run(late()), Run(steps_to(1e-6, 55.0)), Run(steps_to(1.0, 3.0)), Run(steps_to(0.9, 2.0))]
    assert race(runs, N=200) is runs[2]


# ---- saddle points


def test_identical_components_that_cannot_be_separated_are_named_and_not_called_converged():
    points = gmm.load_faithful()
    _, means, covariances = gmm.mixture_around(points, points[:1])
    thrice = gmm.Mixture([0.2, 0.3, 0.5], means[[0] * 3], covariances[[0] * 3])
    with pytest.warns(
        gmm.ConvergenceWarning,
        match="components 0 and 1 are identical, and moving them apart did not raise the log-likelihood",
    ):
        fit = gmm.fit(points, thrice, constraint=lambda mixture: thrice)
    assert not fit.converged
    assert identical_components(fit.mixture) == [(0, 1), (0, 2), (1, 2)]
    assert gmm.fit(points, 2, rng=0).converged


# ---- Ctrl-C

PROGRAM = """
import signal

import numpy as np
import gmm_tutorial as gmm

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in the background has not

rng = np.random.default_rng(0)
points = np.concatenate([rng.normal(size=(20_000, 4)) + 3 * rng.normal(size=4) for _ in range(4)])
begun = []

def steps(*args, **kwargs):
    for step in gmm.em(*args, **kwargs):
        if not begun:
            begun.append(print("begun", flush=True))
        yield step

try:
    gmm.fit(points, gmm.mixture_around(points, points[:8]), tolerance=0, steps=steps)
except gmm.Interrupted as stop:
    print(stop.fit.path, len(stop.fit.log_likelihoods) > 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process alone")
@pytest.mark.parametrize("after", [0.01, 0.17, 0.29, 0.4])
def test_ctrl_c_in_compiled_loops_leaves_the_fit(after):
    pytest.importorskip("numba")
    with Popen([sys.executable, "-c", PROGRAM], stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=60)
    assert (told, errors) == ("compiled loops, in blocks True\n", "")


def test_an_interrupt_comes_out_of_compiled_code_as_what_it_is():
    pytest.importorskip("numba")
    from gmm_tutorial.scale import compiled

    def as_python_does(cause):
        raise SystemError("returned a result with an exception set") from cause

    def in_two_layers():
        try:
            as_python_does(KeyboardInterrupt())
        except SystemError as error:
            as_python_does(error)

    with pytest.raises(KeyboardInterrupt):
        compiled.interruptible(as_python_does, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        compiled.interruptible(in_two_layers)
    with pytest.raises(SystemError):
        compiled.interruptible(as_python_does, ValueError())


# ---- many dimensions


@pytest.mark.parametrize("constraint", [gmm.diagonal, gmm.chain(gmm.ridge, gmm.spherical)])
def test_no_square_of_the_dimensions_is_made_where_variances_are_enough(constraint):
    points = np.random.default_rng(0).normal(size=(60, 1500)) + np.arange(60)[:, None] % 2
    fit = gmm.fit(points, 2, constraint=constraint, rng=0)
    assert "variances only" in fit.path
    assert "covariances" not in vars(fit.mixture)
    assert "covariances" not in vars(start_around(points, points[:2], constraint))
