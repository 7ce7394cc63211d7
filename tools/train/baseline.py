"""The peer: LightGBM, 500 trees of 31 leaves, on hashed tokens of the flattened JSON. It knows nothing of audits."""

import json
import re
import zlib
from pathlib import Path

import lightgbm
import numpy as np
import scipy.sparse

import datasets
import learning

BUCKETS = 1024
ROUNDS = 500
PARAMETERS = {
    "num_leaves": 31,
    "learning_rate": 0.05,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "seed": 1,
    "verbose": -1,
}
WORD = re.compile(r"\w+")
# How a value becomes tokens: whole with its path, word by word with its path, word by word without.
TOKENS = ("value", "path_word", "word")


def leaves(value, path: str = ""):
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member, path)
    else:
        yield path, str(value).lower()


def tokens(record: dict, kind: str):
    for path, text in leaves(record):
        if kind == "value":
            yield f"{path}={text}"
        else:
            for word in WORD.findall(text):
                yield f"{path}={word}" if kind == "path_word" else word


def table(part: datasets.Dataset, kind: str) -> scipy.sparse.csr_matrix:
    """How often the tokens of each row's record fall into each bucket."""
    raw = datasets.records_of(part.path)
    rows, columns = [], []
    for row, line in enumerate(part.lines):
        found = [zlib.crc32(token.encode()) % BUCKETS for token in tokens(json.loads(raw[line]), kind)]
        rows += [row] * len(found)
        columns += found
    shape = (len(part.lines), BUCKETS)
    return scipy.sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def margins(part: datasets.Dataset, kind: str, folds: list[int]) -> np.ndarray:
    """Every row's margin by the model that was trained on the rows of its source that our model was, without its fold."""
    rows = table(part, kind)
    result = np.zeros(len(part.lines))
    for fold in folds:
        kept = learning.thinned(part.malicious, (part.fold != fold) & (part.malicious >= 0))
        data = lightgbm.Dataset(rows[kept], part.malicious[kept])
        model = lightgbm.train({**PARAMETERS, "objective": "binary"}, data, ROUNDS)
        held = part.fold == fold
        result[held] = model.predict(rows[held], raw_score=True)
    return result


def categories(parts: list[datasets.Dataset], kept: list[np.ndarray], kind: str, fold: int) -> list[np.ndarray]:
    """For each source, the categories of the rows of a fold, by one model of all sources."""
    tables = [table(part, kind) for part in parts]
    names = sorted({name for part, mask in zip(parts, kept) for name in part.category[mask]})
    known = [mask & (part.fold != fold) for part, mask in zip(parts, kept)]
    labels = np.concatenate([np.searchsorted(names, part.category[mask]) for part, mask in zip(parts, known)])
    data = lightgbm.Dataset(scipy.sparse.vstack([rows[mask] for rows, mask in zip(tables, known)]).tocsr(), labels)
    # One against all: with softmax 500 rounds of rows that are told apart so well diverge.
    model = lightgbm.train({**PARAMETERS, "objective": "multiclassova", "num_class": len(names)}, data, ROUNDS)
    return [
        np.array(names)[np.argmax(model.predict(rows[mask & (part.fold == fold)]), axis=1)]
        for part, rows, mask in zip(parts, tables, kept)
    ]
