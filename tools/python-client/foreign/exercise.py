"""Does with a running suite what a client in another language would, and believes nothing that it has not verified."""

import argparse
import json
import os
import sys
import time

from indelible.v1 import entry_pb2 as model

from . import merkle
from .ledger import KIND_EVENT, KIND_SEAL, Collector, Ledger, new_event, submit
from .note import Key, NoteRefused, open_checkpoint
from .wire import CallFailed, Connection, ProtocolError, tls_context

GRPC_NOT_FOUND, GRPC_UNIMPLEMENTED = 5, 12


class Refuted(Exception):
    """The server said something that does not verify."""


def hold(condition, claim):
    if not condition:
        raise Refuted(claim)


def arguments():
    parser = argparse.ArgumentParser(prog="client", description=__doc__)
    parser.add_argument("--data", help="data directory of `indelible up`; its endpoints.json has the addresses")
    parser.add_argument("--ledger", help="HOST:PORT")
    parser.add_argument("--ingest", help="HOST:PORT; without one, events go to the ledger only")
    parser.add_argument("--vkey", help="the log's verifier key, or a file that holds it")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key; repeatable")
    parser.add_argument("--events", type=int, default=300, help="events to append and to submit")
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    parser.add_argument("--tls-ca")
    options = parser.parse_args()
    if options.data:
        with open(os.path.join(options.data, "endpoints.json"), encoding="utf-8") as file:
            endpoints = json.load(file)
        options.ledger = options.ledger or endpoints["ledger_rpc"]
        options.ingest = options.ingest or endpoints["ingest_rpc"]
        options.vkey = options.vkey or endpoints["log_vkey"]
        options.witness = options.witness or endpoints["witness_vkeys"]
    if not options.ledger or not options.vkey:
        parser.error("give --data, or --ledger and --vkey")
    if os.path.exists(options.vkey):
        with open(options.vkey, encoding="utf-8") as file:
            options.vkey = file.read()
    return options


class Exercise:
    def __init__(self, options):
        self.options = options
        self.log_key = Key.parse(options.vkey)
        self.witness_keys = [Key.parse(key) for key in options.witness]
        self.tls = tls_context(options.tls_cert, options.tls_key, options.tls_ca)
        self.report = {}

    def run(self):
        with Connection(self.options.ledger, tls=self.tls) as connection:
            ledger = Ledger(connection)
            hold(connection.ping(), "a PING comes back")
            hold(ledger.status().origin == self.log_key.name, "the status names the log's origin")
            before = self.opened(ledger.checkpoint())
            first, end, sent = self.append(ledger)
            if self.options.ingest:
                end = max(end, self.submit())
            after = self.covering(ledger, end)
            self.consistency(ledger, before, after)
            leaves = self.read(ledger, first, after.size, sent)
            self.proofs(ledger, first, after, leaves)
            self.refusals(connection, ledger, after)
        self.report |= {"origin": after.origin, "size": after.size, "signers": list(after.signers)}
        return self.report

    def opened(self, checkpoint):
        opened = open_checkpoint(checkpoint.note, self.log_key, self.witness_keys)
        hold(opened.size == checkpoint.size, "a checkpoint's size is the one in its note")
        return opened

    def append(self, ledger):
        """Appends a batch with a seal of our own, twice: the repeat must get the same indices."""
        events = [new_event(number) for number in range(self.options.events)]
        request = Collector().batch(events)
        answer = ledger.append(request)
        hold(answer.count == len(request.items) and not answer.duplicate, "the whole batch is taken")
        repeat = ledger.append(request)
        hold(repeat.duplicate and repeat.first_index == answer.first_index, "a repeat is answered with its first indices")
        hold(ledger.find(events[-1].id) == answer.first_index + len(events) - 1, "Find knows the last event's index")
        self.report["appended"] = answer.count
        return answer.first_index, answer.first_index + answer.count, [item.entry for item in request.items]

    def submit(self):
        """Gives events to the ingest, and once more: they are duplicates then."""
        events = [new_event(number, actor="submitted@example.com") for number in range(self.options.events)]
        epoch = time.time_ns()
        with Connection(self.options.ingest, tls=self.tls) as connection:
            answer = submit(connection, b"foreign/python", epoch, 1, events)
            hold(answer.accepted == len(events) and not answer.rejected, "the ingest takes every event")
            repeat = submit(connection, b"foreign/python", epoch, 1, events)
            hold(repeat.duplicates == len(events), "the ingest knows a repeat")
        self.report["submitted"] = answer.accepted
        return answer.last_index + 1 if answer.durable else 0

    def covering(self, ledger, end):
        """The first checkpoint of at least `end` entries; with witnesses, one that all of them cosigned."""
        wanted = {self.log_key.name, *(key.name for key in self.witness_keys)}
        deadline = time.monotonic() + 30
        opened = self.opened(ledger.checkpoint())
        if opened.size < end:
            for checkpoint in ledger.checkpoints(end - 1):
                opened = self.opened(checkpoint)
                break
        while not wanted <= set(opened.signers):
            hold(time.monotonic() < deadline, "every witness's cosignature is published within 30 s")
            time.sleep(0.05)
            opened = self.opened(ledger.checkpoint())
        hold(opened.size >= end, "the checkpoint covers what was appended")
        return opened

    def consistency(self, ledger, before, after):
        hashes = ledger.consistency(before.size, after.size).hashes
        hold(
            merkle.consistent(before.size, after.size, hashes, before.root, after.root),
            f"the log of {after.size} grew from that of {before.size}",
        )
        self.report["grown_from"] = before.size

    def read(self, ledger, first, end, sent):
        """Streams everything back; our entries must be byte for byte what was sent."""
        leaves, kinds, expected = [], {KIND_EVENT: 0, KIND_SEAL: 0}, first
        for batch in ledger.entries(first, end):
            for item in batch.entries:
                hold(item.index == expected, f"entry {expected} follows {expected - 1}")
                if expected - first < len(sent):
                    hold(item.entry == sent[expected - first], f"entry {expected} has the bytes that were sent")
                hold(model.Entry.FromString(item.entry).WhichOneof("body") is not None, f"entry {expected} has a body")
                kinds[item.kind] = kinds.get(item.kind, 0) + 1
                leaves.append(merkle.leaf_hash(item.entry))
                expected += 1
        hold(expected == end, f"the stream reaches {end}")
        self.report["read"] = len(leaves)
        self.report["seals"] = kinds[KIND_SEAL]
        return leaves

    def proofs(self, ledger, first, checkpoint, leaves):
        count = 0
        for position in range(0, len(leaves), max(1, len(leaves) // 64)):
            index = first + position
            proof = ledger.inclusion(index, checkpoint.size)
            verified = merkle.included(leaves[position], index, checkpoint.size, proof.hashes, checkpoint.root)
            hold(verified, f"entry {index} is included in {checkpoint.size}")
            count += 1
        for width in sorted({1, len(leaves) // 3 + 1, len(leaves)}):
            proof = ledger.range_proof(first, first + width, checkpoint.size)
            root = merkle.range_root(first, leaves[:width], checkpoint.size, proof.left, proof.right)
            hold(root == checkpoint.root, f"entries {first} to {first + width - 1} are included in {checkpoint.size}")
        self.report["inclusion_proofs"] = count

    def refusals(self, connection, ledger, checkpoint):
        """What cannot be answered is refused with a status, and the connection lives on."""
        for call, codes in [
            (lambda: ledger.find(bytes(16)), {GRPC_NOT_FOUND}),
            (lambda: ledger.inclusion(checkpoint.size + 1_000_000, checkpoint.size), {3, 11}),
            (lambda: connection.call(999, model.Entry(), model.Entry), {GRPC_UNIMPLEMENTED}),
        ]:
            try:
                call()
            except CallFailed as failure:
                hold(failure.code in codes, f"a refusal has status {codes}, not {failure.code} ({failure.message})")
                hold(failure.message, "a refusal says why")
            else:
                raise Refuted("what cannot be answered is refused")


def main():
    """Exit code 0 when everything verified, 1 when something did not, 3 when the suite could not be reached."""
    options = arguments()
    try:
        report = {"verified": True} | Exercise(options).run()
    except (Refuted, NoteRefused) as refuted:
        print(json.dumps({"verified": False, "finding": f"does not hold: {refuted}"}))
        return 1
    except (OSError, ProtocolError, CallFailed) as failure:
        print(json.dumps({"verified": False, "finding": str(failure)}))
        return 3
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
