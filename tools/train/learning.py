"""How the shipped model is trained: the same rows make the same trees, byte for byte."""

import sys

import numpy as np
import xgboost

import datasets
import lexicon
import metrics
import splits

ROUNDS = 500
BENIGN_ROWS_MAX = 8000
PARAMETERS = {
    "objective": "binary:logistic",
    "base_score": 0.5,  # Its margin is exactly 0: no logarithm of another machine in the sum.
    "tree_method": "hist",
    "grow_policy": "lossguide",
    "max_leaves": 31,
    "max_depth": 8,
    "learning_rate": 0.03,
    "min_child_weight": 0.5,
    "colsample_bytree": 0.4,
    "subsample": 0.8,
    "reg_lambda": 2.0,
    "seed": 1,
    "nthread": 1,  # Sums of several threads have no fixed order.
}
# Share of benign events, each source counting the same, that reach a severity.
FALSE_POSITIVE_RATES = {"low": 0.02, "medium": 0.005, "high": 0.001, "critical": 0.0002}
# Weight of a source's benign and malicious rows.
BENIGN_WEIGHT, MALICIOUS_WEIGHT = 1000.0, 300.0
# The source that people's labels make, the most that one of them weighs, and all.
LABELS = "labels"
LABEL_WEIGHT_MAX, LABELS_WEIGHT_MAX = 1.0, 300.0


def weights(malicious: np.ndarray, scenario: np.ndarray) -> np.ndarray:
    """Each source counts the same; in it, a scenario of attack by the square root of its rows, so that none is all."""
    result = np.where(malicious == 0, BENIGN_WEIGHT / max(1, int((malicious == 0).sum())), 0.0)
    names, rows, counts = np.unique(scenario[malicious == 1], return_inverse=True, return_counts=True)
    if len(names) > 0:
        result[malicious == 1] = MALICIOUS_WEIGHT / np.sqrt(counts).sum() / np.sqrt(counts)[rows]
    return result


def weights_of(part: datasets.Dataset, mask: np.ndarray) -> np.ndarray:
    if part.name == LABELS:
        return np.full(mask.sum(), min(LABEL_WEIGHT_MAX, LABELS_WEIGHT_MAX / max(1, int(mask.sum()))))
    return weights(part.malicious[mask], part.scenario[mask])


def thinned(malicious: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The rows of a mask, its benign ones evenly thinned to what a source may contribute."""
    benign = np.flatnonzero(mask & (malicious == 0))
    kept = mask & (malicious == 1)
    kept[benign[:: max(1, -(-len(benign) // BENIGN_ROWS_MAX))]] = True
    return kept


def with_scores(part: datasets.Dataset, scores: np.ndarray) -> np.ndarray:
    features = part.features.copy()
    features[:, part.names.index(datasets.PROMPT_SCORE)] = scores
    return features


def unseen_scores(parts: list[datasets.Dataset], held: int | None) -> list[np.ndarray]:
    """Scores of prompts by lexicons that have not seen them, nor, where another fold is scored, those of `held`.

    The lexicon learns from one list of prompts. Trees that were trained on the scores of what it has seen would trust it
    too much.
    """
    [source] = [part for part in parts if part.name == "genai_prompts"]
    known = source.fold != held if held is not None else np.ones(len(source.fold), dtype=bool)
    whole = lexicon.learn(source.prompts[known], source.malicious[known])
    results = []
    for part in parts:
        if part.name == LABELS:
            results.append(part.column(datasets.PROMPT_SCORE))
            continue
        scores = lexicon.scores(part.prompts, whole)
        if part is source:
            for fold in range(splits.FOLDS):
                rows = part.fold == fold
                if fold != held:
                    others = known & ~rows
                    learnt = lexicon.learn(part.prompts[others], part.malicious[others])
                    scores[rows] = lexicon.scores(part.prompts[rows], learnt)
        results.append(scores)
    return results


def fit(parts: list[datasets.Dataset], features: list[np.ndarray], keep: list[np.ndarray]) -> xgboost.Booster:
    keep = [thinned(part.malicious, mask & (part.malicious >= 0)) for part, mask in zip(parts, keep)]
    data = xgboost.DMatrix(
        np.concatenate([rows[mask] for rows, mask in zip(features, keep)]),
        label=np.concatenate([part.malicious[mask] for part, mask in zip(parts, keep)]),
        weight=np.concatenate([weights_of(part, mask) for part, mask in zip(parts, keep)]),
        feature_names=parts[0].names,
    )
    return xgboost.train(PARAMETERS, data, num_boost_round=ROUNDS)


def margins(model: xgboost.Booster, features: np.ndarray, names: list[str]) -> np.ndarray:
    return model.predict(xgboost.DMatrix(features, feature_names=names), output_margin=True)


def out_of_fold(parts: list[datasets.Dataset]) -> list[np.ndarray]:
    """For each source, every row's margin by the model that was trained without the row's fold."""
    results = [np.zeros(len(part.features), dtype=np.float32) for part in parts]
    for fold in range(splits.FOLDS):
        features = [with_scores(part, scores) for part, scores in zip(parts, unseen_scores(parts, fold))]
        model = fit(parts, features, [part.fold != fold for part in parts])
        for result, part, rows in zip(results, parts, features):
            held = part.fold == fold
            if held.any():
                result[held] = margins(model, rows[held], part.names)
        print(f"fold {fold + 1} of {splits.FOLDS}", file=sys.stderr, flush=True)
    return results


def final(parts: list[datasets.Dataset]) -> xgboost.Booster:
    """The model of all rows."""
    features = [with_scores(part, scores) for part, scores in zip(parts, unseen_scores(parts, None))]
    return fit(parts, features, [np.ones(len(part.malicious), dtype=bool) for part in parts])


def thresholds(parts: list, margins: list, skip: int | None = None) -> dict[str, float]:
    """Margins at the stated rates of false positives, of all folds but one."""
    rows = [(part.fold != skip) & (part.malicious >= 0) for part in parts]
    benign = [margin[mask & (part.malicious == 0)] for part, margin, mask in zip(parts, margins, rows)]
    result = {
        name: float(np.float32(metrics.threshold_at(benign, rate))) for name, rate in FALSE_POSITIVE_RATES.items()
    }
    [prompts] = [i for i, part in enumerate(parts) if part.name == "genai_prompts"]
    mask = rows[prompts]
    result["abuse"] = float(np.float32(metrics.best_threshold(parts[prompts].malicious[mask], margins[prompts][mask])))
    return result
