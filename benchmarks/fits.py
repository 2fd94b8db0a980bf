"""Whole fits, start included: Old Faithful with as many starts, large data up to an equal log-likelihood."""

import json
from statistics import median

import numpy as np

import gmm_tutorial as gmm
from shapes import prepare
from workers import FAST, NUMPY, PEERS, SKLEARN, Failed, Missing, Worker

NEAR = 0.01  # nats still to come, at which a large fit ends


def whole_fits(shape, folder, rounds):
    """Everybody's seconds to a fit of one shape, with what each was asked for."""
    prepare(shape, folder, separation=10.0)  # so that the steps are tens, not thousands
    ours = {"tolerance": NEAR, "rng": 0, "starts": 1, "start": "kmeans"}
    asked = [
        (NUMPY, ours, rounds),
        (FAST, ours, rounds),
        (FAST, {**ours, "steps": "accelerated"}, rounds),
        (SKLEARN, {"tol": NEAR / shape.N, "reg_covar": 0, "max_iter": 10_000, "random_state": 0}, max(1, rounds // 3)),
    ]
    return in_turns(asked, shape.K, folder)


def old_faithful(folder, rounds):
    """272 eruptions, 2 components, 10 starts; scikit-learn as it is, and with a tolerance that brings it as high."""
    folder.mkdir(parents=True, exist_ok=True)
    points = gmm.load_faithful()
    np.save(folder / "points.npy", points)
    for name, array in zip(("weights", "means", "covariances"), gmm.mixture_around(points, points[:2])):
        np.save(folder / f"{name}.npy", array)
    closer = {"tol": 1e-9, "reg_covar": 0, "max_iter": 10_000}
    asked = [
        (NUMPY, {"starts": 10, "rng": 0}, rounds),
        (FAST, {"starts": 10, "rng": 0}, rounds),
        (SKLEARN, {"n_init": 10, "random_state": 0}, rounds),
        (SKLEARN, {"n_init": 10, "random_state": 0, **closer}, rounds),
    ]
    return in_turns(asked, 2, folder)


def in_turns(asked, components, folder):
    """The seconds of each fit, in rounds that take everybody once; a first one only warms up."""
    peers, rows, workers = {peer.name: peer for peer in PEERS}, [], {}
    try:
        for name, options, times in asked:
            rows.append({"name": name, "options": options, "times": times, "rounds": []})
            if name not in workers:
                try:
                    workers[name] = Worker(peers[name])
                    workers[name].ask(f"load {folder} full")
                except (Missing, Failed):
                    workers.pop(name).close()
        rows = [row for row in rows if row["name"] in workers]
        for number in range(max(row["times"] for row in rows) + 1):
            for row in rows:
                if number < row["times"] + (row["times"] > 1):
                    options = json.dumps({"components": components, **row["options"]})
                    row |= json.loads(workers[row["name"]].ask(f"fit {options}", 900))
                    row["rounds"].append(row["seconds"])
    finally:
        for worker in workers.values():
            worker.close()
    highest = max(row["log_likelihood"] for row in rows)
    for row in rows:
        row["rounds"] = row["rounds"][1:] or row["rounds"]
        row |= {"seconds": median(row["rounds"]), "below": highest - row["log_likelihood"]}
    return rows


def how(options):
    """The settings of a fit in one line."""
    words = {key: f"{value:.2g}" if isinstance(value, float) else value for key, value in options.items()}
    return ", ".join(f"{key}={value}" for key, value in words.items()) or "as it is"
