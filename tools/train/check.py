#!/usr/bin/env python3
"""Holds these tools to what they promise, on small data made from a seed; prints what passed and what failed.

With --data and --indelible it looks for leaks instead: features that tell which data set a row is from.
"""

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np
import scipy.sparse

import datasets
import feedback
import learning
import lexicon
import metrics
import splits

SEED = 7
KINDS = 4
ODD_SHARE = 0.06
NAMES = ["burst", "rarity", "refusals", "hours", datasets.PROMPT_SCORE]
# A pair of rows, one of each data set, is told apart by a feature this often by chance, give or take.
TELLING = 0.75


def source(name: str, seed: int, rows: int = 1500) -> datasets.Dataset:
    """A source with four kinds of attack, each of which shows in a feature of its own."""
    rng = np.random.default_rng(seed)
    malicious = (rng.random(rows) < 0.2).astype(np.int8)
    kind = rng.integers(0, KINDS, rows)
    features = rng.integers(0, 4, (rows, len(NAMES))).astype(np.float32)
    attacks = np.flatnonzero(malicious == 1)
    features[attacks, kind[attacks]] += rng.integers(5, 9, len(attacks))
    # Some ordinary work looks a little like an attack.
    odd = np.flatnonzero((malicious == 0) & (rng.random(rows) < ODD_SHARE))
    features[odd, kind[odd]] += rng.integers(2, 6, len(odd))
    prompts = scipy.sparse.csr_matrix(
        (np.ones(rows), (np.arange(rows), rng.integers(0, lexicon.BUCKETS, rows))), shape=(rows, lexicon.BUCKETS)
    )
    return datasets.Dataset(
        name=name, features=features, names=NAMES, malicious=malicious, category=np.full(rows, ""),
        scenario=np.array([f"attack {k}" if m else "" for k, m in zip(kind, malicious)]),
        fold=np.arange(rows) * splits.FOLDS // rows,
        group=np.arange(rows).astype(str), prompts=prompts, records_sha256="", lines=np.arange(rows), path=Path(),
    )  # fmt: skip


def world() -> list[datasets.Dataset]:
    return [source("genai_prompts", SEED), source("cloud", SEED + 1)]


def labels_for(part: datasets.Dataset, rows: np.ndarray, answer, author: str) -> list[feedback.Label]:
    return [
        feedback.Label(int(row), "malicious" if answer(part.malicious[row]) else "benign", author, f"2026-01-{1 + i % 28:02}")
        for i, row in enumerate(rows)
    ]


def labelled(labels: list[feedback.Label], part: datasets.Dataset) -> datasets.Dataset:
    return feedback.as_part(labels, NAMES, part.lines, part.features)


def honest_labels_are_taken() -> None:
    fresh = source("fresh", SEED + 2)
    labels = labels_for(fresh, np.arange(150), lambda truth: truth == 1, "ada")
    model, thresholds = feedback.retrain(world(), labelled(labels, fresh))
    assert model.num_boosted_rounds() == learning.ROUNDS
    assert thresholds["low"] <= thresholds["medium"] <= thresholds["high"] <= thresholds["critical"]


def poisoned_labels_are_refused() -> None:
    """One of two reviewers calls attacks of one kind benign, no more of them than one reviewer may.

    Labels weigh more here than they do: as they are, so few could not blind the model.
    """
    fresh = source("fresh", SEED + 2, rows=8000)
    honest = labels_for(fresh, np.arange(40), lambda truth: truth == 1, "ada")
    attacks = 1000 + np.flatnonzero(fresh.scenario[1000:] == "attack 2")[: feedback.LABELS_OF_ONE_REVIEWER]
    poison = labels_for(fresh, attacks, lambda truth: False, "mallory")
    usual = learning.LABEL_WEIGHT_MAX, learning.LABELS_WEIGHT_MAX
    learning.LABEL_WEIGHT_MAX, learning.LABELS_WEIGHT_MAX = 20.0, 6000.0
    try:
        feedback.retrain(world(), labelled([*honest, *poison], fresh))
    except feedback.Refusal as refusal:
        [reason] = refusal.reasons
        assert reason["reason"] == "the labels would blind the model", reason
        assert {"genai_prompts", "cloud"} & {row["source"] for row in reason["lost"] if row.get("attack") == "attack 2"}, reason
        assert reason["without_labels_of"] == ["mallory"], reason
        return
    finally:
        learning.LABEL_WEIGHT_MAX, learning.LABELS_WEIGHT_MAX = usual
    raise AssertionError("poisoned labels were learnt")


def one_reviewer_is_capped() -> None:
    rows = range(feedback.LABELS_OF_ONE_REVIEWER + 50)
    labels = [feedback.Label(row, "benign", "ada", f"2026-01-01T00:00:{row:05}") for row in rows]
    kept, notes = feedback.admitted(labels, {})
    assert [label.event_index for label in kept] == list(rows)[: feedback.LABELS_OF_ONE_REVIEWER]
    assert notes == [{"reason": "too many labels of one reviewer", "reviewer": "ada", "left_out": 50}]


def a_bulk_relabel_needs_a_second_person() -> None:
    events = range(feedback.CONTRADICTIONS_ALONE + 10)
    alerts = {event: True for event in events}
    alone = [feedback.Label(event, "benign", "mallory", "") for event in events]
    kept, notes = feedback.admitted(alone, alerts)
    assert kept == [] and notes[0]["reason"] == "a bulk relabel needs a second person", notes
    second = [feedback.Label(event, "benign", "ada", "") for event in range(5)]
    kept, _ = feedback.admitted([*alone, *second], alerts)
    assert {(label.event_index, label.reviewer) for label in kept} == {(e, p) for e in range(5) for p in ("ada", "mallory")}
    few, notes = feedback.admitted(alone[: feedback.CONTRADICTIONS_ALONE], alerts)
    assert len(few) == feedback.CONTRADICTIONS_ALONE and notes == []


def labels_that_disagree_count_for_nothing() -> None:
    labels = [feedback.Label(1, "benign", "ada", ""), feedback.Label(1, "malicious", "bob", ""), feedback.Label(2, "impact", "bob", "")]
    kept, notes = feedback.admitted(labels, {})
    assert [label.event_index for label in kept] == [2] and notes == [{"reason": "reviewers disagree", "events": [1]}]


def stability_is_nought_for_the_same_and_large_for_another() -> None:
    rng = np.random.default_rng(SEED)
    same = feedback.stability(rng.normal(0, 1, 5000), rng.normal(0, 1, 5000))
    other = feedback.stability(rng.normal(0, 1, 5000), rng.normal(1, 1, 5000))
    assert same < 0.02 and other > feedback.DRIFT_LARGE, (same, other)
    # Two cells of one half and a half, against nine tenths and one: 0.8 times the logarithm of nine over ...
    before, after = np.r_[np.zeros(5000), np.ones(5000)], np.r_[np.zeros(9000), np.ones(1000)]
    expected = 0.4 * np.log(9000 / 5000) + -0.4 * np.log(1000 / 5000)
    assert abs(feedback.stability(before, after) - expected) < 0.01
    moved = feedback.drift(np.c_[before, before], np.c_[after, before], ["moved", "still"])
    assert [row["feature"] for row in moved] == ["moved"] and moved[0]["is_large"]


def precision_is_told_by_category_and_month() -> None:
    verdict = lambda index, severity, model, margin: {
        "event_index": index, "category": "execution", "severity": severity, "model": model, "entry_index": index,
        "margin_bits": [f"{np.float32(margin).view(np.uint32):08x}"],
    }  # fmt: skip
    verdicts = [verdict(1, "high", "a", 2.0), verdict(2, "low", "a", 1.0), verdict(3, "none", "a", -1.0)]
    labels = [feedback.Label(i, answer, "ada", month) for i, answer, month in (
        (1, "malicious", "2026-01-03T"), (2, "benign", "2026-01-04T"), (3, "malicious", "2026-02-01T"))]  # fmt: skip
    rows = feedback.precision_over_time(verdicts, labels)
    assert rows == [{"month": "2026-01", "category": "execution", "labelled": 2, "precision": 0.5}]
    change = feedback.model_change([*verdicts, *(dict(verdict(i, "none", "b", -2.0), entry_index=9) for i in (1, 2))])
    assert change["events_that_both_judged"] == 2 and change["severities"] == {"high to none": 1, "low to none": 1}
    assert feedback.margin_of(verdicts[0]) == 2.0


def the_same_rows_make_the_same_model() -> None:
    one, two = (bytes(learning.final(world()).save_raw("json")) for _ in range(2))
    assert one == two


def figures_are_right() -> None:
    truth, margin = np.array([1, 0, 1, 0, 0]), np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    area, recall = metrics.Ranking(truth, margin).figures()
    assert abs(area - (1 + 2 / 3) / 2) < 1e-12 and recall == 0.5
    # A row drawn twice is two rows of one margin; equal margins are one step.
    twice = metrics.Ranking(np.r_[truth, 0], np.r_[margin, 4.0]).figures()
    assert metrics.Ranking(truth, margin).figures(np.array([1, 2, 1, 1, 1])) == twice
    assert metrics.Ranking(np.array([1, 0]), np.array([1.0, 1.0])).figures() == (0.5, 0.0)
    counts = list(metrics.drawn(np.array([0, 0, 1, 1]), np.array(list("aabc"))))
    assert len(counts) == metrics.DRAWS and all(c[0] == c[1] == 1 and c[2] + c[3] == 2 for c in counts)
    assert metrics.best_threshold(truth, margin) == 3.0
    assert metrics.macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1])) == (2 / 3 + 2 / 3) / 2
    assert metrics.threshold_at([np.array([1.0, 2.0, 3.0, 4.0])], 0.25) == 4.0


def techniques_are_on_one_side() -> None:
    labels = [
        {"scenario": f"{'spliced:' if i % 2 else ''}aws.t{i % 7}", "malicious": "1", "ts": f"2023-07-10T12:{i:02}:00Z"}
        for i in range(40)
    ]
    fold = splits.folds("cloudtrail_spliced", labels)
    of: dict[str, set[int]] = {}
    for label, number in zip(labels, fold):
        of.setdefault(splits.technique(label), set()).add(int(number))
    assert all(len(numbers) == 1 for numbers in of.values()) and len(set(fold)) == splits.FOLDS


def words_are_cut_as_the_analyzer_cuts_them() -> None:
    record = rb"""{"agent":"Mozilla/5.0 (X11; Linux x86_64)","text":"Don't STOP\nnow"}"""
    same = b'{"text":"don\'t stop now"}'
    assert lexicon.longest_string(record) == b"Don't STOP\\nnow"
    assert lexicon.buckets(record) == lexicon.buckets(same) and len(lexicon.buckets(same)) in (4, 5)


CHECKS = [
    honest_labels_are_taken,
    poisoned_labels_are_refused,
    one_reviewer_is_capped,
    a_bulk_relabel_needs_a_second_person,
    labels_that_disagree_count_for_nothing,
    stability_is_nought_for_the_same_and_large_for_another,
    precision_is_told_by_category_and_month,
    the_same_rows_make_the_same_model,
    figures_are_right,
    techniques_are_on_one_side,
    words_are_cut_as_the_analyzer_cuts_them,
]


def own() -> dict:
    # Small data needs few trees.
    learning.ROUNDS = 30
    lexicon.BUCKETS, lexicon.STEPS_MAX = 64, 10
    learning.PARAMETERS = {**learning.PARAMETERS, "learning_rate": 0.2, "colsample_bytree": 1.0}
    passed, failures = [], []
    for check in CHECKS:
        try:
            check()
            passed.append(check.__name__)
        except Exception:
            failures.append({"check": check.__name__, "reason": traceback.format_exc(limit=-2)})
    return {"passed": passed, "failures": failures}


def telling(values: np.ndarray, is_moved: np.ndarray, stratum: np.ndarray) -> float:
    """How often a feature tells a moved attack from a recorded one of the same action and technique: 0.5 is never."""
    wins = pairs = 0.0
    for name in np.unique(stratum):
        one, other = values[is_moved & (stratum == name)], values[~is_moved & (stratum == name)]
        wins += (one[:, None] > other).sum() + 0.5 * (one[:, None] == other).sum()
        pairs += len(one) * len(other)
    return abs(wins / pairs - 0.5) + 0.5


def leaks(data: Path, indelible: Path) -> dict:
    """Documented attacks were moved into a recorded account: no feature may tell them from attacks recorded there.

    Compared are rows of the same technique and action, so that what an attack is makes no difference.
    """
    name = "cloudtrail_spliced"
    used = set(datasets.UNUSED)
    datasets.UNUSED.clear()
    with tempfile.TemporaryDirectory() as scratch:
        part = datasets.load(name, data, indelible, Path(scratch))
    datasets.UNUSED.update(used)
    labels = datasets.labels_of(name, data)
    records = [json.loads(record) for record in datasets.records_of(part.path)]
    attacks = part.malicious == 1
    is_moved = np.array([labels[line]["scenario"].startswith("spliced:") for line in part.lines])[attacks]
    stratum = np.array([f"{part.scenario[row]}/{records[line]['eventName']}" for row, line in enumerate(part.lines)])[attacks]
    tells = {
        column: round(float(telling(part.features[attacks, position], is_moved, stratum)), 3)
        for position, column in enumerate(part.names)
    }
    found = [{"feature": column, "tells": value} for column, value in tells.items() if value > TELLING]
    return {
        "features": len(part.names) - len(used),
        "rows": int(attacks.sum()),
        "bound": TELLING,
        "most": sorted(((v, c) for c, v in tells.items() if c not in used), reverse=True)[:5],
        "unused_that_tell": [row for row in found if row["feature"] in used],
        "failures": [row for row in found if row["feature"] not in used],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--indelible", type=Path)
    arguments = parser.parse_args()
    result = leaks(arguments.data, arguments.indelible) if arguments.data else own()
    print(json.dumps(result))
    sys.exit(1 if result["failures"] else 0)


if __name__ == "__main__":
    main()
