"""What a ranking is worth: areas and rates from margins, without any library's opinion in between."""

import numpy as np


def average_precision(malicious: np.ndarray, margin: np.ndarray) -> float:
    """Area under precision over recall; equal margins count as one step."""
    order = np.argsort(-margin, kind="stable")
    hits = malicious[order].astype(np.float64)
    last = np.r_[np.diff(margin[order]) != 0, True]
    found = np.cumsum(hits)[last]
    shown = (np.arange(len(hits)) + 1)[last]
    recall = found / hits.sum()
    return float(np.sum(np.diff(np.r_[0, recall]) * found / shown))


def threshold_at(benign: list[np.ndarray], rate: float) -> float:
    """The least margin that at most `rate` of benign events reach, each source counting the same."""
    candidates = np.unique(np.concatenate(benign))
    ordered = [np.sort(margins) for margins in benign]
    above = np.mean([1 - np.searchsorted(m, candidates, side="left") / len(m) for m in ordered], axis=0)
    reached = np.flatnonzero(above <= rate)
    return float(candidates[reached[0]]) if len(reached) else float(np.nextafter(np.float32(candidates[-1]), np.inf))


def recall_at_false_positive_rate(malicious: np.ndarray, margin: np.ndarray, rate: float) -> float:
    limit = threshold_at([margin[malicious == 0]], rate)
    return float(np.mean(margin[malicious == 1] >= limit))


def interval(malicious: np.ndarray, margin: np.ndarray, group: np.ndarray, metric, seed: int = 1) -> list[float]:
    """95 % of the values that `metric` takes when whole groups are drawn again."""
    rng = np.random.default_rng(seed)
    names, rows = np.unique(group, return_inverse=True)
    members = [np.flatnonzero(rows == index) for index in range(len(names))]
    values = []
    for _ in range(100):
        drawn = np.concatenate([members[index] for index in rng.integers(0, len(names), len(names))])
        if 0 < malicious[drawn].sum() < len(drawn):
            values.append(metric(malicious[drawn], margin[drawn]))
    return [round(float(value), 3) for value in np.quantile(values, [0.025, 0.975])]
