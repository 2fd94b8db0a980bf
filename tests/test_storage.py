"""What was saved comes back to the last bit, a fit goes on from it as if never stopped, and nothing else is read."""

import dataclasses
import io
import json
import pickle
import tracemalloc
import warnings
import zipfile
from functools import partial
from itertools import islice

import numpy as np
import pytest
from examples import CONSTRAINTS, law, named, problem, problems
from hypothesis import given

import gmm_tutorial as gmm
from gmm_tutorial import constraints as bare
from gmm_tutorial import storage

POINTS, MIXTURE, _ = problem()
FIT = gmm.fit(POINTS, 2, constraint=gmm.tied, starts=2, rng=0)
TWO, THREE = np.array([[4.0, 1], [1, 2]]), gmm.Mixture([0.2, 0.3, 0.5], MIXTURE.means, MIXTURE.covariances)
STORABLE = {
    "ridge": gmm.ridge,
    "wide ridge": partial(gmm.ridge, fraction=0.1 + 0.2),
    "bare ridge": partial(bare.ridge, fraction=1 / 3),
    "three links": gmm.chain(gmm.spherical, gmm.chain(gmm.tied, partial(gmm.ridge, fraction=1e-3))),
    "a prior": gmm.prior(90, TWO / 3, strength=0.7, concentration=1.1),
    "bare prior": bare.prior(90, TWO, strength=2),
} | {named(constraint): constraint for constraint in CONSTRAINTS}


def the_same(array, other):
    return np.array_equal(array, other) and array.dtype == other.dtype and array.tobytes() == other.tobytes()


def same_mixture(mixture, other):
    return all(map(the_same, mixture, other)) and the_same(mixture.factors, other.factors)


def there_and_back(what, folder):
    gmm.save(what, folder / "what.npz")
    return gmm.load(folder / "what.npz")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "what.npz"


# ---- there and back


@law
@given(problems)
def test_a_mixture_comes_back_to_the_last_bit(tmp_path_factory, drawn):
    _, mixture, _ = drawn
    assert same_mixture(there_and_back(mixture, tmp_path_factory.mktemp("law")), mixture)


def test_a_fit_comes_back_to_the_last_bit(tmp_path):
    fit = there_and_back(FIT, tmp_path)
    assert same_mixture(fit.mixture, FIT.mixture)
    assert the_same(fit.log_likelihoods, FIT.log_likelihoods)
    assert (fit.log_likelihood, fit.converged, fit.constraint) == (FIT.log_likelihood, True, gmm.tied)
    assert [type(value) for value in vars(fit).values()] == [type(value) for value in vars(FIT).values()]
    assert repr(fit) == repr(FIT)


def test_each_field_of_a_fit_is_stored():
    fields = {field.name for field in dataclasses.fields(gmm.Fit)}
    assert fields == {"mixture", *storage.OF_A_FIT, *storage.FOR_CRITERIA} - {*storage.OF_A_MIXTURE}


@pytest.mark.parametrize("extreme", [1e-140, 1e-8, 1e8, 1e130])
def test_no_size_of_numbers_costs_a_bit(extreme, tmp_path):
    mixture = gmm.Mixture(MIXTURE.weights, MIXTURE.means * extreme, MIXTURE.covariances * extreme**2)
    assert same_mixture(there_and_back(mixture, tmp_path), mixture)


@pytest.mark.parametrize("name", STORABLE)
def test_a_constraint_of_the_package_comes_back_as_the_same_function(name, tmp_path):
    constraint = STORABLE[name]
    fit = there_and_back(dataclasses.replace(FIT, constraint=constraint), tmp_path)
    assert all(map(the_same, fit.constraint(THREE), constraint(THREE)))
    assert name not in gmm.__all__ or fit.constraint is getattr(gmm, name)


@pytest.mark.parametrize("name", [name for name in STORABLE if "prior" not in name])
def test_the_free_numbers_under_a_constraint_are_still_counted(name, tmp_path):
    fit = there_and_back(dataclasses.replace(FIT, constraint=STORABLE[name]), tmp_path)
    assert gmm.n_parameters(THREE, fit.constraint) == gmm.n_parameters(THREE, STORABLE[name])


def halved(mixture):
    return gmm.Mixture(mixture.weights, mixture.means, mixture.covariances / 2)


OWN = [lambda mixture: mixture, np.sort, partial(gmm.ridge, fraction=0.1, more=1), partial(gmm.tied, more=1), halved]


@pytest.mark.parametrize("own", OWN)
def test_of_a_constraint_of_your_own_the_name_comes_back_and_says_what_to_do(own, tmp_path):
    fit = there_and_back(dataclasses.replace(FIT, constraint=own), tmp_path)
    assert same_mixture(fit.mixture, FIT.mixture)
    name = getattr(own, "__name__", own.func.__name__ if isinstance(own, partial) else "?")
    with pytest.raises(gmm.ArgumentError, match=rf"your own function {name}, .* give it again, as in gmm\.fit\("):
        fit.constraint(fit.mixture)
    assert hasattr(fit.constraint, "parameters") == isinstance(own, partial)


def test_of_a_constraint_of_your_own_the_number_of_parameters_comes_back(tmp_path):
    own = partial(halved)
    own.parameters = lambda K, D: 3 * K + D
    for constraint in (own, gmm.chain(gmm.ridge, own)):
        fit = there_and_back(dataclasses.replace(FIT, constraint=constraint), tmp_path)
        again = there_and_back(fit, tmp_path)
        for each in (fit, again):
            expected = gmm.bic(POINTS, FIT.mixture, constraint)
            assert gmm.bic(POINTS, each.mixture, each.constraint) == expected


@pytest.mark.parametrize("other", [None, (1, 2, 3), "fit.npz", POINTS, gmm.Mixture])
def test_only_a_mixture_or_a_fit_is_saved(other, file):
    with pytest.raises(TypeError, match=f"what is a {type(other).__name__}"):
        gmm.save(other, file)


ODD_FIELDS = {
    "log_likelihood": [None, "x", np.nan, [1.0, 2.0]],
    "log_likelihoods": [None, [], [np.nan], [[1.0], [1.0, 2.0]], np.array([None])],
    "converged": [np.array([True, False])],
    "path": [np.array(["one", "two"])],
}


@pytest.mark.parametrize(("field", "odd"), [(field, odd) for field, odds in ODD_FIELDS.items() for odd in odds])
def test_a_fit_that_somebody_has_changed_by_hand_is_refused_and_nothing_is_written(field, odd, tmp_path):
    with pytest.raises(ValueError, match=r"^what is a Fit that could not be read again"):
        gmm.save(dataclasses.replace(FIT, **{field: odd}), tmp_path / "fit.npz")
    assert not list(tmp_path.iterdir())


def test_a_fit_within_a_fit_is_refused(file):
    with pytest.raises(TypeError, match=r"^what\.mixture is a Fit: it should be a gmm\.Mixture"):
        gmm.save(dataclasses.replace(FIT, mixture=FIT), file)


@pytest.mark.parametrize("odd", [None, 3, b"fit.npz", "", ".", "a\0b", ["fit.npz"]])
def test_what_is_no_path_is_refused_by_the_name_of_the_argument(odd):
    for act in (partial(gmm.save, FIT), gmm.load):
        with pytest.raises(ValueError, match=r"^file is .*: give the path of a file, such as 'fit\.npz'\."):
            act(odd)


def test_a_mixture_that_could_not_be_read_is_not_written(tmp_path):
    singular = bare.with_covariances(MIXTURE, MIXTURE.covariances * 0)
    with pytest.raises(ValueError, match=r"covariances\[0\]"):
        gmm.save(singular, tmp_path / "mixture.npz")
    assert not list(tmp_path.iterdir())


# ---- going on


def bits(steps):
    return [(*(array.tobytes() for array in mixture), log_likelihood) for mixture, log_likelihood in steps]


@pytest.mark.parametrize("constraint", [*CONSTRAINTS, gmm.chain(gmm.diagonal, gmm.ridge)], ids=named)
@pytest.mark.parametrize("stop", [0, 1, 13])
def test_a_run_resumed_from_a_file_is_the_run_that_was_never_stopped(constraint, stop, tmp_path):
    never_stopped = list(islice(gmm.em(POINTS, constraint(MIXTURE), constraint), 30))
    resumed = gmm.em(POINTS, there_and_back(never_stopped[stop].mixture, tmp_path), constraint)
    assert bits(islice(resumed, 30 - stop)) == bits(never_stopped[stop:])


def test_a_fit_resumed_from_a_file_ends_where_the_fit_that_was_never_stopped_ends(tmp_path):
    start = gmm.mixture_around(POINTS, MIXTURE.means)
    whole = gmm.fit(POINTS, start, constraint=gmm.spherical, steps=gmm.em)
    with warnings.catch_warnings(category=gmm.ConvergenceWarning, action="ignore"):
        part = there_and_back(gmm.fit(POINTS, start, constraint=gmm.spherical, max_steps=5, steps=gmm.em), tmp_path)
    rest = gmm.fit(POINTS, part.mixture, constraint=part.constraint, steps=gmm.em)
    assert not part.converged
    assert whole.converged
    assert the_same(np.append(part.log_likelihoods, rest.log_likelihoods[1:]), whole.log_likelihoods)
    assert same_mixture(rest.mixture, whole.mixture)


@pytest.mark.parametrize("stop", [1, 4, 11])
def test_an_accelerated_run_resumed_from_a_file_takes_other_steps_to_the_same_log_likelihood(stop, tmp_path):
    start = gmm.mixture_around(POINTS, POINTS[:2])
    never_stopped = list(islice(gmm.accelerated(POINTS, start), 120))
    resumed = list(islice(gmm.accelerated(POINTS, there_and_back(never_stopped[stop].mixture, tmp_path)), 120))
    by_em = gmm.em(POINTS, never_stopped[stop].mixture)
    assert bits(resumed[:3]) == bits(islice(by_em, 3))
    assert bits(resumed[3:9]) != bits(never_stopped[stop + 3 : stop + 9])
    heights = [step.log_likelihood for step in resumed]
    assert (np.diff(heights) > -1e-10).all()
    assert heights[-1] == pytest.approx(never_stopped[-1].log_likelihood, abs=1e-9)


# ---- the file


def test_the_file_has_the_name_that_was_given_and_stands_alone(tmp_path):
    gmm.save(FIT, tmp_path / "fit")
    gmm.save(MIXTURE, f"{tmp_path}/mixture.v2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fit", "mixture.v2"]
    assert same_mixture(gmm.load(f"{tmp_path}/mixture.v2"), MIXTURE)


def test_an_interrupted_save_leaves_the_older_file_as_it_was(file, monkeypatch):
    def interrupted(*paths):
        raise KeyboardInterrupt

    gmm.save(MIXTURE, file)
    monkeypatch.setattr(storage.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        gmm.save(FIT, file)
    assert same_mixture(gmm.load(file), MIXTURE)


def test_the_arrays_can_be_read_by_numpy_alone(file):
    gmm.save(FIT, file)
    with np.load(file, allow_pickle=False) as arrays:
        assert np.array_equal(arrays["means"], FIT.mixture.means)
        assert not any(array.dtype.hasobject for array in arrays.values())


def test_a_file_that_is_not_there_is_called_just_that(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        gmm.load(tmp_path / "nowhere.npz")


def refused(file):
    with pytest.raises(ValueError, match="is damaged, or is not a file") as caught:
        gmm.load(file)
    return str(file) in str(caught.value)


def test_a_file_cut_short_anywhere_is_refused_by_name(file):
    gmm.save(FIT, file)
    whole = file.read_bytes()
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        file.write_bytes(whole[:length])
        assert refused(file)


@pytest.mark.filterwarnings("ignore")  # zipfile warns of names that come twice
def test_a_flipped_bit_is_noticed_or_changes_nothing(file):
    gmm.save(FIT, file)
    whole = file.read_bytes()
    noticed = 0
    for place in range(0, len(whole), 5):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            fit = gmm.load(file)
        except ValueError as error:
            noticed += str(file) in str(error)
        else:
            assert same_mixture(fit.mixture, FIT.mixture)
            assert the_same(fit.log_likelihoods, FIT.log_likelihoods)
            assert (fit.log_likelihood, fit.constraint) == (FIT.log_likelihood, gmm.tied)
    assert noticed > len(whole) / 5 / 2


def test_a_history_that_claims_to_be_shorter_is_refused(file):
    gmm.save(dataclasses.replace(FIT, log_likelihoods=np.linspace(-90_000, -800, 9000)), file)
    claimed = file.read_bytes().replace(b"(9000,)", b"(1000,)")
    assert claimed != file.read_bytes()
    file.write_bytes(claimed)
    assert refused(file)


def memory_to_refuse(file):
    tracemalloc.start()
    try:
        assert refused(file)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_array_that_claims_to_be_huge_takes_no_memory(file):
    gmm.save(FIT, file)
    claimed = npy(FIT.mixture.means).replace(b"(2, 2), }" + b" " * 7, b"(2, 99999999), }")
    assert len(claimed) == len(npy(FIT.mixture.means))
    with zipfile.ZipFile(file) as old:
        arrays = {name: old.read(name) for name in old.namelist()}
    file.write_bytes(zipped(**arrays | {"means.npy": claimed}))
    assert memory_to_refuse(file) < 5e6


def test_a_small_file_that_unfolds_to_a_large_one_is_refused_before_it_does(file):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in storage.OF_A_FIT:
            packed.writestr(f"{name}.npy", bytes(10**7))
    file.write_bytes(bomb.getvalue())
    assert memory_to_refuse(file) < 5e6


class Trap:
    def __reduce__(self):
        return print, ("this code was run",)


def test_no_code_in_a_file_is_run(file, capsys):
    trap = np.empty((2, 2), dtype=object)
    trap[:] = Trap()
    file.write_bytes(archive(means=trap))
    assert refused(file)
    file.write_bytes(pickle.dumps(Trap()))
    assert refused(file)
    assert not capsys.readouterr().out


@pytest.mark.parametrize("name", ["means", "kind", "constraint"])
def test_no_code_is_run_either_if_a_pickled_array_is_exactly_as_long_as_its_header_says(name, file, capsys):
    pickled = pickle.dumps(Trap())
    pickled += bytes(-len(pickled) % 8)
    header = io.BytesIO()
    shape = (len(pickled) // 8,)
    np.lib.format.write_array_header_1_0(header, {"descr": "|O", "fortran_order": False, "shape": shape})
    arrays = {f"{key}.npy": npy(array) for key, array in storage.arrays_of(FIT).items()}
    file.write_bytes(zipped(**arrays | {f"{name}.npy": header.getvalue() + pickled}))
    assert refused(file)
    assert not capsys.readouterr().out


def archive(**changed):
    """The arrays of a fit with some of them changed; None leaves one out."""
    arrays = storage.arrays_of(FIT) | changed
    buffer = io.BytesIO()
    np.savez(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


WRONG = {
    "empty": b"",
    "text": b"weights,means\n",
    "pickle": pickle.dumps(FIT),
    "one array": npy(POINTS),
    "other zip": zipped(readme="hello"),
    "empty zip": zipped(),
    "pickled arrays": archive(means=np.array([[None]])),
    "an array too many": archive(more=np.ones(3)),
    "an array too few": archive(covariances=None),
    "half a fit": archive(converged=None),
    "no kind": archive(kind=None),
    "another kind": archive(kind="Step"),
    "a fit called a mixture": archive(kind="Mixture"),
    "weights": archive(weights=np.array([0.5, 0.6])),
    "shapes": archive(means=np.ones((3, 2))),
    "not a number": archive(means=np.full((2, 2), np.nan)),
    "singular": archive(covariances=np.ones((2, 2, 2))),
    "not symmetric": archive(covariances=np.array([[[2.0, 1], [0, 2]]] * 2)),
    "no last": archive(log_likelihood=np.array(np.inf)),
    "no history": archive(log_likelihoods=np.empty(0)),
    "two answers": archive(converged=np.array([True, False])),
    "two ways": archive(summarize=np.array(["one", "other"])),
    "unknown constraint": archive(constraint=json.dumps("round")),
    "unknown link": archive(constraint=json.dumps(["chain", "tied", ["round", 1]])),
    "negative ridge": archive(constraint=json.dumps(["ridge", -1])),
    "no ridge": archive(constraint=json.dumps(["ridge"])),
    "wrong prior": archive(constraint=json.dumps(["prior", 3, [[-1]], 1, 1])),
    "no JSON": archive(constraint="full"),
    "bottomless JSON": archive(constraint="[" * 100_000),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_any_other_file_gives_one_error_that_names_it(wrong, file):
    file.write_bytes(WRONG[wrong])
    assert refused(file)


def test_the_file_that_these_wrong_ones_are_made_from_is_right(file):
    file.write_bytes(archive())
    assert same_mixture(gmm.load(file).mixture, FIT.mixture)
