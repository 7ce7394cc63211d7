#!/usr/bin/env python3
"""Learns the weights of prompts' words, which are part of the feature schema, and writes them as Swift.

A prompt is the set of buckets that its words, and its pairs of words beside each other, fall into: as PromptLexicon in
Sources/AnalyzerCore makes it, to the last bit. The weights are those of a logistic regression over these sets, each
scaled by the square root of its size, in steps that one letter can tell.
"""

import argparse
import gzip
import math
import re
from pathlib import Path

import numpy as np
import scipy.sparse
from scipy.optimize import minimize

BUCKETS = 8192
WEIGHT_MIN, WEIGHT_MAX = -32, 31
SCORE_MAX = 2047
PENALTY = 3e-5
STEPS_MAX = 200
# This share of the weights fits the steps; the others stop at the last one.
FITTING = 0.999
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
LINE_LENGTH = 104

MASK = (1 << 64) - 1
SEED, PRIME = 0xCBF29CE484222325, 0x100000001B3
WORD = re.compile(rb"[a-z0-9'\x80-\xff]+")
ESCAPE = re.compile(rb"\\.", re.DOTALL)
UPPER = bytes.maketrans(bytes(range(65, 91)), bytes(range(97, 123)))


def fnv(state: int, data: bytes) -> int:
    for byte in data:
        state = ((state ^ byte) * PRIME) & MASK
    return state


def longest_string(record: bytes) -> bytes:
    """As TextShape.longestString: the longest stretch between two quotes, names of browsers left out."""
    best, opening, position = None, None, 0
    while position < len(record):
        if record[position] == 0x5C:
            position += 1
        elif record[position] == 0x22:
            if opening is None:
                opening = position + 1
            else:
                longer = best is None or position - opening > best[1] - best[0]
                if longer and not record.startswith(b"Mozilla/", opening, position):
                    best = (opening, position)
                opening = None
        position += 1
    return record if best is None else record[best[0] : best[1]]


def buckets(record: bytes) -> set[int]:
    text = ESCAPE.sub(b" ", longest_string(record)).translate(UPPER)
    found, previous = set(), None
    for word in WORD.findall(text):
        hashed = fnv(SEED, word)
        found.add((hashed ^ hashed >> 32) % BUCKETS)
        if previous is not None:
            pair = fnv(fnv(previous, b" "), word)
            found.add((pair ^ pair >> 32) % BUCKETS)
        previous = hashed
    return found


def table(records: list[bytes]) -> scipy.sparse.csr_matrix:
    """A row for each prompt, a column for each bucket: 1 where the prompt has it."""
    rows, columns = [], []
    for row, record in enumerate(records):
        found = sorted(buckets(record))
        rows += [row] * len(found)
        columns += found
    return scipy.sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(records), BUCKETS))


def learn(prompts: scipy.sparse.csr_matrix, malicious: np.ndarray) -> np.ndarray:
    """Whole weights; the two kinds of prompts count the same."""
    sizes = np.maximum(1, np.asarray(prompts.sum(axis=1)).ravel())
    scaled = (scipy.sparse.diags(1 / np.sqrt(sizes)) @ prompts).tocsr()
    sign = np.where(malicious == 1, 1.0, -1.0)
    share = np.where(malicious == 1, 0.5 / (malicious == 1).sum(), 0.5 / (malicious == 0).sum())

    def loss(parameters):
        margin = sign * (scaled @ parameters[:-1] + parameters[-1])
        slope = -share * sign / (1 + np.exp(np.clip(margin, -500, 500)))
        value = (share * np.logaddexp(0, -margin)).sum() + PENALTY / 2 * parameters[:-1] @ parameters[:-1]
        return value, np.r_[scaled.T @ slope + PENALTY * parameters[:-1], slope.sum()]

    best = minimize(loss, np.zeros(BUCKETS + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS_MAX}).x[:-1]
    step = np.quantile(np.abs(best), FITTING) / WEIGHT_MAX
    return np.clip(np.round(best / step), WEIGHT_MIN, WEIGHT_MAX).astype(np.int64)


def scores(prompts: scipy.sparse.csr_matrix, weights: np.ndarray) -> np.ndarray:
    """As PromptLexicon.score, in whole numbers."""
    sums = np.asarray(prompts @ weights).ravel().astype(np.int64)
    sizes = np.asarray(prompts.sum(axis=1)).ravel().astype(np.int64)
    # Python's division rounds down, Swift's towards zero.
    values = [
        0 if size == 0 else (abs(int(total)) * 64 // math.isqrt(int(size) << 8)) * (1 if total >= 0 else -1)
        for total, size in zip(sums, sizes)
    ]
    return np.clip(values, -SCORE_MAX, SCORE_MAX).astype(np.float32)


def read(path: Path) -> list[bytes]:
    with gzip.open(path, "rb") as lines:
        return [line.rstrip(b"\n") for line in lines]


def swift(weights: np.ndarray) -> str:
    letters = "".join(ALPHABET[weight - WEIGHT_MIN] for weight in weights)
    lines = [letters[start : start + LINE_LENGTH] for start in range(0, len(letters), LINE_LENGTH)]
    body = "\\\n".join(f"        {line}" for line in lines)
    return f'''extension PromptLexicon {{
    /// A letter for each bucket; written by `tools/train/lexicon.py`.
    static let table = """
{body}
        """
}}
'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of genai_prompts.jsonl.gz and its labels")
    parser.add_argument("--out", type=Path, required=True, help="PromptLexiconTable.swift in Sources/AnalyzerCore")
    arguments = parser.parse_args()
    import datasets

    labels = datasets.labels_of("genai_prompts", arguments.data)
    malicious = np.array([int(label["malicious"] or -1) for label in labels])
    prompts = table(read(arguments.data / "genai_prompts.jsonl.gz"))
    used = malicious >= 0
    arguments.out.write_text(swift(learn(prompts[used], malicious[used])))


if __name__ == "__main__":
    main()
