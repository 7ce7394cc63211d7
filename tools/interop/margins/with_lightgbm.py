"""Random models of LightGBM's."""

import lightgbm
import numpy as np

from .case import Case, labels, probes, table

# Objective, and what its labels are: a kind, or a number of classes.
OBJECTIVES = [
    ("binary", 2),
    ("regression", "any"),
    ("regression_l1", "any"),
    ("huber", "any"),
    ("fair", "any"),
    ("quantile", "any"),
    ("mape", "any"),
    ("poisson", "count"),
    ("gamma", "positive"),
    ("tweedie", "count"),
    ("cross_entropy", "probability"),
    ("multiclass", 3),
    ("multiclassova", 4),
]


def make(random, row_count):
    objective, kind = OBJECTIVES[random.integers(len(OBJECTIVES))]
    trained = table(random, categories=random.random() < 0.5)
    parameters = {
        "objective": objective,
        "num_threads": 1,
        "verbosity": -1,
        "deterministic": True,
        "seed": int(random.integers(1 << 30)),
        "num_leaves": int(random.integers(2, 50)),
        "learning_rate": float(random.uniform(0.05, 1)),
        "min_data_in_leaf": int(random.integers(1, 8)),
        "min_data_in_bin": 1,
        "max_bin": int(random.choice([4, 255])),
        "min_data_per_group": 1,
        "cat_smooth": 1.0,
        "max_cat_to_onehot": int(random.choice([1, 4])),
        "zero_as_missing": bool(random.random() < 0.25),
        "use_missing": bool(random.random() < 0.85),
        "sigmoid": float(random.choice([0.5, 1, 2])),
        "boosting": str(random.choice(["gbdt", "gbdt", "dart", "rf"])),
    }
    if parameters["boosting"] == "rf" or random.random() < 0.2:
        parameters |= {"bagging_freq": 1, "bagging_fraction": 0.7}
    if isinstance(kind, int) and kind > 2:
        parameters["num_class"] = kind
    if objective == "regression" and random.random() < 0.3:
        parameters["reg_sqrt"] = True
    names = [f"feature_{index}_named" for index in range(trained.shape[1])] if random.random() < 0.3 else []
    data = lightgbm.Dataset(
        trained.values,
        labels(random, trained.values, kind),
        feature_name=names or "auto",
        categorical_feature=[index for index, is_category in enumerate(trained.categorical) if is_category],
        params=parameters,
        free_raw_data=False,
    )
    booster = lightgbm.train(parameters, data, num_boost_round=int(random.integers(1, 16)))
    text = booster.model_to_string()
    rows = probes(random, trained, _thresholds(text, trained.shape[1]), row_count, np.float64)
    loaded = lightgbm.Booster(model_str=text)
    margins = loaded.predict(rows, raw_score=True, num_threads=1).reshape(row_count, -1)
    missing = "zero" if parameters["zero_as_missing"] else "nan" if parameters["use_missing"] else "none"
    extras = f"{parameters['boosting']} missing={missing}" + (" categories" if any(trained.categorical) else "")
    contributions = loaded.predict(rows, pred_contrib=True, num_threads=1)
    return Case(f"lightgbm {objective} {extras}", text.encode(), rows, margins, names, contributions)


def _thresholds(text, width):
    found = [[] for _ in range(width)]
    features = []
    for line in text.splitlines():
        key, _, words = line.partition("=")
        if key == "split_feature":
            features = [int(word) for word in words.split()]
        elif key == "threshold":
            for feature, word in zip(features, words.split()):
                found[feature].append(float(word))
    return [np.array(values, dtype=np.float64) for values in found]
