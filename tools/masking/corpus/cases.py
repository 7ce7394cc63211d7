"""Labelled texts: each holds one value of a known type, or none.

Values come from Faker in many locales. What Faker has no generator for, or only one for numbers that are never issued (British national
insurance numbers, German tax ids, keys of the cloud providers), is drawn here by the issuer's published form.
"""

import base64
import json
import random
import string
from dataclasses import dataclass

from faker import Faker

MAIL_LOCALES = ["en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "sv_SE", "pt_BR", "tr_TR", "cs_CZ"]
PHONE_LOCALES = [
    "en_US", "en_GB", "en_CA", "en_AU", "en_IN", "de_DE", "de_AT", "fr_FR", "es_ES", "it_IT",
    "nl_NL", "pl_PL", "sv_SE", "pt_BR", "fi_FI", "cs_CZ", "ja_JP", "tr_TR", "zh_CN", "da_DK",
]
IBAN_LOCALES = ["de_DE", "en_GB", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "fi_FI", "de_AT", "de_CH", "da_DK", "no_NO"]


@dataclass
class Case:
    type: str  # "" when there is nothing to find.
    before: str
    value: str
    after: str


class Maker:
    """Draws values and texts from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.fakers = {}
        self.seed = seed

    def fake(self, locale="en_US"):
        if locale not in self.fakers:
            self.fakers[locale] = Faker(locale)
            self.fakers[locale].seed_instance(f"{self.seed}/{locale}")
        return self.fakers[locale]

    def text_of(self, alphabet, count):
        return "".join(self.random.choice(alphabet) for _ in range(count))

    # Values.

    def email(self):
        fake = self.fake(self.random.choice(MAIL_LOCALES))
        return self.random.choice([fake.email, fake.company_email, fake.ascii_free_email, fake.safe_email])()

    def phone(self):
        return self.fake(self.random.choice(PHONE_LOCALES)).phone_number()

    def card(self):
        number = self.fake().credit_card_number()
        if len(number) == 16 and self.random.random() < 0.4:
            return self.random.choice([" ", "-"]).join(number[i : i + 4] for i in range(0, 16, 4))
        return number

    def iban(self):
        number = self.fake(self.random.choice(IBAN_LOCALES)).iban()
        if self.random.random() < 0.4:
            return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
        return number

    def national_id(self):
        """The value, and whether its kind needs a word beside it."""
        makers = {
            "US": (lambda: self.fake("en_US").ssn(), False), "GB": (self.nino, False), "DE": (self.german_tax_id, False),
            "ES": (lambda: self.fake("es_ES").nif(), False), "ES2": (lambda: self.fake("es_ES").nie(), False),
            "IT": (lambda: self.fake("it_IT").ssn(), False), "FR": (lambda: self.fake("fr_FR").ssn(), False),
            "PL": (lambda: self.fake("pl_PL").pesel(), False), "BR": (lambda: self.fake("pt_BR").cpf(), False),
            "SE": (lambda: self.fake("sv_SE").ssn(), False), "FI": (lambda: self.fake("fi_FI").ssn(), False),
            "CN": (lambda: self.fake("zh_CN").ssn(), False), "CA": (lambda: self.fake("en_CA").ssn(), True),
            "NL": (lambda: self.fake("nl_NL").ssn(), True),
        }
        make, needs_word = makers[self.random.choice(sorted(makers))]
        return make(), needs_word

    def nino(self):
        while True:
            pair = self.text_of("ABCEGHJKLMNOPRSTWXYZ", 1) + self.text_of("ABCEGHJKLMNPRSTWXYZ", 1)
            if pair not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
                break
        digits = self.text_of(string.digits, 6)
        form = self.random.choice(["{p}{d}{s}", "{p} {a} {b} {c} {s}"])
        return form.format(p=pair, d=digits, a=digits[:2], b=digits[2:4], c=digits[4:], s=self.random.choice("ABCD"))

    def german_tax_id(self):
        """One digit twice or three times, one or two missing, no leading zero; the last by ISO 7064 MOD 11,10."""
        while True:
            digits = [self.random.randrange(10) for _ in range(10)]
            repeated = [digits.count(d) for d in set(digits) if digits.count(d) > 1]
            if digits[0] and len(repeated) == 1 and repeated[0] in (2, 3):
                break
        product = 10
        for digit in digits:
            total = (digit + product) % 10 or 10
            product = total * 2 % 11
        return "".join(map(str, digits)) + str((11 - product) % 10)

    def ip(self):
        return self.random.choice([self.fake().ipv4, self.fake().ipv4_private, self.fake().ipv6])()

    def jwt(self):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

        header = {"alg": self.random.choice(["HS256", "RS256", "ES256"]), "typ": "JWT"}
        claims = {"sub": self.fake().uuid4(), "name": self.fake().name(), "iat": self.fake().unix_time()}
        signature = base64.urlsafe_b64encode(self.random.randbytes(self.random.choice([32, 64, 256]))).rstrip(b"=")
        return f"{part(header)}.{part(claims)}.{signature.decode()}"

    def private_key(self):
        label = self.random.choice(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "]) + "PRIVATE KEY"
        body = base64.b64encode(self.random.randbytes(self.random.choice([48, 118, 600]))).decode()
        lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
        return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"

    def api_key(self):
        letters = string.ascii_letters + string.digits
        upper = string.ascii_uppercase + "234567"
        hexadecimal = "0123456789abcdef"
        forms = [
            ("AKIA", upper, 16), ("ASIA", upper, 16), ("AIza", letters + "_-", 35), ("ya29.", letters + "_-", 60),
            ("GOCSPX-", letters, 28), ("ghp_", letters, 36), ("gho_", letters, 36), ("ghs_", letters, 36),
            ("glpat-", letters + "-", 20), ("xoxb-", string.digits, 24), ("sk_live_", letters, 24),
            ("rk_test_", letters, 24), ("whsec_", letters, 32), ("sk-ant-api03-", letters + "_-", 95),
            ("sk-proj-", letters + "_", 80), ("sk-", letters, 48), ("hf_", letters, 34), ("npm_", letters, 36),
            ("dop_v1_", hexadecimal, 64), ("shpat_", hexadecimal, 32), ("hvs.", letters, 90),
        ]
        prefix, alphabet, count = self.random.choice(forms)
        choice = self.random.random()
        if choice < 0.04:
            return "github_pat_" + self.text_of(letters, 22) + "_" + self.text_of(letters, 59)
        if choice < 0.08:
            return self.text_of(letters, 3) + self.text_of(string.digits, 1) + "Q~" + self.text_of(letters, 34)
        return prefix + self.text_of(alphabet, count - 1) + self.text_of([c for c in alphabet if c not in "-_"], 1)

    def secret(self):
        """The text before the value, and the value."""
        letters = string.ascii_letters + string.digits
        value = self.random.choice([
            lambda: self.text_of(letters, self.random.choice([24, 32, 40, 64])),
            lambda: base64.b64encode(self.random.randbytes(self.random.choice([24, 32, 48]))).decode(),
            lambda: base64.urlsafe_b64encode(self.random.randbytes(33)).decode(),
            lambda: self.fake().password(length=28, special_chars=False),
        ])()
        if self.random.random() < 0.4:
            name = self.random.choice(["password", "db_password", "client_secret", "api_key", "passwd", "DB_PASSWORD", "pwd"])
            return name + self.random.choice(["=", ": ", " = "]), self.fake().password(length=14, special_chars=False)
        return "", value
