"""Writes docs/how_this_is_tested.md and its picture: every number on that page is counted here.

    python tools/evidence.py

The results of `make fuzz` and `make mutants`, which take long, are read from docs/evidence.json.
"""

import collections
import datetime
import importlib
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import matplotlib
import mpmath as mp
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from scipy import stats
from sklearn.mixture import GaussianMixture

import gmm_tutorial as gmm
from gmm_tutorial import plots

ROOT = Path(__file__).parent.parent
DOCS, STORED = ROOT / "docs", ROOT / "docs" / "evidence.json"
FAULTS = {  # what happens, and the test that makes it happen
    "a missing value in a file": "test_disk.py::test_a_missing_value_in_a_file_is_told_with_the_name_of_the_file",
    "a file that is cut off": "test_disk.py::test_a_file_that_is_cut_off_missing_or_no_table_is_told_by_its_name",
    "a file that is cut off during a run": "test_disk.py::test_a_file_that_is_cut_off_during_a_run_is_an_error",
    "a file that is cut off while it is read": "test_disk.py::test_a_file_that_is_cut_off_while_it_is_read_is_told",
    "a file that is replaced by another table": "test_disk.py::test_a_file_that_is_another_table_at_a_later_step_is",
    "a missing value that appears later": "test_disk.py::test_a_missing_value_that_appears_in_a_file_during_a_run_is",
    "points in memory that change": "test_checks.py::test_many_points_that_become_missing_between_two_steps_are_told",
    "pieces with different numbers of columns": "test_disk.py::test_pieces_of_other_widths_or_other_axes_are_told",
    "empty pieces": "test_disk.py::test_an_empty_piece_is_no_trouble_and_nothing_but_empty_pieces_is",
    "pieces that change while they are read": "test_disk.py::test_pieces_that_change_between_two_readings_are_refused",
    "an overflow in a thread": "test_blocks.py::test_an_error_in_a_thread_is_told_in_the_same_words",
    "a killed worker": "test_cluster.py::test_a_worker_that_is_killed_loses_nothing",
    "Ctrl-C during a long fit": "test_soak.py::test_after_ctrl_c_a_long_fit_hands_over_the_last_mixture_and_a_fit",
    "a run that is stopped, stored and resumed": "test_storage.py::test_a_run_resumed_from_a_file_is_the_run_that_was",
    "the same for an accelerated run": "test_storage.py::test_an_accelerated_run_resumed_from_a_file_takes",
    "an interrupted save": "test_storage.py::test_an_interrupted_save_leaves_the_older_file_as_it_was",
    "a stored file that is cut short anywhere": "test_storage.py::test_a_file_cut_short_anywhere_is_refused_by_name",
    "a stored file that claims to be huge": "test_storage.py::test_an_array_that_claims_to_be_huge_takes_no_memory",
    "a small stored file that expands to a large one": "test_storage.py::test_a_small_file_that_unfolds_to_a_large_one",
    "a flipped bit in a stored file": "test_storage.py::test_a_flipped_bit_is_noticed_or_changes_nothing",
    "code hidden in a stored file": "test_storage.py::test_no_code_in_a_file_is_run",
    "a thousand fits in one process": "test_soak.py::test_a_thousand_fits_do_not_grow_the_memory",
    "sixteen fits at once": "test_soak.py::test_fits_in_sixteen_threads_are_those_made_one_by_one_bit_for_bit",
    "an error in one thread among others": "test_soak.py::test_a_refusal_in_one_thread_leaves_the_others_and_thei",
    "a malicious notebook": "test_notebook_safety.py::test_a_notebook_that_does_harm_is_stopped_and_reported",
}
D, POINTS = 3, 40
CONDITIONS, OFFSETS = 10.0 ** np.arange(17), 10.0 ** np.arange(11)
LINES = {"gmm_tutorial": 0, "SciPy": 1, "scikit-learn": 2}  # and the look of each, as of a component
FLOOR = 1e-17  # where an exact result is drawn


# ---- accuracy, beside the exact value


def gaussian(rng, condition, offset):
    """A tilted covariance of that condition number, and a mean so many of its largest standard deviations away."""
    turn = np.linalg.qr(rng.standard_normal((D, D)))[0]
    covariance = turn * condition ** -np.linspace(0, 1, D) @ turn.T
    return offset * np.array([1.0, -0.7, 0.4]), (covariance + covariance.T) / 2


def exact_log_density(points, mean, covariance):
    """By mpmath, with 120 digits, of the very floats that the libraries are given."""
    with mp.workdps(120):
        sigma = mp.matrix(covariance.tolist())
        constant = D * mp.log(2 * mp.pi) + mp.log(mp.det(sigma))
        inverse = sigma**-1
        rows = [mp.matrix([mp.mpf(x) - mp.mpf(mu) for x, mu in zip(point, mean)]) for point in points.tolist()]
        return [-(constant + (row.T * inverse * row)[0]) / 2 for row in rows]


def of_this_package(points, mean, covariance):
    return gmm.log_density(points, gmm.Mixture([1], [mean], [covariance]))


def of_scipy(points, mean, covariance):
    return stats.multivariate_normal(mean, covariance).logpdf(points)


def of_scikit_learn(points, mean, covariance):
    model = GaussianMixture(1, weights_init=[1], means_init=[mean], precisions_init=[np.linalg.inv(covariance)])
    model.weights_, model.means_, model.covariances_ = np.ones(1), mean[None], covariance[None]
    factor = np.linalg.cholesky(covariance)
    model.precisions_cholesky_ = np.linalg.solve(factor, np.eye(D)).T[None]
    return model.score_samples(points)


WAYS = dict(zip(LINES, [of_this_package, of_scipy, of_scikit_learn]))


def errors(condition, offset):
    """Of each library, the errors at the points, relative to what is above one; NaN where it refuses."""
    rng = np.random.default_rng(7)
    mean, covariance = gaussian(rng, condition, offset)
    roots = np.linalg.eigh(covariance)
    spread = roots.eigenvectors * np.sqrt(np.maximum(roots.eigenvalues, 0))
    points = mean + rng.standard_normal((POINTS, D)) @ spread.T
    exact = exact_log_density(points, mean, covariance)
    found = {}
    for library, way in WAYS.items():
        try:
            ours = way(points, mean, covariance)
        except (ValueError, np.linalg.LinAlgError):
            found[library] = np.full(POINTS, np.nan)
        else:
            pairs = zip(ours.tolist(), exact)
            found[library] = np.array([float(abs(mp.mpf(x) - y) / max(1, abs(y))) for x, y in pairs])
    return found


def accuracy():
    by_condition = [errors(condition, 1.0) for condition in CONDITIONS]
    by_offset = [errors(100.0, offset) for offset in OFFSETS]
    return by_condition, by_offset


def draw(axes, places, by_place):
    for library, look in reversed(LINES.items()):  # the last lies on top: smaller marks, so that all are seen
        kept = {name: value for name, value in plots.style(look).items() if name in ("color", "linestyle", "marker")}
        for summary, name, width in ((np.median, library, 1.8), (np.max, None, 0.7)):
            heights = [max(summary(found[library]), FLOOR) for found in by_place]
            axes.plot(places, heights, label=name, linewidth=width, markersize=3 + 2 * look, **kept)
    axes.set(xscale="log", yscale="log", ylim=(FLOOR / 2, 10))


def picture(by_condition, by_offset):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), sharey=True, layout="constrained")
    draw(left, CONDITIONS, by_condition)
    draw(right, OFFSETS, by_offset)
    left.plot(CONDITIONS, np.finfo(float).eps * CONDITIONS, color="0.6", linestyle=":", label="rounding × condition")
    left.set(xlabel="condition number of the covariance", ylabel="error of the log density")
    right.set(xlabel="offset of the mean, in standard deviations")
    left.set_title("All three lose digits with the condition number" if alike(by_condition) else "By condition number")
    right.set_title("An offset costs scikit-learn digits, the others none" if steady(by_offset) else "By offset")
    handles, names = left.get_legend_handles_labels()
    left.legend(handles[2::-1] + handles[3:], names[2::-1] + names[3:], loc="upper left")
    refused = [place for place, found in zip(CONDITIONS, by_condition) if np.isnan(found["SciPy"][0])]
    if refused:
        left.annotate("SciPy refuses\nfrom here on", (refused[0], 1e-13), color=plots.style(1)["color"])
    figure.suptitle("Thick: the median of 40 points. Thin: the worst of them.", fontsize="medium", y=0.02, va="bottom")
    figure.get_layout_engine().set(rect=(0, 0.06, 1, 0.94))
    return figure


def alike(by_condition):
    """No library's worst error is ever above ten times rounding × condition."""
    worst = [np.nanmax([errors.max() for errors in found.values()]) for found in by_condition]
    return bool((np.array(worst) <= 10 * np.finfo(float).eps * np.maximum(CONDITIONS, 10)).all())


def steady(by_offset):
    worst = {library: max(found[library].max() for found in by_offset) for library in LINES}
    return bool(max(worst["gmm_tutorial"], worst["SciPy"]) < 1e-12 and worst["scikit-learn"] > 1e-6)


def in_words(found, library):
    median, worst = np.median(found[library]), found[library].max()
    return "refused" if np.isnan(median) else f"{median:.0e}, {worst:.0e}"


# ---- counting


def collected():
    """The tests that pytest finds, and how many there are in each folder."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--no-header", "-m", ""]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    tests = [line for line in lines if "::" in line]
    return tests, collections.Counter(test.split("/")[0] for test in tests)


def laws_of_hypothesis():
    """How many examples each property test draws, by its name."""
    sys.path.insert(0, str(ROOT / "tests"))
    found = {}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        if "hypothesis" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(path.stem)
            for name, test in vars(module).items():
                if getattr(test, "is_hypothesis_test", False) and test.__module__ == path.stem:
                    found[f"{path.stem}.{name}"] = test._hypothesis_internal_use_settings.max_examples
    return found


def faults(tests):
    """The faults that some test puts in."""
    return [fault for fault, test in FAULTS.items() if any(name.startswith(f"tests/{test}") for name in tests)]


# ---- the page

PAGE = """\
# How this is tested

Every number on this page was computed by `make evidence` on {date}, with Python {python}, NumPy {numpy},
SciPy {scipy} and scikit-learn {sklearn}. Run the command to get the numbers of your own machine.

## Properties

Each test states a property, such as *the log-likelihood never falls*, and checks it on asymmetric data. The results are
compared with an independent source: SciPy, mpmath, exact fractions, sums by hand, or a published table.

| what | how many |
|---|---|
| tests in `tests` | {tests} |
| docstrings whose examples are run and compared | {doctests} |
| notebook cells that are run again and compared | {cells} |
| properties checked on random problems | {laws}, with {least} to {most} problems each, {examples} in all |

`make coverage` checks that every line and every branch of the package is run by some test; pictures are tested
separately.

## Mistakes

A test is worth something only if it fails when the code is wrong. So mistakes are put into the package on purpose, and
some test must fail.

- {mistakes} mistakes that people make with this model, of {kinds} kinds, are put into the package one at a time. Each
  violates at least one of {mistake_laws} properties, and each of these properties is violated by some mistake
  (`tests/test_mistakes.py`).
- The homework knows {homework} mistakes by name, and recognizes each under its own name (`tests/test_homework.py`).
- {mutants}

## Hostile input

{fuzz}

Odd inputs are arguments of other types and shapes, NaN and infinities, numbers from 5e-324 to 1.8e308, invalid
covariance matrices, tables with gaps, damaged files, and lists nested seventy deep. The estimator, the pictures and the
homework, which gets functions that return odd answers, are called, too. Each call must end with a finite, correct
result, or with a `ValueError` or `TypeError` that names the argument (or, after a collapse, the component; or, for a
file that cannot be opened, with an `OSError` that names its path). It must not warn, hang, or change its input.
For each problem that was found this way there is now a test. One of them was a seed with which NumPy crashes the whole
process; the package refuses it.

## Faults

{fault_sentence}

Each notebook is also checked for code that could do harm, and `make test-all` runs some of them: they use no network,
start no program, and change no file of the project. `make fuzz` runs all of them.

## Accuracy

![{alt}](how_this_is_tested.png)

The log density of one Gaussian in three dimensions at 40 points drawn from it, compared with the value that mpmath
computes with 120 digits for the same floats. The error is relative, or absolute where the log density is below one.
The table shows the median and the largest error of the 40 points:

| condition number | offset | gmm_tutorial | SciPy | scikit-learn |
|---|---|---|---|---|
{rows}

*Refused* means that the library raises an error.

## What is not tested

- Windows, macOS and conda. The workflow in `.github/workflows/test.yml` is written to test them, but it has not been
  run yet.
- Any other processor than that of this run ({processor}).
- A cluster of several machines: Dask was tried with several workers on one machine.
- A file that you map yourself (`np.memmap`) and that is cut off during a fit. The operating system then ends the
  process. If you give the path instead, you get an error that names the file.
- Speed. The benchmark measures it, and no test depends on it.
- Nobody outside the project has checked these claims yet. If you do, and one fails, please open an issue.
"""


def sentence_of_mutants(stored):
    entry = stored.get("mutants")
    if not entry:
        return "`make mutants` puts small mistakes into the package, one by one. No run of it is recorded here yet."
    some = f"{entry['drawn']:,} of {entry['all']:,}, drawn at random"
    drawn = "all of them" if entry["drawn"] == entry["all"] else some
    return (
        f"`{entry['command']}` changes one token of the package at a time ({drawn}, {entry['date']}). Some test\n"
        f"  failed for {entry['killed']:,} of these changes, and {entry['survived']:,} went unnoticed."
    )


def sentence_of_fuzz(stored):
    entry = stored.get("fuzz")
    if not entry:
        return "`make fuzz` calls every public function with odd inputs. No run of it is recorded here yet."
    fewer = ", ".join(f"`{name}` with {number:,}" for name, number in entry["fewer"].items())
    text = (
        f"`{entry['command']}` calls {entry['functions']} public functions with {entry['each']:,} odd inputs each"
        f"{f' (slow ones with fewer: {fewer})' * bool(fewer)}; `em`, `accelerated` and `fit` get as many again "
        f"for points in pieces, and once more with the compiled loops. These are {entry['inputs']:,} calls in all "
        f"({entry['date']}, {entry['minutes']:.0f} minutes): {entry['results']:,} returned a result, "
        f"{entry['refused']:,} raised an error that says what is wrong, and no call did anything else."
    )
    return textwrap.fill(text, 118)


def sentence_of_faults(found):
    text = f"The tests cause {len(found)} faults and long runs on purpose. Each must end with the right result, or "
    text += f"with an error that says what went wrong and where: {'; '.join(found)}."
    return textwrap.fill(text, 118)


def page(by_condition, by_offset):
    import platform

    import scipy
    import sklearn

    sys.path.insert(0, str(ROOT / "tests"))
    mistakes = importlib.import_module("test_mistakes")
    known = importlib.import_module("gmm_tutorial.homework.mistakes")
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    tests, kinds = collected()
    examples, found = laws_of_hypothesis(), faults(tests)
    some = [(CONDITIONS[i], 1.0, by_condition[i]) for i in (0, 4, 8, 12, 14, 16)]
    some += [(100.0, OFFSETS[i], by_offset[i]) for i in (3, 6, 10)]
    rows = [
        f"| {condition:.0e} | {offset:.0e} | " + " | ".join(in_words(errors, library) for library in LINES) + " |"
        for condition, offset, errors in some
    ]
    return PAGE.format(
        date=datetime.date.today().isoformat(),
        python=platform.python_version(),
        numpy=np.__version__,
        scipy=scipy.__version__,
        sklearn=sklearn.__version__,
        processor=f"{platform.machine()}, {platform.system()}",
        tests=f"{kinds['tests']:,}",
        doctests=f"{kinds['gmm_tutorial']:,}",
        cells=f"{kinds['notebooks']:,}",
        laws=len(examples),
        least=min(examples.values()),
        most=max(examples.values()),
        examples=f"{sum(examples.values()):,}",
        mistakes=len(mistakes.MISTAKES),
        kinds=len({name[:2] for name in mistakes.MISTAKES}),
        mistake_laws=len(mistakes.LAWS + mistakes.LONG_LAWS),
        homework=len(known.MISTAKES),
        mutants=sentence_of_mutants(stored),
        fuzz=sentence_of_fuzz(stored),
        fault_sentence=sentence_of_faults(found),
        alt=ALT,
        rows="\n".join(rows),
    )


ALT = (
    "Errors on log scales, with one line for each library. As the condition number grows from one to 1e16, all three "
    "rise together from 1e-16 to 1e-6; the line of SciPy ends at 1e9. As the offset grows from one to 1e10 standard "
    "deviations, the error of scikit-learn rises to 1e-5, and those of this package and of SciPy stay constant."
)


def main():
    plots.use_style()
    plt.rcParams["figure.dpi"] = 130
    by_condition, by_offset = accuracy()
    (DOCS / "how_this_is_tested.png").write_bytes(plots.png(picture(by_condition, by_offset)))
    (DOCS / "how_this_is_tested.md").write_text(page(by_condition, by_offset), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
