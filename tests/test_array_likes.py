"""Whatever holds the numbers of an array gets the answer of that array, or one sentence that says how to become one."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import gmm_tutorial as gmm

TABLE = gmm.load_faithful()[:40]


class Tensor:
    """Converts itself to NumPy, or has a reason not to, like a tensor of torch."""

    shape, ndim = TABLE.shape, 2

    def __init__(self, refusal=None):
        self.refusal = refusal

    def __array__(self, dtype=None, copy=None):
        if self.refusal:
            raise self.refusal
        return TABLE


def same_as_an_array():
    yield Tensor()
    yield np.ma.array(TABLE)
    frame = pd.DataFrame(TABLE, columns=["length", "wait"])
    yield from (frame, frame.astype("Float64"), frame.astype(object))
    with suppress(ImportError):
        yield frame.astype("float64[pyarrow]")
    with suppress(ImportError):
        import polars

        yield polars.DataFrame({"length": TABLE[:, 0], "wait": TABLE[:, 1]})
    with suppress(ImportError):
        import xarray

        yield xarray.DataArray(TABLE, dims=("eruption", "measured"))


def test_what_holds_the_same_numbers_gets_the_same_answer():
    expected = gmm.fit(TABLE, 2, rng=0, starts=1)
    for points in same_as_an_array():
        fit = gmm.fit(points, 2, rng=0, starts=1)
        assert np.array_equal(fit.log_likelihoods, expected.log_likelihoods)
        assert np.array_equal(gmm.log_density(points, fit), gmm.log_density(TABLE, fit.mixture))


def test_a_column_that_holds_no_numbers_is_named():
    frame = pd.DataFrame(TABLE, columns=["length", "wait"])
    for column, kind in ((["u"] * 40, "text"), (pd.Timestamp("2020-01-01"), r"datetime64\[.*\]")):
        with pytest.raises(gmm.ArgumentError, match=rf"^points has the column 'day', which holds {kind}: leave it out"):
            gmm.fit(frame.assign(day=column), 2)


def test_what_pandas_calls_na_is_missing():
    frame = pd.DataFrame(TABLE, columns=["length", "wait"]).astype("Float64")
    frame.iloc[3, 1] = pd.NA
    with pytest.raises(gmm.ArgumentError, match=r"^points\[3, 1\] is nan: drop or fill what is missing"):
        gmm.fit(frame, 2)
    assert gmm.fit(frame, 1, missing="model").converged


def wrong_kinds():
    yield "penguins.csv", "points is the name of a file, 'penguins.csv': read it first, for example with pandas"
    yield sparse.csr_matrix(TABLE), "points is a csr_matrix: give points.toarray()."
    reason = "use Tensor.cpu() to copy the tensor to host memory first."
    for refusal in (RuntimeError(reason), TypeError(reason)):
        yield Tensor(refusal), f"points cannot be read as an array: {reason}"
    for images in (np.zeros((5, 28, 28)), list(np.zeros((5, 28, 28)))):
        yield images, "points is 3-D with shape (5, 28, 28)"
    yield pd.Series(TABLE[:, 0]), "points is a Series: give a table with one column, points.to_frame()."
    with suppress(ImportError):
        import polars

        yield polars.LazyFrame({"length": TABLE[:, 0]}), "points is a LazyFrame: give points.collect()."
    with suppress(ImportError):
        import xarray

        yield xarray.Dataset({"length": ("n", TABLE[:, 0])}), "points is a Dataset: give points.to_dataarray().T."


def test_what_is_no_array_is_told_how_to_become_one():
    for points, sentence in wrong_kinds():
        for act in (gmm.fit, lambda points, K: gmm.log_density(points, gmm.mixture_around(TABLE, TABLE[:K]))):
            with pytest.raises(gmm.ArgumentError) as caught:
                act(points, 2)
            assert str(caught.value).startswith(sentence)


def test_pieces_of_equal_size_are_pieces():
    pieces = [TABLE[:20], TABLE[20:]]
    assert gmm.fit(pieces, 2, rng=0).log_likelihood == pytest.approx(gmm.fit(TABLE, 2, rng=0).log_likelihood)


def test_more_columns_than_rows_may_be_a_table_on_its_side():
    with pytest.raises(gmm.CollapseError, match=r"has more columns \(40\) than rows \(2\): is it transposed\? Ask"):
        gmm.fit(TABLE.T, 2, rng=0)
    with pytest.raises(gmm.ArgumentError, match=r"There are more columns \(40\) than rows: is the array transposed\?$"):
        gmm.fit(TABLE.T, 3, rng=0)


def test_numbers_far_from_zero_want_an_offset_taken_off():
    days = 2460000.5 + 1e-7 * np.random.default_rng(0).standard_normal((300, 1))
    with pytest.raises(gmm.CollapseError, match=r"points\[:, 0\] has values near 2460000\.5 .*: subtract an offset"):
        gmm.fit(days, 2, rng=0)
    assert gmm.fit(days - days.mean(axis=0), 2, rng=0).converged
