"""Seconds a step, everybody on the same points from the same start, in turns."""

from statistics import median

import numpy as np

import gmm_tutorial as gmm
from shapes import prepare
from workers import NUMPY, OURS, PEERS, Failed, Missing, Worker, mixture_in

FIRST = 1  # a run of so many steps is taken off: loading, checking and starting cost nobody anything
PATIENCE = 3  # times the limit of the others, for those who are measured everywhere
EQUAL = 1e-9  # relative difference of log-likelihoods that counts as equal


def time_shape(shape, peers, rounds, folder, limit):
    """Everybody's seconds a step in each round, after all log-likelihoods were compared.

    limit, seconds that one peer may take for a shape: whoever needs more does one step a run; and of those who are not
    measured everywhere, whoever then still needs three times as much does one run in all
    """
    prepare(shape, folder)
    found, workers = {}, {}
    try:
        for peer in peers:
            found[peer.name] = {"status": "timed", "rounds": [], "same_start": peer.same_start}
            begin(peer, found[peer.name], workers)
        for number, name in enumerate(list(workers)):
            enter(workers[name], shape, folder / f"{number}.bin", rounds, limit, found[name])
            if found[name]["status"] != "timed":
                workers.pop(name).close()
        compare(shape, folder, found)
        for number in range(rounds):
            take_turns(number, folder, workers, found)
    finally:
        for worker in workers.values():
            worker.close()
    for row in found.values():
        row.pop("file", None)
    return found


def begin(peer, row, workers):
    """Starts a peer; while one imports its library, the next begins."""
    try:
        workers[peer.name] = Worker(peer)
    except Missing as error:
        row |= {"status": "not installed", "why": str(error)}


def enter(worker, shape, path, rounds, limit, row):
    """Has a peer load the points, warms it up, and decides how many steps it is timed for."""
    try:
        row["version"] = worker.ask(f"load {path.parent} {'diagonal' if shape.diagonal else 'full'}")
        once = min(worker.run(FIRST, path, 10 * limit), worker.run(FIRST, path, 10 * limit))
        patience = PATIENCE * limit if worker.peer.everywhere else limit
        row["steps"] = shape.steps if rounds * (2 * FIRST + shape.steps) * once / 2 < patience else 1
        row["warm"] = worker.run(FIRST + row["steps"], path, 10 * limit)
        row["file"], row["compared"] = str(path), FIRST + row["steps"]
        if rounds * (once + row["warm"]) > 3 * limit and not worker.peer.everywhere:
            row |= {"status": "slow", "rounds": [row["warm"] / row["compared"]]}
    except Missing as error:
        row |= {"status": "not installed", "why": str(error)}
    except Failed as error:
        row |= {"status": "failed", "why": str(error)}


def compare(shape, folder, found):
    """The log-likelihood of what each found, by one function for all, beside ours after as many steps."""
    points = np.load(folder / "points.npy")
    ours = {}
    with Worker(next(peer for peer in PEERS if peer.name == NUMPY)) as worker:
        worker.ask(f"load {folder} {'diagonal' if shape.diagonal else 'full'}")
        for row in found.values():
            if "file" not in row:
                continue
            steps = row["compared"]
            if steps not in ours:
                worker.run(steps, folder / "reference.bin")
                ours[steps] = log_likelihood(points, folder / "reference.bin", shape)
            row["log_likelihood"] = log_likelihood(points, row["file"], shape)
            row["difference"] = row["log_likelihood"] - ours[steps]
            row["equal"] = bool(abs(row["difference"]) <= EQUAL * abs(ours[steps]))


def log_likelihood(points, path, shape):
    try:
        mixture = mixture_in(path, shape.K, shape.D)
    except ValueError:  # it is no mixture at all
        return float("nan")
    return next(gmm.em(points, mixture, gmm.diagonal if shape.diagonal else gmm.full)).log_likelihood


def take_turns(number, folder, workers, found):
    """One round: everybody once, each time another one first."""
    names = list(workers)
    shift = number % len(names) if names else 0
    for name in names[shift:] + names[:shift]:
        row, scratch = found[name], folder / "scratch.bin"
        try:
            first = workers[name].run(FIRST, scratch)
            last = workers[name].run(FIRST + row["steps"], scratch)
        except Failed as error:
            row |= {"status": "failed", "why": str(error), "rounds": []}
            workers.pop(name).close()
        else:
            row["rounds"].append((last - first) / row["steps"])


# ---- what the rounds say


def ratios(peer, ours):
    """How many times as long a peer takes, in each round: median, least, most."""
    each = [theirs / mine for theirs, mine in zip(peer, ours)]
    return {"median": median(each), "least": min(each), "most": max(each)}


def exponent(sizes, seconds):
    """The power with which a cost grows: the slope of its logarithm against that of the size, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def summarized(found):
    """For each peer the median seconds a step, and the ratio to each of ours."""
    for row in found.values():
        if row["rounds"]:
            row["seconds"] = median(row["rounds"])
    for name, row in found.items():
        row["ratios"] = {
            our: ratios(row["rounds"], found[our]["rounds"])
            for our in OURS
            if row["rounds"] and our != name and our in found and found[our]["rounds"]
        }
    return found
