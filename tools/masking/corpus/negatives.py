"""Texts with nothing to find, made of what is most like something: numbers, identifiers, hashes, names of files."""

import string

from .cases import Case


def negative(maker):
    """One text, by a kind drawn at random."""
    fake, random = maker.fake(), maker.random
    hexadecimal = "0123456789abcdef"
    kinds = [
        lambda: f"order {fake.bothify('###-#######-#######')} shipped",
        lambda: f"order number {random.randrange(10**9, 10**10)} was paid",
        lambda: f"invoice INV-{fake.date('%Y%m%d')}-{random.randrange(10**5)} is due {fake.date()}",
        lambda: f"parcel 1Z{maker.text_of(string.ascii_uppercase + string.digits, 16)} left {fake.city()}",
        lambda: f"at {fake.iso8601()} the job ended after {random.randrange(10**6)} ms",
        lambda: f"{fake.date()} {fake.time()} INFO started {random.randrange(100)} workers",
        lambda: f"epoch {random.randrange(1_600_000_000, 1_800_000_000)} and {random.randrange(16 * 10**11, 18 * 10**11)} ms",
        lambda: f'{{"ts":{random.randrange(16 * 10**17, 18 * 10**17)},"duration":{random.random():.9f}}}',
        lambda: f"request {fake.uuid4()} took {random.random():.6f} s",
        lambda: f"sha256:{fake.sha256()} and md5 {fake.md5()}",
        lambda: f"commit {fake.sha1()} by the build",
        lambda: f"trace_id={maker.text_of(hexadecimal, 32)} span_id={maker.text_of(hexadecimal, 16)}",
        lambda: f"version {random.randrange(20)}.{random.randrange(30)}.{random.randrange(500)}.{random.randrange(9999)}",
        lambda: f"node-{random.randrange(30)}.{random.randrange(30)}.{random.randrange(30)} needs npm >= {random.randrange(12)}.1",
        lambda: fake.user_agent(),
        lambda: f"GET {fake.uri_path()} {random.choice([200, 404, 500])} {random.randrange(10**5)}",
        lambda: f"file {fake.file_path(depth=3)} has {random.randrange(10**8)} bytes",
        lambda: f"{fake.latitude()}, {fake.longitude()} is near {fake.city()}",
        lambda: f"total {random.randrange(10**6)}.{random.randrange(100):02d} EUR for {random.randrange(90)} items",
        lambda: f"mac {fake.mac_address()} on port {fake.port_number()}",
        lambda: f"ISBN {fake.isbn13()} and EAN {fake.ean13()}",
        lambda: f"pod {fake.word()}-{maker.text_of('bcdfghjklmnpqrstvwxz2456789', 10)}-{maker.text_of('bcdfghjklmnpqrstvwxz', 5)} is ready",
        lambda: f"arn:aws:iam::{random.randrange(10**11, 10**12)}:role/{fake.word().title()}{fake.word().title()}Role",
        lambda: f"i-0{maker.text_of(hexadecimal, 16)} in vpc-{maker.text_of(hexadecimal, 17)}",
        lambda: f"AROA{maker.text_of(string.ascii_uppercase + '234567', 17)}:session-{random.randrange(10**6)}",
        lambda: f"class {''.join(w.title() for w in fake.words(4))}V{random.randrange(9)}Handler failed",
        lambda: f"sha256-{maker.text_of(string.ascii_letters + string.digits, 43)}=",
        lambda: fake.sentence(nb_words=14),
        lambda: fake.paragraph(nb_sentences=3),
        lambda: f"{fake.name()} of {fake.company()} lives at {fake.street_address()}, {fake.postcode()} {fake.city()}",
        lambda: f"git@github.com:{fake.user_name()}/{fake.word()}.git was cloned by {fake.user_name()}@{fake.word()}",
        lambda: f"@{fake.user_name()} liked logo@2x.png and {fake.word()}@{random.randrange(9)}.{random.randrange(9)}.1",
        lambda: f"password reset was asked for; the token has expired; key: none; token={random.randrange(99)}",
        lambda: f"SKU {fake.bothify('??-####-????').upper()} batch {fake.bothify('##??###').upper()} plate {fake.license_plate()}",
        lambda: f"VIN {fake.vin()} colour {fake.hex_color()} lot {random.randrange(10**7, 10**8)}",
        lambda: f"{random.randrange(10**6)} rows, {random.randrange(10**6)} errors, {random.randrange(100)} %, 3/4, 24/7, 2-1",
        lambda: f"ETag \"{fake.md5()}-{random.randrange(90)}\" range bytes {random.randrange(10**6)}-{random.randrange(10**7)}",
        lambda: f"{fake.date('%d/%m/%Y')} to {fake.date('%d.%m.%Y')}, rooms 101-104, tel none",
        lambda: f"meeting {fake.bothify('### ### ###')} starts {fake.time('%H:%M')}",
        lambda: f"account {random.randrange(10**7, 10**8)} order 16-digit {random.randrange(10**15, 10**16)}",
        lambda: f"sequence {random.randrange(10**10, 10**11)} offset {random.randrange(10**12)} in {fake.word()}_{random.randrange(99)}",
    ]
    return Case("", random.choice(kinds)(), "", "")
