"""Which fold a row is in: by attack technique, rule, scenario, time or place in a list; never at random.

The model that judges a fold has seen none of its techniques, and none of its stretch of time. A documented detonation that
was moved into another account is the technique it was, so `spliced:X` and X are one.
"""

import hashlib

import numpy as np

FOLDS = 5
# Stretches of the simulated company's ordinary work.
SIMULATED_TOGETHER = 500


def digest_number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def technique(label: dict[str, str]) -> str:
    return label["scenario"].removeprefix("spliced:")


def by_order(keys: list[str]) -> list[int]:
    """A fifth of the rows each, in the order of the keys; equal keys share a fold."""
    order = sorted(range(len(keys)), key=lambda row: keys[row])
    folds = [0] * len(keys)
    for place, row in enumerate(order):
        before = order[place - 1]
        same = place > 0 and keys[row] == keys[before]
        folds[row] = folds[before] if same else place * FOLDS // len(keys)
    return folds


def dealt(sizes: dict[str, int]) -> dict[str, int]:
    """Folds for groups, the large ones first, to and fro, so that all folds get their share."""
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    return {name: min(place % 10, 9 - place % 10) for place, name in enumerate(order)}


def counts(names: list[str]) -> dict[str, int]:
    return {name: names.count(name) for name in set(names)}


def groups(name: str, labels: list[dict[str, str]]) -> np.ndarray:
    """Rows that are drawn together when intervals are made."""
    if name == "genai_prompts":
        return np.array([f"{label['scenario']}/{row // 10}" for row, label in enumerate(labels)])
    if name == "simulated":
        return np.array([label["scenario"] or str(row // SIMULATED_TOGETHER) for row, label in enumerate(labels)])
    if name == "panther_rule_tests":
        return np.array([label["scenario"] for label in labels])
    # A minute of the recordings of an hour, an hour of the company's weeks.
    length = 13 if name == "synthetic_corp" else 16
    return np.array([technique(label) if label["malicious"] == "1" else label["ts"][:length] for label in labels])


def folds(name: str, labels: list[dict[str, str]]) -> np.ndarray:
    result = np.zeros(len(labels), dtype=np.int64)

    def place(rows: list[int], values: list[int]) -> None:
        result[rows] = values

    attacks = [row for row, label in enumerate(labels) if label["malicious"] == "1"]
    others = [row for row, label in enumerate(labels) if label["malicious"] != "1"]
    if name == "genai_prompts":
        lists: dict[str, list[int]] = {}
        for row, label in enumerate(labels):
            lists.setdefault(label["scenario"], []).append(row)
        variants = sorted(s for s, rows in lists.items() if labels[rows[0]]["malicious"] == "1" and "garak" not in s)
        for scenario, rows in lists.items():
            whole = scenario in variants
            # A variant of injection is withheld as a whole, a long list in parts.
            place(rows, [variants.index(scenario) % FOLDS if whole else i * FOLDS // len(rows) for i in range(len(rows))])
    elif name == "panther_rule_tests":
        place(list(range(len(labels))), [digest_number(label["scenario"]) % FOLDS for label in labels])
    elif name == "simulated":
        place(list(range(len(labels))), [digest_number(group) % FOLDS for group in groups(name, labels)])
    elif name == "synthetic_corp":
        types = sorted({label["scenario"] for label in labels if label["malicious"] == "1"})
        place(attacks, [types.index(labels[row]["scenario"]) % FOLDS for row in attacks])
        days = sorted({label["ts"][:10] for label in labels})
        place(others, [days.index(labels[row]["ts"][:10]) * FOLDS // len(days) for row in others])
    else:
        techniques = [technique(labels[row]) for row in attacks]
        chosen = dealt(counts(techniques))
        place(attacks, [chosen[name] for name in techniques])
        place(others, by_order([labels[row]["ts"] for row in others]))
    return result
