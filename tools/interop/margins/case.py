"""What is compared: a model file, a table of rows, and the margins that the training library gives them."""

import dataclasses

import numpy as np


@dataclasses.dataclass
class Case:
    label: str
    file: bytes
    rows: np.ndarray  # One a row, NaN for missing, in the precision of the library.
    margins: np.ndarray  # One row a row, one column a class, in the precision of the library.
    names: list  # Of the features; empty when nobody named them.
    contributions: np.ndarray | None = None  # Per class those of the features and the base; None when there are none.


@dataclasses.dataclass
class Table:
    """Rows to train on."""

    values: np.ndarray
    categorical: list  # By feature.

    @property
    def shape(self):
        return self.values.shape


def table(random, categories):
    """A table of up to a dozen features of different kinds: continuous, coarse, sparse, categories."""
    count, width = int(random.integers(30, 160)), int(random.integers(1, 13))
    categorical = [bool(categories and random.random() < 0.4) for _ in range(width)]
    columns = []
    for is_category in categorical:
        kind = random.integers(4)
        if is_category:
            column = random.integers(0, random.choice([2, 4, 12, 70]), count).astype(np.float64)
        elif kind == 0:
            column = random.normal(0, 10.0 ** random.integers(-3, 6), count)
        elif kind == 1:
            column = random.integers(-4, 5, count).astype(np.float64)
        elif kind == 2:
            column = np.where(random.random(count) < 0.6, 0.0, random.normal(0, 1, count))
        else:
            column = np.exp(random.normal(0, 3, count))
        if random.random() < 0.5:
            column[random.random(count) < random.random() * 0.5] = np.nan
        columns.append(column)
    return Table(np.stack(columns, axis=1), categorical)


def labels(random, values, kind):
    """Labels that depend on the features, of the kind that an objective wants; `kind` may be a number of classes."""
    signal = np.nan_to_num(values) @ random.normal(0, 1, values.shape[1])
    signal = signal / (np.std(signal) + 1e-9) + random.normal(0, 0.3, len(values))
    if isinstance(kind, int):
        ranks = np.argsort(np.argsort(signal))
        return (ranks * kind // len(ranks)).astype(np.float64)
    if kind == "probability":
        return 1 / (1 + np.exp(-signal))
    if kind == "count":
        return np.floor(np.exp(np.clip(signal, -3, 3)))
    if kind == "positive":
        return np.exp(np.clip(signal, -3, 3)) + 0.01
    return signal


def probes(random, trained, thresholds, count, dtype):
    """Rows as trained on, with values put exactly on thresholds, one step beside them, missing, tiny, huge and odd.

    `thresholds` holds those of each feature, in `dtype`.
    """
    tiny = np.nextafter(dtype(0), dtype(1))
    zero_max = dtype(np.float32(1e-35))  # Up to here LightGBM takes a value for zero.
    odd = [0.0, -0.0, tiny, -tiny, zero_max, -zero_max, np.nextafter(zero_max, dtype(1)), 1e-36, -1e-36, 3e38, -3e38]
    rows = trained.values[random.integers(0, len(trained.values), count)].astype(dtype)
    for row in rows:
        for feature, is_category in enumerate(trained.categorical):
            dice = random.random()
            if dice < 0.1:
                row[feature] = np.nan
            elif is_category:
                if dice < 0.3:
                    row[feature] = random.choice([-1, -0.5, 0.9, 1.9, 12, 31, 32, 63, 64, 70, 500, 16_777_216])
            elif dice < 0.55 and len(thresholds[feature]):
                exact = random.choice(thresholds[feature])
                row[feature] = random.choice([exact, np.nextafter(exact, dtype(-np.inf)), np.nextafter(exact, dtype(np.inf))])
            elif dice < 0.65:
                row[feature] = random.choice(odd)
            elif dice < 0.8:
                row[feature] = random.normal(0, 3)
    rows[np.isinf(rows)] = 0
    return rows
