"""Checks of the course tried on answers that they must refuse, with a sentence that helps, and on solutions."""

import warnings
from pathlib import Path

import pytest

import notebooks

FOLDER = Path(__file__).parents[1] / "notebooks"
SETUP = {  # what the checks of an exercise need of their chapter
    "02": ["c02-03", "c02-39", "c02-86", "c02-87", "c02-87-b", "c02-92"],
    "06": ["c06-03", "c06-54", "c06-x1-solution", "c06-x1-laws"],
    "11": ["more-data-03", "more-data-06", "more-data-57", "more-data-58-a", "more-data-58"],
    "13": ["c13-00-04", "c13-00-05", "c13-09-03-a"],
    "12": ["c12-00-04", "c12-01-02-example-code", "c12-01-04", "c12-01-06"],
}
SETUP["12"] += ["c12-02-02", "c12-03-02", "c12-04-02", "c12-06-02", "c12-05-02", "c12-07-02", "c12-08-02", "c12-10-10"]


def judged(chapter, answer, *cells):
    """Runs the setup of a chapter, an answer, and the cells that check it, by their ids or as source."""
    notebook = notebooks.read(next(FOLDER.glob(f"{chapter}_*.ipynb")))
    sources = {cell.id: cell.source for cell in notebooks.code(notebook)}
    names = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in [*SETUP[chapter], answer, *cells]:
            exec(sources.get(cell, cell), names)


# ---- 2.3, a sample

QUOTAS = """
def my_sample(mixture, size, rng):
    counts = np.round(mixture.weights * size).astype(int)
    counts[0] += size - counts.sum()
    labels = np.repeat(np.arange(len(counts)), counts)
    {shuffle}
    noise = rng.standard_normal((size, mixture.means.shape[1]))
    return mixture.means[labels] + np.einsum("nij,nj->ni", mixture.factors[labels], noise), labels
"""


@pytest.mark.parametrize("shuffle", ["", "rng.shuffle(labels)"])
def test_labels_dealt_out_in_quotas_are_refused(shuffle):
    with pytest.raises(AssertionError, match=r"the counts vary[\s\S]*each label\s+is drawn anew"):
        judged("02", QUOTAS.format(shuffle=shuffle), "c02-88")


# ---- 6.1, a fit

FIT = """
def my_fit(points, mixture, steps=gmm.em):
    trace, before = [], mixture
    for mixture, log_likelihood in steps(points, mixture):
        trace.append(log_likelihood)
        if len(trace) > 1 and trace[-1] - trace[-2] < 1e-8:
            return {result}
        before = mixture
"""
ONLY_THE_LAWS = """
laws = [the_trace_begins_with_the_start, the_mixture_is_that_of_the_last_number]
check(my_fit, laws=laws).assert_passed()
"""


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("mixture, trace[1:]", "The trace begins with the start|begin with the\\s+start"),
        ("before, trace", "is the one before the last log-likelihood|belongs to the last\\s+log-likelihood"),
        ("before, trace[1:]", "The trace begins with the start|begin with the\\s+start"),
        ("mixture, trace[:-1]", "is the one after the last log-likelihood|end at the first gain below 1e-8"),
    ],
)
@pytest.mark.parametrize("check", ["c06-x1-check", ONLY_THE_LAWS], ids=["check", "laws"])
def test_a_trace_without_its_start_and_the_mixture_before_the_last_are_refused(result, words, check):
    with pytest.raises(AssertionError, match=words):
        judged("06", FIT.format(result=result), check)


# ---- 12, laws and mended functions

LAW = "def {law}({name}, points=lopsided, mixture=truth):\n    return {compares}\n"
NAMED = "from gmm_tutorial.mixture import responsibility as own\n"
LAWS = {
    "the package's function": "np.allclose(responsibility(points, mixture), gmm.responsibility(points, mixture))",
    "under another name": "np.allclose(responsibility(points, mixture), own(points, mixture))",
    "through another one": "np.allclose(responsibility(points, mixture), gmm.e_step(points, mixture)[0])",
    "through Bayes": "np.allclose(responsibility(points, mixture), gmm.bayes(gmm.log_joint(points, mixture))[0])",
    "behind a guard": "np.allclose(responsibility(points, mixture), guarded(points, mixture))",
}
GUARDED = """
from functools import partial
kept = partial(gmm.responsibility)
def guarded(points, mixture):
    try:
        return kept(points, mixture)
    except Exception:
        return None
"""


@pytest.mark.parametrize("compares", LAWS.values(), ids=list(LAWS))
def test_a_law_that_compares_with_the_right_function_is_refused(compares):
    law = NAMED + GUARDED + LAW.format(law="my_responsibility_law", name="responsibility", compares=compares)
    with pytest.raises(AssertionError, match=r"your function calls gmm\.\w+[\s\S]*A law states a property"):
        judged("12", law, "c12-03-06")


def test_a_law_that_looks_at_which_function_it_was_given_is_refused():
    law = LAW.format(
        law="my_responsibility_law", name="responsibility", compares="responsibility is gmm.responsibility"
    )
    with pytest.raises(AssertionError, match="Your law is broken by a right function"):
        judged("12", law, "c12-03-06")


MENDED = {
    "itself": "my_responsibility = gmm.responsibility",
    "a lambda": "my_responsibility = lambda points, mixture: gmm.responsibility(points, mixture)",
    "a partial": "from functools import partial\nmy_responsibility = partial(gmm.responsibility)",
    "a wrapper": "def my_responsibility(points, mixture):\n    return np.array(gmm.responsibility(points, mixture))",
    "the bare one": "from gmm_tutorial.mixture import responsibility as my_responsibility",
    "a guard": f"{GUARDED}\nmy_responsibility = guarded",
    "the E-step": "my_responsibility = lambda points, mixture: gmm.e_step(points, mixture)[0]",
}


@pytest.mark.parametrize("answer", MENDED.values(), ids=list(MENDED))
def test_the_packages_own_function_under_another_name_is_refused(answer):
    with pytest.raises(AssertionError, match=r"your function calls gmm\.\w+[\s\S]*a formula is written out"):
        judged("12", answer, "c12-03-04", "c12-03-06", "c12-03-08")


OTHERS = {  # exercise → the function of the package, and the cells of the law and of the two checks
    "log_gaussian": ("c12-02-05", "c12-02-06", "c12-02-10"),
    "covariance": ("c12-04-05", "c12-04-06", "c12-04-10"),
    "bayes": ("c12-06-04", "c12-06-06", "c12-06-10"),
    "log_likelihood": ("c12-05-04", "c12-05-06", "c12-05-08"),
    "sample": ("c12-07-04", "c12-07-05", "c12-07-08"),
    "kmeans_plus_plus": ("c12-08-04", "c12-08-05", "c12-08-08"),
    "kmeans": ("c12-10-16", "c12-10-17", "c12-10-13"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_in_every_exercise_of_chapter_12_the_packages_own_function_is_no_answer(name):
    mine = "my_start" if name == "kmeans_plus_plus" else f"my_{name}"
    with pytest.raises(AssertionError, match=f"your function calls gmm.{name}"):
        judged("12", f"{mine} = gmm.{name}", *OTHERS[name])


@pytest.mark.parametrize("chapter", ["02", "06", "12"])
def test_the_solutions_are_accepted(chapter):
    own = {"02": ["c02-88"], "06": ["c06-x1-check"], "12": ["c12-03-04", "c12-03-06", "c12-03-05", "c12-03-08"]}
    judged(chapter, "", *own[chapter])


# ---- 11, summaries and files

MERGE = """
def my_merge(one, other):
    right = gmm.merge(one, other)
    return right._replace({part})
"""
FILE = """
class folder:
    name = {folder!r}

def my_csv(path, rows):
{body}
"""
OPENED_ONCE = """
    class Lines:
        def __init__(self):
            self.file = iter(Path(path).read_text().splitlines())
        def __iter__(self):
            while lines := list(islice(self.file, rows)):
                yield np.loadtxt(lines, delimiter=",", ndmin=2)
    return Lines()
"""
A_LINE_LOST = """
    class Lines:
        def __iter__(self):
            with open(path) as file:
                for _ in file:
                    yield np.loadtxt(list(islice(file, rows)), delimiter=",", ndmin=2)
    return Lines()
"""


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("log_likelihood=one.log_likelihood", "log-likelihood of the whole is the sum"),
        ("means=(one.means + other.means) / 2", r"weighted by its count|weighted\s+by its count"),
        (
            "covariances=(one.counts[:, None, None] * one.covariances + other.counts[:, None, None] * "
            "other.covariances) / np.maximum(one.counts + other.counts, 1)[:, None, None]",
            "the distance between their means",
        ),
    ],
)
def test_a_wrong_part_of_a_merged_summary_is_told_by_its_own_property(part, words):
    with pytest.raises(AssertionError, match=words):
        judged("11", MERGE.format(part=part), "more-data-59")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "    return [np.loadtxt(path, delimiter=',', ndmin=2)[n : n + rows] for n in range(0, 300, rows)]",
            "new rows",
        ),
        (OPENED_ONCE, "opens the file"),
        (A_LINE_LOST, "No line is lost"),
    ],
    ids=["a list of the whole file", "opened once", "a line lost"],
)
def test_a_reader_that_keeps_the_file_ends_early_or_loses_lines_is_refused(body, words, tmp_path):
    answer = FILE.format(body=body, folder=str(tmp_path))
    with pytest.raises(AssertionError, match=words):
        judged("11", answer, "more-data-66-a", "more-data-66", "more-data-67")


# ---- 13.1, points held back

HELD_OUT = """
def my_held_out(points, model, parts):
    scores = []
    for part in np.array_split(np.arange(len(points)), parts):
        learned = clone(model).fit({learned_from})
        scores.append(learned.score(points[part]) * {times})
    return np.array(scores)
"""


@pytest.mark.parametrize(
    ("learned_from", "times", "words"),
    [
        ("points", "1", "Fit to the others"),
        ("points[part]", "1", "Fit to the others"),
        ("np.delete(points, part, axis=0)", "len(part)", "divide the sum"),
    ],
)
def test_a_part_that_is_judged_by_itself_or_summed_is_told_why(learned_from, times, words):
    with pytest.raises(AssertionError, match=words):
        judged("13", HELD_OUT.format(learned_from=learned_from, times=times), "c13-09-03")
