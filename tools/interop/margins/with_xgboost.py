"""Random models of XGBoost's."""

import json

import numpy as np
import xgboost

from .case import Case, labels, probes, table

# Objective, and what its labels are: a kind, or a number of classes.
OBJECTIVES = [
    ("binary:logistic", 2),
    ("binary:logitraw", 2),
    ("binary:hinge", 2),
    ("reg:logistic", "probability"),
    ("reg:squarederror", "any"),
    ("reg:absoluteerror", "any"),
    ("reg:pseudohubererror", "any"),
    ("count:poisson", "count"),
    ("reg:gamma", "positive"),
    ("reg:tweedie", "count"),
    ("multi:softprob", 3),
    ("multi:softmax", 4),
    ("multi:softprob", 6),
]
# With trees whose leaves hold a value per output; those have no categorical splits yet.
VECTOR_OBJECTIVES = ("reg:squarederror", "multi:softprob")


def make(random, row_count):
    objective, kind = OBJECTIVES[random.integers(len(OBJECTIVES))]
    method = str(random.choice(["hist", "hist", "approx", "exact"]))
    trained = table(random, categories=method != "exact" and random.random() < 0.5)
    values = trained.values.astype(np.float32)
    parameters = {
        "objective": objective,
        "tree_method": method,
        "nthread": 1,
        "seed": int(random.integers(1 << 30)),
        "max_depth": int(random.integers(1, 7)),
        "eta": float(random.uniform(0.05, 1)),
        "min_child_weight": float(random.choice([0, 0.1, 1])),
        "lambda": float(random.choice([0.01, 1])),
        "max_cat_to_onehot": int(random.choice([1, 4, 100])),
    }
    target = labels(random, values, kind)
    extras = []
    if isinstance(kind, int) and kind > 2:
        parameters["num_class"] = kind
    if random.random() < 0.25:
        parameters |= {"num_parallel_tree": int(random.integers(2, 4)), "subsample": 0.7}
        extras.append("parallel")
    if random.random() < 0.4:
        parameters["base_score"] = float(random.uniform(0.05, 0.95))
        extras.append("base_score")
    if random.random() < 0.3:
        parameters |= {"booster": "dart", "rate_drop": 0.4, "normalize_type": str(random.choice(["tree", "forest"]))}
        extras.append("dart")
    elif method == "hist" and objective in VECTOR_OBJECTIVES and not any(trained.categorical) and random.random() < 0.6:
        parameters["multi_strategy"] = "multi_output_tree"
        parameters.pop("base_score", None)
        extras.append("vector")
        if objective == "reg:squarederror":
            target = np.stack([target, -target * target, labels(random, values, "any")], axis=1)
    if method == "hist" and "vector" not in extras and random.random() < 0.3:
        parameters |= {"grow_policy": "lossguide", "max_leaves": int(random.integers(2, 70)), "max_depth": 0}
    names = [f"feature {index}, named" for index in range(values.shape[1])] if random.random() < 0.3 else []
    types = ["c" if is_category else "q" for is_category in trained.categorical]
    if any(trained.categorical):
        extras.append("categories")

    def matrix(rows, target=None):
        return xgboost.DMatrix(
            rows, label=target, feature_names=names or None, feature_types=types, enable_categorical=True, nthread=1
        )

    booster = xgboost.train(parameters, matrix(values, target), num_boost_round=int(random.integers(1, 16)))
    rows = probes(random, trained, _thresholds(booster, values.shape[1]), row_count, np.float32)
    form = str(random.choice(["json", "ubj"]))
    file = bytes(booster.save_raw(form))
    loaded = xgboost.Booster({"nthread": 1}, model_file=bytearray(file))
    margins = loaded.predict(matrix(rows), output_margin=True).reshape(row_count, -1)
    contributions = None
    if "vector" not in extras:
        contributions = loaded.predict(matrix(rows), pred_contribs=True)
    label = f"xgboost {form} {objective} {method} {' '.join(extras)}".strip()
    return Case(label, file, rows, margins, names, contributions)


def _thresholds(booster, width):
    found = [[] for _ in range(width)]
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    for tree in learner.get("gbtree", learner)["model"]["trees"]:
        for node, left in enumerate(tree["left_children"]):
            if left != -1:
                found[tree["split_indices"][node]].append(tree["split_conditions"][node])
    return [np.array(values, dtype=np.float32) for values in found]
