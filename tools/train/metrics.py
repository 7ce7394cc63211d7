"""What a ranking is worth: areas and rates from margins, without any library's opinion in between."""

import numpy as np

DRAWS = 1000


def threshold_at(benign: list[np.ndarray], rate: float) -> float:
    """The least margin that at most `rate` of benign events reach, each source counting the same."""
    candidates = np.unique(np.concatenate(benign))
    ordered = [np.sort(margins) for margins in benign]
    above = np.mean([1 - np.searchsorted(m, candidates, side="left") / len(m) for m in ordered], axis=0)
    reached = np.flatnonzero(above <= rate)
    return float(candidates[reached[0]]) if len(reached) else float(np.nextafter(np.float32(candidates[-1]), np.inf))


def best_threshold(malicious: np.ndarray, margin: np.ndarray) -> float:
    """The margin from which on calling rows malicious has the best F1."""
    order = np.argsort(-margin, kind="stable")
    found = np.cumsum(malicious[order] == 1)
    scores = 2 * found / (np.arange(len(order)) + 1 + found[-1])
    return float(margin[order][int(np.argmax(scores))])


def macro_f1(truth: np.ndarray, answer: np.ndarray, counts: np.ndarray | None = None) -> float:
    """The mean over the categories that occur; both are numbers."""
    weight = np.ones(len(truth)) if counts is None else counts
    size = int(max(truth.max(), answer.max())) + 1
    true, said = (np.bincount(names, weight, minlength=size) for names in (truth, answer))
    hits = np.bincount(truth, weight * (truth == answer), minlength=size)
    occurs = true > 0
    return float(np.mean(2 * hits[occurs] / (true[occurs] + said[occurs])))


class Ranking:
    """Rows in the order of their margins, for figures of many draws without sorting again."""

    def __init__(self, malicious: np.ndarray, margin: np.ndarray):
        self.order = np.argsort(-margin, kind="stable")
        self.malicious = malicious[self.order] == 1
        # Equal margins count as one step.
        self.last = np.flatnonzero(np.r_[np.diff(margin[self.order]) != 0, True])

    def figures(self, counts: np.ndarray | None = None, rate: float = 0.01) -> tuple[float, float]:
        """Average precision, and the share of malicious rows found when at most `rate` of the benign ones are shown.

        - counts: how often each row was drawn; once each when not given.
        """
        weight = np.ones(len(self.order)) if counts is None else counts[self.order]
        found = np.cumsum(weight * self.malicious)[self.last]
        shown = np.cumsum(weight)[self.last]
        recall = found / found[-1]
        area = np.sum(np.diff(np.r_[0, recall]) * found / np.maximum(shown, 1))
        false = (shown - found) / (shown[-1] - found[-1])
        allowed = np.flatnonzero(false <= rate)
        return float(area), float(recall[allowed[-1]]) if len(allowed) else 0.0


def rankings(malicious: np.ndarray, margin: np.ndarray, fold: np.ndarray) -> list[tuple[np.ndarray, Ranking]]:
    """Of each fold with both kinds of rows: margins of different models are not compared."""
    result = []
    for number in np.unique(fold):
        rows = np.flatnonzero(fold == number)
        if 0 < (malicious[rows] == 1).sum() < len(rows):
            result.append((rows, Ranking(malicious[rows], margin[rows])))
    return result


def figures(ranked: list[tuple[np.ndarray, Ranking]], counts: np.ndarray | None = None) -> np.ndarray:
    """Average precision and recall, as means over folds."""
    return np.mean([one.figures(None if counts is None else counts[rows]) for rows, one in ranked], axis=0)


def drawn(fold: np.ndarray, group: np.ndarray | None, seed: int = 1):
    """How often each row is drawn, with replacement, fold by fold; whole groups when `group` is given."""
    rng = np.random.default_rng(seed)
    names = np.arange(len(fold)) if group is None else np.array([f"{f}/{g}" for f, g in zip(fold, group)])
    _, first, unit = np.unique(names, return_index=True, return_inverse=True)
    members = [np.flatnonzero(fold[first] == number) for number in np.unique(fold)]
    for _ in range(DRAWS):
        counts = np.zeros(len(first))
        for units in members:
            counts[units] = np.bincount(rng.integers(0, len(units), len(units)), minlength=len(units))
        yield counts[unit]


def has_both(ranked: list[tuple[np.ndarray, Ranking]], counts: np.ndarray) -> bool:
    """Whether a draw has malicious and benign rows in every fold."""
    for rows, one in ranked:
        kinds = counts[rows][one.order][one.malicious], counts[rows][one.order][~one.malicious]
        if not all(kind.any() for kind in kinds):
            return False
    return True


def interval(values: list[float]) -> list[float]:
    return [round(float(value), 4) for value in np.quantile(values, [0.025, 0.975])]
