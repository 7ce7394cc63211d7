"""Measures how well masking finds what it looks for: `tools/masking/measure --help`."""

import argparse
import json
import subprocess
import sys
import tempfile

from .cases import Case, Maker
from .negatives import negative

TYPES = ["email", "phone", "card", "iban", "national_id", "ip", "jwt", "private_key", "api_key", "secret"]
WORDS = {
    "phone": ["phone: {}", "Call {} before noon.", "tel {}", "my mobile is {}, thanks", "Fax {};"],
    "card": ["card {}", "paid with {} today", "cc={}", "PAN: {}."],
    "national_id": ["ssn {}", "tax id: {}", "national id {} on file", "insurance number {}."],
}
NAMES = {
    "email": ["email", "user", "contact"], "phone": ["phone", "mobileNumber", "fax"], "card": ["card_number", "pan"],
    "iban": ["iban", "account"], "national_id": ["ssn", "tax_id", "nationalId"], "ip": ["sourceIPAddress", "client"],
    "jwt": ["credential", "header"], "private_key": ["pem", "body"], "api_key": ["value", "env"], "secret": ["value", "env"],
}
PLAIN = ["{}", "the value was {} at first", "{}, as agreed", "({})", "seen: {}; nothing else", "'{}' was sent"]


def cases(seed, count):
    """`count` cases of each type, and as many without any as there are of three types."""
    maker = Maker(seed)
    made = []
    for kind in TYPES:
        for _ in range(count):
            made.append(positive(maker, kind))
    made += [negative(maker) for _ in range(3 * count)]
    maker.random.shuffle(made)
    return made


def positive(maker, kind):
    lead, needs_word = "", False
    if kind == "secret":
        lead, value = maker.secret()
    elif kind == "national_id":
        value, needs_word = maker.national_id()
    else:
        value = getattr(maker, kind)()
    # Bare digits are a telephone number only where something says so, and so are short card numbers.
    needs_word = needs_word or kind == "phone" and not value.startswith("+") or kind == "card" and len(value) < 14
    has_words = kind in WORDS and (needs_word or maker.random.random() < 0.4)
    if lead:
        return Case(kind, f"{maker.fake().word()} {lead}", value, maker.random.choice(["", " was set", ", done", ";"]))
    if maker.random.random() < 0.35:
        return record(maker, kind, value)
    form = maker.random.choice(WORDS[kind] if has_words else PLAIN)
    before, after = form.split("{}")
    return Case(kind, before, value, after)


def record(maker, kind, value):
    """The value in a field of a JSON record."""
    name = maker.random.choice(NAMES[kind])
    other = {"id": maker.fake().uuid4(), "time": maker.fake().iso8601(), "count": maker.random.randrange(1000)}
    head = json.dumps(other)[:-1]
    escaped = json.dumps(value)[1:-1]
    return Case(kind, f'{head}, "{name}": "', escaped, '", "ok": true}')


def mask(indelible, made):
    rules = {"version": 1, "rules": [{"name": kind, "content": kind, "action": "redact"} for kind in TYPES]}
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/rules.json", "w") as file:
            json.dump(rules, file)
        # One case a line: line feeds (in PEM) travel as the text \\n would in a log; JSON has them escaped already.
        lines = [(c.before + c.value + c.after).replace("\n", "\\n") for c in made]
        with open(f"{folder}/texts", "w") as file:
            file.write("\n".join(lines) + "\n")
        done = subprocess.run(
            [indelible, "mask", "--json", "--masking", f"{folder}/rules.json", f"{folder}/texts"],
            check=True, capture_output=True, text=True,
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def score(made, masked):
    """Found means that exactly the value was masked, as its type, and nothing else in its text."""
    counts = {kind: {"cases": 0, "found": 0, "wrong": 0} for kind in TYPES}
    mistakes = []
    for case, result in zip(made, masked, strict=True):
        spans = [span["rule"] for span in result["spans"]]
        expected = (case.before + (f"[masked:{case.type}]" if case.type else "") + case.after).replace("\n", "\\n")
        if case.type:
            counts[case.type]["cases"] += 1
        if result["text"] == expected:
            if case.type:
                counts[case.type]["found"] += 1
            continue
        for rule in spans:
            counts[rule]["wrong"] += 1
        mistakes.append({"type": case.type, "text": case.before + case.value + case.after, "masked": result["text"]})
    for count in counts.values():
        claimed = count["found"] + count["wrong"]
        count["precision"] = round(count["found"] / claimed, 4) if claimed else 0
        count["recall"] = round(count["found"] / count["cases"], 4) if count["cases"] else 0
    return counts, mistakes


def main():
    parser = argparse.ArgumentParser(description="Precision and recall of masking, per type, on texts made by Faker.")
    parser.add_argument("--indelible", required=True, help="the executable")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=250, help="cases of each type")
    parser.add_argument("--mistakes", type=int, default=0, help="show so many")
    arguments = parser.parse_args()
    made = cases(arguments.seed, arguments.count)
    counts, mistakes = score(made, mask(arguments.indelible, made))
    for mistake in mistakes[: arguments.mistakes]:
        print(json.dumps(mistake, ensure_ascii=False), file=sys.stderr)
    print(json.dumps({"seed": arguments.seed, "cases": len(made), "types": counts}))
    enough = all(count["precision"] >= 0.98 and count["recall"] >= 0.95 for count in counts.values())
    return 0 if enough else 1


sys.exit(main())
