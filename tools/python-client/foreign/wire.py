"""Frames and calls, as docs/protocol.md describes them: one connection, one call at a time."""

import socket
import ssl
import struct

from indelible.v1 import wire_pb2 as wire

VERSION = 1
FRAME_BYTES_MAX = 8 << 20
STREAM_CREDIT = 1 << 20
# What an item costs beside its payload.
ITEM_BYTES = 64


class CallFailed(Exception):
    """The server answered with a status other than OK."""

    def __init__(self, status, payload=b""):
        super().__init__(f"status {status.code}: {status.message}")
        self.code = status.code
        self.message = status.message
        self.payload = payload


class ProtocolError(Exception):
    """The peer broke the protocol, or went away."""


class Connection:
    """A connection that has exchanged Hellos."""

    def __init__(self, address, timeout=30, tls=None):
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host.strip("[]"), int(port)), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname=host)
        self._received = bytearray()
        self._next_stream = 1
        hello = wire.Hello(
            version_min=VERSION,
            version_max=VERSION,
            frame_bytes_max=FRAME_BYTES_MAX,
            streams_max=0,
            stream_credit=STREAM_CREDIT,
            software="foreign-client/1",
        )
        self._send(wire.FrameHeader(kind=wire.FRAME_KIND_HELLO), hello.SerializeToString())
        header, payload = self._receive()
        if header.kind != wire.FRAME_KIND_HELLO:
            raise ProtocolError("the server's first frame is no Hello")
        self.server = wire.Hello.FromString(payload)
        if not self.server.version_min <= VERSION <= self.server.version_max:
            raise ProtocolError(f"the server speaks versions {self.server.version_min} to {self.server.version_max}")

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, method, request, answer, deadline_ms=20_000):
        """The answer of a unary call, as a message of the class `answer`."""
        stream = self._open(method, request, deadline_ms)
        header, payload = self._frame_of(stream)
        if header.kind != wire.FRAME_KIND_RESPONSE:
            raise ProtocolError(f"a frame of kind {header.kind} answers a unary call")
        if header.status.code != 0:
            raise CallFailed(header.status, payload)
        return answer.FromString(payload)

    def stream(self, method, request, item):
        """The items of a streamed answer. Whoever stops early cancels the call."""
        stream = self._open(method, request, 0)
        consumed = 0
        ended = False
        try:
            while True:
                header, payload = self._frame_of(stream)
                if header.kind in (wire.FRAME_KIND_END, wire.FRAME_KIND_RESPONSE):
                    ended = True
                    if header.status.code != 0:
                        raise CallFailed(header.status, payload)
                    return
                if header.kind != wire.FRAME_KIND_ITEM:
                    raise ProtocolError(f"a frame of kind {header.kind} in a streamed answer")
                yield item.FromString(payload)
                consumed += len(payload) + ITEM_BYTES
                if consumed * 2 >= STREAM_CREDIT:
                    grant = wire.FrameHeader(kind=wire.FRAME_KIND_CREDIT, stream_id=stream, credit=consumed)
                    self._send(grant)
                    consumed = 0
        finally:
            if not ended:
                self._send(wire.FrameHeader(kind=wire.FRAME_KIND_CANCEL, stream_id=stream))

    def ping(self, payload=b"still there?"):
        """Sends a PING and waits for its PONG."""
        self._send(wire.FrameHeader(kind=wire.FRAME_KIND_PING), payload)
        while True:
            header, answer = self._receive()
            if header.kind == wire.FRAME_KIND_PONG:
                return answer == payload

    def _open(self, method, request, deadline_ms):
        stream = self._next_stream
        self._next_stream += 1
        header = wire.FrameHeader(
            kind=wire.FRAME_KIND_REQUEST, stream_id=stream, method=method, deadline_ms=deadline_ms
        )
        self._send(header, request.SerializeToString())
        return stream

    def _frame_of(self, stream):
        """The next frame of a stream. What belongs to cancelled streams is passed over, PINGs are answered."""
        while True:
            header, payload = self._receive()
            if header.kind == wire.FRAME_KIND_PING:
                self._send(wire.FrameHeader(kind=wire.FRAME_KIND_PONG), payload)
            elif header.kind == wire.FRAME_KIND_GOAWAY and header.status.code != 0:
                raise CallFailed(header.status)
            elif header.stream_id == stream:
                return header, payload

    def _send(self, header, payload=b""):
        head = header.SerializeToString()
        self._socket.sendall(struct.pack(">IH", 2 + len(head) + len(payload), len(head)) + head + payload)

    def _receive(self):
        length, head_length = struct.unpack(">IH", self._take(6))
        if length > FRAME_BYTES_MAX or head_length + 2 > length:
            raise ProtocolError(f"a frame of {length} bytes with a header of {head_length}")
        head = self._take(head_length)
        return wire.FrameHeader.FromString(head), self._take(length - 2 - head_length)

    def _take(self, count):
        while len(self._received) < count:
            chunk = self._socket.recv(1 << 18)
            if not chunk:
                raise ProtocolError("the server closed the connection")
            self._received += chunk
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken


def tls_context(certificate, key, authority):
    """Mutual TLS 1.3, or None without certificates."""
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context
