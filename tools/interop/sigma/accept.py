"""Reads the rules of folders with pySigma, the reference library of the Sigma project, and says what it refuses.

Prints one JSON object: `rules` (how many it read) and `errors`. Exit code 0 without errors, else 1.
"""

import json
import sys
from pathlib import Path

from sigma.collection import SigmaCollection


def main() -> int:
    files = sorted(path for folder in sys.argv[1:] for path in Path(folder).rglob("*.yml"))
    rules, errors = 0, []
    try:
        collection = SigmaCollection.load_ruleset(files, collect_errors=True)
        rules = len(collection.rules)
        errors = [str(error) for error in collection.errors]
        errors += [str(error) for rule in collection.rules for error in rule.errors]
        for rule in collection.rules:
            for condition in getattr(getattr(rule, "detection", None), "parsed_condition", []):
                condition.parsed
    except Exception as error:  # What is not YAML at all is thrown rather than collected.
        errors.append(str(error))
    print(json.dumps({"rules": rules, "errors": errors}))
    return 1 if errors or not rules else 0


if __name__ == "__main__":
    sys.exit(main())
