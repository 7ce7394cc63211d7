"""The methods of the ledger and of an ingest, and batches sealed by this client's own key."""

import hashlib
import os
import time
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from indelible.v1 import entry_pb2 as model
from indelible.v1 import ingest_pb2 as ingest
from indelible.v1 import ledger_pb2 as ledger

from . import merkle

APPEND, GET_CHECKPOINT, WATCH_CHECKPOINTS, READ_ENTRIES = 1, 2, 3, 4
GET_INCLUSION_PROOF, GET_RANGE_PROOF, GET_CONSISTENCY_PROOF, FIND, GET_STATUS = 5, 6, 7, 8, 9
SUBMIT, GET_INGEST_STATUS = 101, 102

KIND_EVENT, KIND_SEAL = 3, 4


def new_event(number, actor="foreign@example.com"):
    """An AuditEvent of a source that Indelible has never heard of."""
    random = os.urandom(10)
    milliseconds = time.time_ns() // 1_000_000
    raw_id = milliseconds.to_bytes(6, "big") + bytes([0x70 | random[0] & 0x0F, random[1]])
    raw_id += bytes([0x80 | random[2] & 0x3F]) + random[3:10]
    event = model.AuditEvent(
        id=uuid.UUID(bytes=raw_id).bytes,
        occurred_ns=time.time_ns(),
        source="foreign/python",
        source_sequence=number + 1,
        action="document.read",
        action_class=model.ACTION_CLASS_READ,
        format="app.json",
        raw=b'{"document":%d}' % number,
    )
    event.actor.id = actor
    event.actor.kind = model.ACTOR_KIND_USER
    event.outcome.result = model.OUTCOME_RESULT_SUCCESS
    event.targets.add(kind="document", id=str(number))
    return event


def slot_of(actor):
    """The slot of an actor's events: FNV-1a, its eight bytes folded into one (docs/protocol.md, "Methods")."""
    if not actor:
        return 0
    folded = 0xCBF29CE484222325
    for byte in actor.encode():
        folded = (folded ^ byte) * 0x100000001B3 % (1 << 64)
    for shift in (32, 16, 8):
        folded ^= folded >> shift
    return folded & 0xFF


class Collector:
    """Makes entries of events and seals each batch of them, as an ingest does."""

    def __init__(self, name="foreign.example/collector"):
        self.name = name
        self.epoch = time.time_ns()
        self._key = Ed25519PrivateKey.generate()
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
        self._seals = 0
        self._previous = b""
        self._appended = 0

    def batch(self, events, ack=ledger.ACK_LEVEL_DURABLE):
        """An AppendRequest that holds the events' entries and, last, the seal over them."""
        request = ledger.AppendRequest(ack=ack)
        request.producers.add(id=self.name.encode(), epoch=self.epoch, first_sequence=self._appended + 1)
        leaves = []
        for event in events:
            entry = self._entry()
            entry.event = event.SerializeToString()
            encoded = entry.SerializeToString()
            leaves.append(merkle.leaf_hash(encoded))
            request.items.add(entry=encoded, kind=KIND_EVENT, slot=slot_of(event.actor.id), event_id=event.id)
        self._seals += 1
        body = model.SealBody(
            collector=self.name,
            key_id=self.key_id,
            epoch=self.epoch,
            sequence=self._seals,
            count=len(events),
            root=merkle.root_of(leaves),
            previous=self._previous,
        ).SerializeToString()
        self._previous = hashlib.sha256(body).digest()
        seal = self._entry()
        seal.seal.body = body
        seal.seal.signature = self._key.sign(b"indelible/seal/v1\n" + body)
        request.items.add(entry=seal.SerializeToString(), kind=KIND_SEAL)
        self._appended += len(request.items)
        return request

    def _entry(self):
        stamp = model.Stamp(collector=self.name, received_ns=time.time_ns())
        return model.Entry(blind=os.urandom(16), stamp=stamp)


class Ledger:
    """What a client asks a ledger."""

    def __init__(self, connection):
        self._connection = connection

    def append(self, request):
        return self._connection.call(APPEND, request, ledger.AppendResponse)

    def checkpoint(self):
        return self._connection.call(GET_CHECKPOINT, ledger.GetCheckpointRequest(), ledger.Checkpoint)

    def checkpoints(self, larger_than):
        request = ledger.WatchCheckpointsRequest(larger_than=larger_than)
        return self._connection.stream(WATCH_CHECKPOINTS, request, ledger.Checkpoint)

    def entries(self, first, end):
        """Batches of the entries from `first` up to, not including, `end`."""
        request = ledger.ReadEntriesRequest()
        setattr(request, "from", first)
        request.to = end
        return self._connection.stream(READ_ENTRIES, request, ledger.EntryBatch)

    def inclusion(self, index, size):
        request = ledger.GetInclusionProofRequest(index=index, size=size)
        return self._connection.call(GET_INCLUSION_PROOF, request, ledger.InclusionProof)

    def range_proof(self, first, end, size):
        request = ledger.GetRangeProofRequest(first=first, end=end, size=size)
        return self._connection.call(GET_RANGE_PROOF, request, ledger.RangeProof)

    def consistency(self, old_size, size):
        request = ledger.GetConsistencyProofRequest(old_size=old_size, size=size)
        return self._connection.call(GET_CONSISTENCY_PROOF, request, ledger.ConsistencyProof)

    def find(self, event_id):
        return self._connection.call(FIND, ledger.FindRequest(event_id=event_id), ledger.FindResponse).index

    def status(self):
        return self._connection.call(GET_STATUS, ledger.GetStatusRequest(), ledger.LedgerStatus)


def submit(connection, producer, epoch, first_sequence, events):
    """Gives events to an ingest, which stamps, seals and appends them."""
    request = ingest.SubmitRequest(producer=producer, epoch=epoch, first_sequence=first_sequence)
    request.events.extend(event.SerializeToString() for event in events)
    return connection.call(SUBMIT, request, ingest.SubmitResponse)
