"""The data of the course, as small files inside the package. Their sources are in data/README.md."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np

from gmm_tutorial.mixture import Mixture


def load_faithful() -> np.ndarray:
    """The eruptions of Old Faithful, a geyser: how long each lasts and how long the wait for the next one is.

    →  points (272, 2), both in minutes: eruption, waiting              Azzalini & Bowman (1990)

    >>> import gmm_tutorial as gmm
    >>> gmm.load_faithful()[0]
    array([ 3.6, 79. ])
    """
    return numbers("faithful.csv", ["eruptions", "waiting"])


def load_galaxies() -> np.ndarray:
    """The velocities at which 82 galaxies of the Corona Borealis region move away from us.

    →  points (82, 1), in km/s, ascending                               Postman, Huchra & Geller (1986); Roeder (1990)

    Value 78 is 26690, as in the copy that the published fits use; the paper has 26960.

    >>> import gmm_tutorial as gmm
    >>> gmm.load_galaxies()[[0, 77, 81], 0]
    array([ 9172., 26690., 34279.])
    """
    return numbers("galaxies.csv", ["velocity_km_s"])


def load_acidity() -> np.ndarray:
    """The acid-neutralizing capacity (ANC) of 155 lakes in Wisconsin, on a log scale.

    →  points (155, 1), log(ANC + 50), ANC in µeq/l                     Crawford (1994)

    >>> import gmm_tutorial as gmm
    >>> gmm.load_acidity()[0]
    array([2.928524])
    """
    return numbers("acidity.csv", ["acidity"])


def load_penguins() -> tuple[np.ndarray, np.ndarray]:
    """The measurements of three species of penguins near Palmer Station, Antarctica, without two incomplete rows.

    →  points (342, 4): bill length, bill depth, flipper length in mm, body mass in g; species (342,), names
                                                                        Gorman, Williams & Fraser (2014)

    >>> import gmm_tutorial as gmm
    >>> points, species = gmm.load_penguins()
    >>> points[0], str(species[0])
    (array([  39.1,   18.7,  181. , 3750. ]), 'Adelie')
    """
    columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    complete = [row for row in rows("penguins.csv") if "NA" not in [row[column] for column in columns]]
    points = np.array([[float(row[column]) for column in columns] for row in complete])
    return points, np.array([row["species"] for row in complete])


def load_islands() -> tuple[np.ndarray, np.ndarray, Mixture]:
    """The course's own data: points from three unequal, overlapping clusters (islands), their labels and the mixture.

    →  points (300, 2); labels (300,), the island that each point came from; truth, the Mixture they were drawn from

    >>> import gmm_tutorial as gmm
    >>> points, labels, truth = gmm.load_islands()
    >>> points.shape, truth.weights
    ((300, 2), array([0.5, 0.3, 0.2]))
    """
    truth = Mixture(
        weights=[0.5, 0.3, 0.2],
        means=[[2.0, 3.0], [5.0, 5.0], [6.0, 1.5]],
        covariances=[[[1.6, 0.9], [0.9, 1.0]], [[1.4, -0.8], [-0.8, 0.9]], [[0.3, 0.15], [0.15, 0.6]]],
    )
    return numbers("islands.csv", ["x", "y"]), numbers("islands.csv", ["island"])[:, 0].astype(int), truth


def rows(file):
    with (files("gmm_tutorial") / "data" / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def numbers(file, columns):
    return np.array([[float(row[column]) for column in columns] for row in rows(file)])
