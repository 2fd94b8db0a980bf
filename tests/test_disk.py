"""Points that are read in pieces give the fit of the same points in memory; and what is wrong with a piece is told."""

import re
import subprocess
import sys
import tempfile
from itertools import islice

import numpy as np
import pandas as pd
import pytest
from examples import problem, same
from scipy import sparse

import gmm_tutorial as gmm
from gmm_tutorial.scale import calls, disk

POINTS, MIXTURE, RNG = problem(21, N=20_000, D=3)
WEIGHTS = RNG.uniform(0, 2, len(POINTS))


class Again:
    """Gives the same pieces each time."""

    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)


class RowGroups:
    """The row groups of a Parquet file."""

    def __init__(self, path):
        self.file = pytest.importorskip("pyarrow.parquet").ParquetFile(path)

    def __iter__(self):
        for number in range(self.file.num_row_groups):
            yield self.file.read_row_group(number).to_pandas().to_numpy()


def saved(folder, name, array):
    np.save(folder / name, array)
    return folder / name


def in_files(folder):
    return [saved(folder, f"{n}.npy", part) for n, part in enumerate(np.split(POINTS, [3, 9_000, 9_001]))]


def sliced_map(folder):
    longer = saved(folder, "longer.npy", np.vstack([[[9.0, 9.0, 9.0]], POINTS]))
    return np.load(longer, mmap_mode="r")[1:]


def changed_in_memory_alone(folder):
    mapped = np.load(saved(folder, "c.npy", POINTS + 1), mmap_mode="c")
    mapped -= 1
    return mapped


def parquet(folder):
    table = pd.DataFrame(POINTS, columns=list("abc"))
    pytest.importorskip("pyarrow")
    table.to_parquet(folder / "points.parquet", row_group_size=7_000)
    return RowGroups(folder / "points.parquet")


SOURCES = {
    "one file": lambda folder: saved(folder, "all.npy", POINTS),
    "a file by its name": lambda folder: str(saved(folder, "all.npy", POINTS)),
    "files": in_files,
    "a file in Fortran's order": lambda folder: saved(folder, "fortran.npy", np.asfortranarray(POINTS)),
    "a mapped array": lambda folder: np.load(saved(folder, "all.npy", POINTS), mmap_mode="r"),
    "a mapped array in Fortran's order": lambda folder: np.load(
        saved(folder, "fortran.npy", np.asfortranarray(POINTS)), mmap_mode="r"
    ),
    "a part of a mapped array": sliced_map,
    "a mapped array with changes of its own": changed_in_memory_alone,
    "arrays in a list": lambda folder: np.split(POINTS, [5_000, 5_001]),
    "an iterable": lambda folder: Again(POINTS[:11_000], POINTS[11_000:].tolist(), np.zeros((0, 3))),
    "row groups of a Parquet file": parquet,
}
sources = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def steps(points, number=3, **how):
    return list(islice(gmm.em(points, MIXTURE, **how), number))


@sources
def test_em_takes_the_same_steps_as_on_the_array(tmp_path, source):
    points = source(tmp_path)
    for ours, theirs in zip(steps(points, sample_weights=WEIGHTS), steps(POINTS, sample_weights=WEIGHTS)):
        assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)
        same(ours.mixture, theirs.mixture, rtol=1e-11)


@sources
def test_a_fit_finds_its_start_there_too(tmp_path, source):
    found = gmm.fit(source(tmp_path), 3, starts=2, rng=5)
    expected = gmm.fit(POINTS, 3, starts=2, rng=5)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-10)


def test_leaps_read_the_pieces_again_too(tmp_path):
    ours, theirs = (gmm.fit(x, MIXTURE, steps=gmm.accelerated, tolerance=1e-3) for x in (in_files(tmp_path), POINTS))
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("kind", [np.float32, np.uint8, np.int64, np.float16])
def test_numbers_of_any_real_kind_are_read_as_they_are(tmp_path, kind):
    points = np.clip(np.round(POINTS), 0, 250).astype(kind)
    file = saved(tmp_path, "kind.npy", points)
    ours, theirs = (next(gmm.em(x, MIXTURE)) for x in (file, points.astype(float)))
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)


def test_a_sample_for_the_starts_is_taken_from_all_pieces(monkeypatch, tmp_path):
    monkeypatch.setattr(calls, "sample_size", lambda N, K, D: 1000)
    ours, theirs = (gmm.fit(x, 3, starts=2, rng=5, sample_weights=WEIGHTS) for x in (in_files(tmp_path), POINTS))
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-10)
    same(ours.mixture, theirs.mixture, rtol=1e-6)


def test_an_iterable_may_use_its_memory_again():
    class Buffered(Again):
        def __iter__(self):
            buffer = np.empty((2_000, 3), order="F")
            for start in range(0, len(POINTS), 2_000):
                buffer[:] = POINTS[start : start + 2_000]
                yield buffer

    ours, theirs = next(gmm.em(Buffered(), MIXTURE)), next(gmm.em(POINTS, MIXTURE))
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)


def test_a_mapped_array_without_a_name_is_read_as_it_is(tmp_path):
    with tempfile.TemporaryFile() as file:
        mapped = np.memmap(file, dtype=float, mode="w+", shape=POINTS.shape)
        mapped[:] = POINTS
        ours, theirs = next(gmm.em(mapped, MIXTURE)), next(gmm.em(POINTS, MIXTURE))
        assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)
        del mapped


def test_a_mapped_array_is_one_array_to_the_other_functions(tmp_path):
    mapped = np.load(saved(tmp_path, "all.npy", POINTS), mmap_mode="r")
    np.testing.assert_array_equal(gmm.label(mapped, MIXTURE), gmm.label(POINTS, MIXTURE))


def test_an_iterable_with_a_length_and_a_list_of_data_frames_are_pieces_too():
    class Counted(Again):
        def __len__(self):
            return len(self.pieces)

    for pieces in (Counted(*np.split(POINTS, 4)), [pd.DataFrame(part) for part in np.split(POINTS, 4)]):
        ours, theirs = next(gmm.em(pieces, MIXTURE)), next(gmm.em(POINTS, MIXTURE))
        assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, rel=1e-12)


# ---- what is wrong with a piece


def broken(**changes):
    pieces = [POINTS[:100].copy() for _ in range(60)]
    for number, piece in changes.items():
        pieces[int(number[1:])] = piece
    return Again(*pieces)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_missing_value_is_told_with_its_piece_its_row_and_its_column(value):
    piece = POINTS[:20_000].copy()
    piece[17_123, 2] = piece[19_000, 0] = value
    with pytest.raises(ValueError, match=rf"^points: piece 57: points\[17123, 2\] is {value}: drop or fill"):
        gmm.fit(broken(_57=piece), 2)


def test_a_missing_value_in_a_file_is_told_with_the_name_of_the_file(tmp_path):
    files = in_files(tmp_path)
    points = np.load(files[1])
    points[4, 1] = np.nan
    np.save(files[1], points)
    with pytest.raises(ValueError, match=rf"^points: piece 1, {re.escape(str(files[1]))}: points\[4, 1\] is nan: "):
        next(gmm.em(files, MIXTURE))


def test_a_file_that_is_cut_off_missing_or_no_table_is_told_by_its_name(tmp_path):
    whole = saved(tmp_path, "whole.npy", POINTS)
    cut, text = tmp_path / "cut.npy", tmp_path / "text.npy"
    cut.write_bytes(whole.read_bytes()[:-1000])
    text.write_text("1,2,3\n", encoding="utf-8")
    objects = saved(tmp_path, "objects.npy", np.array([[{}, 2, 3]], dtype=object))
    for file in (cut, text, objects, tmp_path / "nowhere.npy"):
        with pytest.raises(ValueError, match=rf"{re.escape(str(file))} is missing, cut off, or not a \.npy file"):
            gmm.fit([whole, file], 2)


def test_a_file_that_is_cut_off_during_a_run_is_an_error_and_no_fit_of_the_rest(tmp_path):
    file = saved(tmp_path, "all.npy", POINTS)
    run = gmm.em(file, MIXTURE)
    next(run)
    file.write_bytes(file.read_bytes()[:-24_000])
    with pytest.raises(ValueError, match=r"is missing, cut off, or not a \.npy file"):
        next(run)


@pytest.mark.parametrize("order", "CF")
def test_a_file_that_is_cut_off_while_it_is_read_is_told_by_its_name(tmp_path, order):
    """The system would end the whole process if the file were mapped."""
    file = saved(tmp_path, "all.npy", np.asarray(POINTS, order=order))
    blocks = disk.Blocks([file]).split(None, 1_000)
    next(blocks)
    file.write_bytes(file.read_bytes()[:5_000])
    with pytest.raises(ValueError, match=rf"{re.escape(str(file))} is missing.*\(it ends \d+ numbers too early\)"):
        list(blocks)


@pytest.mark.parametrize(
    "other", [POINTS[:, :2], POINTS.astype(np.float32), POINTS[:-1], np.vstack([POINTS, POINTS[:1]])]
)
def test_a_file_that_is_another_table_at_a_later_step_is_told_by_its_name(tmp_path, other):
    files = in_files(tmp_path)
    last = saved(tmp_path, "last.npy", POINTS)
    run = gmm.em([*files, last], MIXTURE)
    next(run)
    np.save(last, other)
    was, now = r"float64 of shape \(20000, 3\)", rf"{other.dtype} of shape {re.escape(str(other.shape))}"
    with pytest.raises(ValueError, match=rf"^points: piece 4, {re.escape(str(last))} was {was} before, and is {now}"):
        next(run)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_a_missing_value_that_appears_in_a_file_during_a_run_is_told_with_file_row_and_column(tmp_path, value):
    files = in_files(tmp_path)
    run = gmm.em(files, MIXTURE)
    next(run)
    points = np.load(files[1])
    points[7_123, 1] = value
    np.save(files[1], points)
    found = r"points reaches 1\.0e\+200" if value == 1e200 else rf"points\[7123, 1\] is {value}"
    with pytest.raises(ValueError, match=rf"^points: piece 1, {re.escape(str(files[1]))}: {found}"):
        next(run)


def test_pieces_that_get_another_width_at_a_later_step_are_told():
    pieces = Again(*np.split(POINTS, 4))
    run = gmm.em(pieces, MIXTURE)
    next(run)
    pieces.pieces = [*pieces.pieces[:2], pieces.pieces[2][:, :1], pieces.pieces[3]]
    with pytest.raises(ValueError, match=r"^points: piece 2 has 1 columns now, but had 3 before: "):
        next(run)


def test_pieces_of_other_widths_or_other_axes_are_told():
    with pytest.raises(ValueError, match=r"^points: piece 3 has 2 columns, and earlier ones have 3: "):
        gmm.fit(broken(_3=POINTS[:5, :2]), 2)
    with pytest.raises(ValueError, match=r"^points: piece 4 is 1-D: it should be 2-D, \(N, D\)\."):
        gmm.fit(broken(_4=POINTS[0]), 2)
    with pytest.raises(ValueError, match=r"^points: piece 5: points cannot be read as an array of real numbers"):
        gmm.fit(broken(_5=POINTS[:5].astype(str)), 2)


class WithoutRows:
    """Something that can be made an array, and has no rows that could be taken by themselves."""

    def __array__(self, dtype=None, copy=None):
        return POINTS[:5]


@pytest.mark.parametrize("piece", [WithoutRows(), sparse.csr_matrix(POINTS[:5]), [[1.0, 2.0], [1.0]], np.ndarray.shape])
def test_a_piece_that_is_no_table_is_told(piece):
    found = r"^points: piece 1 is (not a table of numbers|0-D): it should be 2-D"
    with pytest.raises(ValueError, match=found):
        gmm.fit(Again(POINTS, piece), 2)


def test_a_file_of_one_number_or_without_columns_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"^points: piece 0, .*one\.npy is 0-D: it should be 2-D, \(N, D\)\."):
        gmm.fit([saved(tmp_path, "one.npy", np.array(3.0))], 2)
    with pytest.raises(ValueError, match=r"^points: piece 0, .*none\.npy: points has shape \(1, 0\): no dimensions"):
        gmm.fit(saved(tmp_path, "none.npy", np.zeros((4, 0))), 2)


def test_a_file_whose_every_byte_may_be_wrong_is_read_or_told_by_its_name(tmp_path):
    """NumPy's reader of the first line may raise what it likes."""
    file = saved(tmp_path, "some.npy", POINTS[:9])
    content = file.read_bytes()
    for place in range(128):
        file.write_bytes(content[:place] + bytes([content[place] ^ 5]) + content[place + 1 :])
        try:
            next(gmm.em(file, MIXTURE))
        except ValueError as error:
            assert "some.npy" in str(error) or str(error).startswith("points has")  # noqa: PT017


def test_an_empty_piece_is_no_trouble_and_nothing_but_empty_pieces_is():
    ours = next(gmm.em(broken(_0=POINTS[:0], _9=POINTS[:0]), MIXTURE)).log_likelihood
    assert ours == pytest.approx(next(gmm.em(np.tile(POINTS[:100], (58, 1)), MIXTURE)).log_likelihood, rel=1e-12)
    for nothing in (Again(), Again(POINTS[:0])):
        with pytest.raises(ValueError, match=r"^points: no piece has any rows\. Give at least one point\."):
            gmm.fit(nothing, 2)


def test_what_can_be_read_only_once_is_refused():
    with pytest.raises(TypeError, match=r"^points is a generator, which can be read only once, .* each time\.$"):
        gmm.fit((piece for piece in [POINTS]), 2)


def test_pieces_that_change_between_two_readings_are_refused():
    class Shrinking(Again):
        def __iter__(self):
            self.pieces = self.pieces[:-1]
            return iter(self.pieces)

    pieces = Shrinking(*np.split(POINTS, 10))
    with pytest.raises(ValueError, match=r"^points had \d+ rows at first and have \d+ now: the pieces must be"):
        next(gmm.em(pieces, MIXTURE))


@pytest.mark.parametrize("function", [gmm.log_density, gmm.responsibility, gmm.label, gmm.summarize])
def test_the_other_functions_say_that_they_want_one_array(tmp_path, function):
    with pytest.raises(ValueError, match=rf"call {function.__name__} on each piece, or on one array\."):
        function(in_files(tmp_path), MIXTURE)


def test_sample_weights_have_one_number_for_each_row_of_all_pieces(tmp_path):
    with pytest.raises(ValueError, match=r"sample_weights has 5 points but points has 20000"):
        next(gmm.em(in_files(tmp_path), MIXTURE, sample_weights=np.ones(5)))


FIT_FROM_A_FILE = """
import resource, sys, numpy as np, gmm_tutorial as gmm
from gmm_tutorial.scale.summary import summarize
start = gmm.Mixture([0.5, 0.5], np.eye(2, 8), [np.eye(8)] * 2)
gmm.fit(np.random.default_rng(0).standard_normal((20_000, 8)), start, max_steps=1, tolerance=1e9, summarize=summarize)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
gmm.fit(sys.argv[1], start, max_steps=2, tolerance=1e9, summarize=summarize)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_memory_grows_with_the_block_and_not_with_the_file(tmp_path):
    pytest.importorskip("resource")
    rng, grown = np.random.default_rng(0), []
    for number, N in enumerate((200_000, 1_600_000)):
        file = saved(tmp_path, f"{number}.npy", rng.standard_normal((N, 8)))
        command = [sys.executable, "-c", FIT_FROM_A_FILE, str(file)]
        grown.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    assert grown[1] < grown[0] + 10 < 60  # megabytes; the files have 13 and 102


def test_a_file_of_several_arrays_is_refused_by_its_name(tmp_path):
    np.savez(tmp_path / "two.npz", a=POINTS, b=POINTS)
    with pytest.raises(ValueError, match=r"two\.npz is missing, cut off, or not a \.npy file"):
        gmm.fit(tmp_path / "two.npz", 2)
