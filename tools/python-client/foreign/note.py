"""C2SP signed notes and checkpoints: Ed25519 log signatures and timestamped cosignatures."""

import base64
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4


class NoteRefused(Exception):
    """The note does not verify; the message says why."""


@dataclass(frozen=True)
class Key:
    name: str
    key_id: bytes
    kind: int
    public: bytes

    @staticmethod
    def parse(vkey):
        name, hexadecimal, encoded = vkey.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if key_id.hex() != hexadecimal or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise NoteRefused(f"{vkey} is no verifier key of a known kind")
        return Key(name, key_id, raw[0], raw[1:])

    def verifies(self, text, signature):
        message = text
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                return False
            (seconds,) = struct.unpack(">Q", signature[:8])
            message, signature = b"cosignature/v1\ntime %d\n" % seconds + text, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    signers: tuple


def open_checkpoint(note, log_key, witness_keys=()):
    """The checkpoint, after the log's signature and every signature by a key that is known verified."""
    split = note.rindex(b"\n\n") + 1
    text, lines = note[:split], note[split + 1 :].decode().split("\n")
    known = {(key.name, key.key_id): key for key in (log_key, *witness_keys)}
    signers = []
    for line in lines[:-1]:
        dash, name, encoded = line.split(" ")
        if dash != "\u2014":
            raise NoteRefused("a signature line does not begin with an em dash")
        blob = base64.b64decode(encoded, validate=True)
        key = known.get((name, blob[:4]))
        if key is None:
            continue
        if not key.verifies(text, blob[4:]):
            raise NoteRefused(f"the signature of {name} does not verify")
        signers.append(name)
    if log_key.name not in signers:
        raise NoteRefused(f"no signature by {log_key.name}")
    origin, size, root = text.decode().split("\n")[:3]
    if origin != log_key.name:
        raise NoteRefused(f"origin {origin} is not {log_key.name}")
    return Checkpoint(origin, int(size), base64.b64decode(root, validate=True), tuple(signers))
