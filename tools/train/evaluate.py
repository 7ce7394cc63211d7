#!/usr/bin/env python3
"""Measures the model on rows that it has not seen, beside LightGBM on hashed tokens of the same rows.

Each row is judged by the model that was trained without the row's fold: techniques, scenario types, variants of injection
and stretches of time that are withheld together. Figures are means over the folds; intervals are of 1,000 paired draws, of
rows and of whole groups. The peer learns from the same rows of the same source, with whichever of three kinds of tokens
serves it best. The same data and versions make the same file.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

import baseline
import datasets
import learning
import metrics
import splits

# Source and what is withheld.
TIERS = {
    "cloudtrail_spliced": "CloudTrail attacks of withheld techniques",
    "genai_prompts": "GenAI prompts",
    "synthetic_corp": "withheld synthetic scenario types",
}
# Of one category in one source.
CATEGORY_ROWS_MAX = 400
CATEGORY_SOURCES = ["cloudtrail_spliced", "k8s_audit_perfspec", "genai_prompts", "synthetic_corp"]
METRICS = ("average_precision", "recall_at_1_percent_false_positives")


def compared(malicious, ours, peer, fold, group) -> dict:
    """Both models' figures, and 95 % intervals of ours and of the difference."""
    ranked = [metrics.rankings(malicious, margin, fold) for margin in (ours, peer)]
    whole = [metrics.figures(one) for one in ranked]
    result = {
        name: {
            "ours": round(float(whole[0][i]), 4),
            "lightgbm": round(float(whole[1][i]), 4),
            "difference": round(float(whole[0][i] - whole[1][i]), 4),
        }
        for i, name in enumerate(METRICS)
    }
    for kind, groups in (("rows", None), ("groups", group)):
        pairs = np.array(
            [
                [metrics.figures(one, counts) for one in ranked]
                for counts in metrics.drawn(fold, groups)
                if metrics.has_both(ranked[0], counts)
            ]
        )
        for i, name in enumerate(METRICS):
            result[name][f"ours_95_by_{kind}"] = metrics.interval(pairs[:, 0, i])
            result[name][f"difference_95_by_{kind}"] = metrics.interval(pairs[:, 0, i] - pairs[:, 1, i])
    return result


def tier(part: datasets.Dataset, ours: np.ndarray) -> dict:
    folds = sorted(set(part.fold[part.malicious == 1]))
    used = (part.malicious >= 0) & np.isin(part.fold, folds)
    malicious, fold = part.malicious[used], part.fold[used]
    peers = {kind: baseline.margins(part, kind, folds)[used] for kind in baseline.TOKENS}
    areas = {
        kind: float(metrics.figures(metrics.rankings(malicious, margin, fold))[0]) for kind, margin in peers.items()
    }
    best = max(areas, key=areas.get)
    return {
        "withheld": TIERS[part.name],
        "malicious": int((malicious == 1).sum()),
        "benign": int((malicious == 0).sum()),
        "lightgbm_tokens": best,
        "lightgbm_average_precision_by_tokens": {kind: round(value, 4) for kind, value in areas.items()},
        **compared(malicious, ours[used], peers[best], fold, part.group[used]),
    }


def our_categories(part: datasets.Dataset, margin: np.ndarray, high: float, abuse: float) -> np.ndarray:
    """As AnalyzerModel.category."""
    names = np.array(datasets.CATEGORIES)[part.column("category").astype(int)]
    is_reading = np.isin(names, ["resource_read", "data_access"]) & (margin >= high)
    is_listing = part.column("verb.list") > 0
    is_taking = (names == "data_access") | (part.column("thing.store") > 0)
    result = np.where(is_reading & is_listing, "discovery", names)
    result = np.where(is_reading & ~is_listing & is_taking, "exfiltration", result)
    return np.where((names == "genai_use") & (margin >= abuse), "genai_abuse", result)


def thinned_by_category(category: np.ndarray) -> np.ndarray:
    """Rows with a category, of each at most some thousand, evenly."""
    kept = np.zeros(len(category), dtype=bool)
    for name in set(category) - {""}:
        rows = np.flatnonzero(category == name)
        kept[rows[:: -(-len(rows) // CATEGORY_ROWS_MAX)]] = True
    return kept


def category_tier(parts: list, margins: list, rules: datasets.Dataset, folds: list[int]) -> dict:
    """What events are about, over all sources at once."""
    chosen = [part for part in parts if part.name in CATEGORY_SOURCES]
    chosen_margins = [margin for part, margin in zip(parts, margins) if part.name in CATEGORY_SOURCES]
    truths, ours, peers, fold_of, group_of, source_of = [], [], [], [], [], []
    everything = [*chosen, rules]
    kept = [thinned_by_category(part.category) for part in everything]
    for fold in folds:
        limits = learning.thresholds(parts, margins, skip=fold)
        # Rule tests are not scored: no severity changes what the table says of them.
        all_margins = [*chosen_margins, np.full(len(rules.lines), -np.inf)]
        theirs = baseline.categories(everything, kept, "path_word", fold)
        for part, margin, mask, peer in zip(everything, all_margins, kept, theirs):
            rows = mask & (part.fold == fold)
            truths.append(part.category[rows])
            ours.append(our_categories(part, margin, limits["high"], limits["abuse"])[rows])
            peers.append(peer)
            fold_of.append(np.full(rows.sum(), fold))
            group_of.append(np.array([f"{part.name}/{name}" for name in part.group[rows]]))
            source_of.append(np.full(rows.sum(), part.name))
        print(f"categories of fold {fold + 1}", flush=True)
    truth, our, peer, fold, group, source = map(
        np.concatenate, (truths, ours, peers, fold_of, group_of, source_of)
    )
    names, numbers = np.unique(np.concatenate([truth, our, peer]), return_inverse=True)
    truth_number, our_number, peer_number = np.split(numbers, 3)

    def scores(counts=None):
        return [metrics.macro_f1(truth_number, answer, counts) for answer in (our_number, peer_number)]

    figures = {}
    for name in ["all", *sorted(set(source))]:
        one, other = scores(None if name == "all" else (source == name).astype(float))
        figures[name] = {"ours": round(one, 4), "lightgbm": round(other, 4), "difference": round(one - other, 4)}
    for kind, groups in (("rows", None), ("groups", group)):
        pairs = np.array([scores(counts) for counts in metrics.drawn(fold, groups)])
        figures["all"][f"ours_95_by_{kind}"] = metrics.interval(pairs[:, 0])
        figures["all"][f"difference_95_by_{kind}"] = metrics.interval(pairs[:, 0] - pairs[:, 1])
    each = {
        name: {"events": int((truth == name).sum())}
        | {
            who: round(float(2 * ((truth == name) & (said == name)).sum() / ((truth == name).sum() + (said == name).sum())), 3)
            for who, said in (("ours", our), ("lightgbm", peer))
        }
        for name in sorted(set(truth))
    }
    return {
        "withheld": "activity category",
        "events": len(truth),
        "folds": folds,
        "lightgbm_tokens": "path_word",
        "macro_f1": figures,
        "f1_of_each": each,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME.jsonl.gz and NAME.labels.csv.gz")
    parser.add_argument("--indelible", type=Path, required=True, help="the indelible executable")
    parser.add_argument("--card", type=Path, required=True, help="the model's card, which the figures go into")
    parser.add_argument("--margins", type=Path, help="what train.py wrote, so that the folds are not learnt again")
    parser.add_argument("--tiers", nargs="+", choices=[*TIERS, "category"], default=[*TIERS, "category"])
    parser.add_argument("--category-folds", type=int, default=2, help="folds of categories, from the last one back")
    arguments = parser.parse_args()
    card = json.loads(arguments.card.read_text())
    if card["schema_sha256"] != datasets.schema(arguments.indelible)[0]:
        raise SystemExit(f"{arguments.card} is of another feature schema than {arguments.indelible}. Train again.")
    with tempfile.TemporaryDirectory() as scratch:
        parts = datasets.load_all(arguments.data, arguments.indelible, Path(scratch))
        rules = datasets.load(datasets.CATEGORY_SOURCE, arguments.data, arguments.indelible, Path(scratch))
        if arguments.margins:
            stored = np.load(arguments.margins)
            margins = [stored[part.name] for part in parts]
        else:
            margins = learning.out_of_fold(parts)
        tiers = {}
        for part, margin in zip(parts, margins):
            if part.name in TIERS and part.name in arguments.tiers:
                tiers[part.name] = tier(part, margin)
                print(json.dumps({part.name: tiers[part.name]}), flush=True)
        if "category" in arguments.tiers:
            folds = list(range(splits.FOLDS))[-arguments.category_folds :]
            tiers["category"] = category_tier(parts, margins, rules, folds)
            print(json.dumps({"category": tiers["category"]}), flush=True)
    card["beside_lightgbm"] = {
        "method": " ".join(__doc__.split("\n\n")[1].split()),
        "lightgbm": {**baseline.PARAMETERS, "rounds": baseline.ROUNDS, "buckets": baseline.BUCKETS},
        # Those of other calls stay.
        "tiers": card.get("beside_lightgbm", {}).get("tiers", {}) | tiers,
    }
    arguments.card.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
