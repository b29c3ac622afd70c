# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket over real sockets, against the echo program on our own layer.

Cast: ws-echo, which sends back what it gets; the websockets library as an
honest client of other hands; raw sockets for frames no library would send. The
groups follow those of the suite every server is measured by: framing, pings,
reserved bits, opcodes, fragments, UTF-8, closing, sizes.
"""
import asyncio
import os
import pathlib
import random
import socket
import struct
import subprocess

import pytest
import websockets

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("USHER_BUILD", ROOT / "build")).resolve()
PROGRAM = str(BUILD / "tests/server/ws-echo")
WAIT = 10  # seconds for anything that must happen; nothing waits this long

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN = 0x80


@pytest.fixture(scope="module")
def port():
    process = subprocess.Popen(
        [PROGRAM, "0"], stdout=subprocess.PIPE, text=True)
    yield int(process.stdout.readline())
    process.terminate()
    assert process.wait(WAIT) == 0
    process.stdout.close()


def frame(first, payload=b"", mask=b"\x37\xfa\x21\x3d"):
    n = len(payload)
    if n < 126:
        head = struct.pack(">BB", first, 0x80 | n)
    elif n < 65536:
        head = struct.pack(">BBH", first, 0x80 | 126, n)
    else:
        head = struct.pack(">BBQ", first, 0x80 | 127, n)
    key = (mask * (n // 4 + 1))[:n]
    body = (int.from_bytes(payload, "big") ^
            int.from_bytes(key, "big")).to_bytes(n, "big")
    return head + mask + body


class Raw:
    """A client that sends any bytes and reads frames one by one."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), WAIT)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.sock.makefile("rb")
        self.sock.sendall(
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        assert self.file.readline().startswith(b"HTTP/1.1 101 ")
        fields = b""
        while (line := self.file.readline()) != b"\r\n":
            fields += line
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in fields

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def send(self, *frames):
        self.sock.sendall(b"".join(frames))

    def read(self):
        """(first byte, payload) of the next frame; None at the end."""
        head = self.file.read(2)
        if not head:
            return None
        first, n = head
        assert n & 0x80 == 0, "a server does not mask"
        if n == 126:
            n, = struct.unpack(">H", self.file.read(2))
        elif n == 127:
            n, = struct.unpack(">Q", self.file.read(8))
        return first, self.file.read(n)

    def expect(self, first, payload):
        assert self.read() == (first, payload)

    def expect_close(self, code):
        """The close frame with this code, then the end of the stream."""
        first, payload = self.read()
        assert first == FIN | CLOSE
        got = struct.unpack(">H", payload[:2])[0] if payload else None
        assert got == code
        assert self.read() is None


@pytest.fixture
def raw(port):
    with Raw(port) as r:
        yield r


def close_frame(code, reason=b""):
    return frame(FIN | CLOSE, struct.pack(">H", code) + reason)


SIZES = [0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_messages_of_every_size_come_back(raw, opcode, size):
    payload = b"*" * size if opcode == TEXT else b"\xfe" * size
    raw.send(frame(FIN | opcode, payload))
    raw.expect(FIN | opcode, payload)
    raw.send(close_frame(1000))
    raw.expect_close(1000)


@pytest.mark.parametrize("piece", [1, 3, 997])
def test_frames_may_be_cut_anywhere_on_the_wire(raw, piece):
    data = frame(FIN | TEXT, "h\u00e9llo \u4e16 \U0001f600".encode() * 20)
    data += frame(FIN | PING, b"p") + frame(FIN | BINARY, bytes(range(256)))
    for i in range(0, len(data), piece):
        raw.send(data[i:i + piece])
    raw.expect(FIN | TEXT, "h\u00e9llo \u4e16 \U0001f600".encode() * 20)
    raw.expect(FIN | PONG, b"p")
    raw.expect(FIN | BINARY, bytes(range(256)))


@pytest.mark.parametrize(
    "payload", [b"", b"hello", b"\x00\xff\xfe", b"x" * 125])
def test_pings_are_answered_with_what_they_carry(raw, payload):
    raw.send(frame(FIN | PING, payload))
    raw.expect(FIN | PONG, payload)


def test_many_pings_are_answered_in_order(raw):
    raw.send(*[frame(FIN | PING, b"%d" % i) for i in range(100)])
    for i in range(100):
        raw.expect(FIN | PONG, b"%d" % i)


def test_pongs_nobody_asked_for_are_ignored(raw):
    raw.send(frame(FIN | PONG, b"x"), frame(FIN | PONG), frame(FIN | PING))
    raw.expect(FIN | PONG, b"")


@pytest.mark.parametrize("bad", [
    frame(FIN | PING, b"x" * 126), frame(PING), frame(PONG), frame(CLOSE),
    frame(FIN | CLOSE, b"\x03\xe8" + b"x" * 124),
    *[frame(FIN | bits | op) for bits in (0x40, 0x20, 0x10, 0x70)
      for op in (TEXT, PING, CLOSE)],
    *[frame(FIN | op) for op in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    frame(FIN | CONT, b"x"), frame(CONT, b"x"),
    frame(TEXT, b"a") + frame(FIN | TEXT, b"b"),
    frame(TEXT, b"a") + frame(BINARY, b"b"),
    b"\x81\x05hello", b"\x89\x00",
    b"\x81\xfe\x00\x05\x00\x00\x00\x00hello",
    b"\x81\xff" + struct.pack(">Q", 5) + b"\x00\x00\x00\x00hello",
    b"\x81\xff" + struct.pack(">Q", 1 << 63) + b"\x00\x00\x00\x00hello",
], ids=lambda b: b[:4].hex())
def test_broken_framing_is_1002(raw, bad):
    raw.send(frame(FIN | TEXT, b"before"))
    raw.expect(FIN | TEXT, b"before")
    raw.send(bad)
    raw.expect_close(1002)


def test_fragments_are_put_together(raw):
    raw.send(frame(TEXT, b"one "), frame(CONT, b"two "),
             frame(FIN | PING, b"between"), frame(CONT),
             frame(FIN | CONT, b"three"))
    raw.expect(FIN | PONG, b"between")
    raw.expect(FIN | TEXT, b"one two three")
    raw.send(frame(BINARY, b"\xff"), frame(FIN | CONT))
    raw.expect(FIN | BINARY, b"\xff")


def test_an_empty_message_in_fragments_is_a_message(raw):
    raw.send(frame(TEXT), frame(CONT), frame(FIN | CONT))
    raw.expect(FIN | TEXT, b"")


def test_random_pieces_keep_their_text(raw):
    random.seed(7)
    text = "".join(chr(random.choice([0x41, 0xe9, 0x4e16, 0x1f600]))
                   for _ in range(5000)).encode()
    at, frames = 0, []
    while at < len(text):
        n = random.randint(0, 40)
        op = TEXT if not frames else CONT
        frames.append(frame(op, text[at:at + n], random.randbytes(4)))
        at += n
    raw.send(*frames, frame(FIN | CONT))
    raw.expect(FIN | TEXT, text)


GOOD_UTF8 = [
    "\u03ba\u1f79\u03c3\u03bc\u03b5", "\x00", "\x7f", "\x80", "\u07ff",
    "\u0800", "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff",
    "\U00010000", "\U0010ffff",
]
BAD_UTF8 = [
    b"\x80", b"\xbf", b"\xc0", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3\x28",
    b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe2\x82", b"\xed\xa0\x80",
    b"\xed\xaf\xbf\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf",
    b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
]


@pytest.mark.parametrize("text", GOOD_UTF8, ids=ascii)
def test_valid_text_comes_back_however_it_is_cut(raw, text):
    data = text.encode()
    raw.send(frame(FIN | TEXT, data))
    raw.expect(FIN | TEXT, data)
    raw.send(frame(TEXT), *[frame(CONT, bytes([b])) for b in data],
             frame(FIN | CONT))
    raw.expect(FIN | TEXT, data)


@pytest.mark.parametrize("data", BAD_UTF8, ids=bytes.hex)
@pytest.mark.parametrize("cut", [False, True])
def test_invalid_text_is_1007(raw, data, cut):
    if cut:
        raw.send(frame(TEXT, b"ok"), *[frame(CONT, bytes([b])) for b in data],
                 frame(FIN | CONT))
    else:
        raw.send(frame(FIN | TEXT, data))
    raw.expect_close(1007)


def test_invalid_text_is_refused_before_the_message_ends(raw):
    raw.send(frame(TEXT, b"\xce\xba\xe1\xbd\xb9\xcf\x83"))
    raw.send(frame(CONT, b"\xf4\x90"))
    raw.expect_close(1007)


def test_and_within_a_frame_that_is_not_complete(raw):
    whole = frame(FIN | TEXT, b"\xf4\x90" + b"x" * 100)
    raw.send(whole[:8])
    raw.expect_close(1007)


@pytest.mark.parametrize("code", [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000,
    4999])
def test_good_close_codes_are_echoed(raw, code):
    raw.send(close_frame(code, b"because"))
    raw.expect_close(code)


@pytest.mark.parametrize("code", [
    0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_bad_close_codes_are_1002(raw, code):
    raw.send(close_frame(code))
    raw.expect_close(1002)


def test_a_close_may_be_empty(raw):
    raw.send(frame(FIN | CLOSE))
    raw.expect_close(None)


def test_half_a_code_is_1002(raw):
    raw.send(frame(FIN | CLOSE, b"\x03"))
    raw.expect_close(1002)


def test_a_reason_that_is_no_text_is_1007(raw):
    raw.send(close_frame(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xed\xa0\x80"))
    raw.expect_close(1007)


def test_the_longest_reason_is_taken(raw):
    raw.send(close_frame(1000, b"x" * 123))
    raw.expect_close(1000)


def test_after_the_close_nothing_is_answered(raw):
    raw.send(close_frame(1000), frame(FIN | PING, b"late"),
             frame(FIN | TEXT, b"late"), close_frame(1000))
    raw.expect_close(1000)


def test_what_stood_before_the_close_is_answered_first(raw):
    raw.send(frame(FIN | TEXT, b"x" * 100000), frame(FIN | PING, b"p"),
             close_frame(1000))
    raw.expect(FIN | TEXT, b"x" * 100000)
    raw.expect(FIN | PONG, b"p")
    raw.expect_close(1000)


def test_a_close_does_not_wait_for_an_unfinished_message(raw):
    raw.send(frame(TEXT, b"never ended"), close_frame(1000))
    raw.expect_close(1000)


@pytest.mark.parametrize("each", [64, 4096, 65536])
def test_four_megabytes_in_fragments(raw, each):
    data = random.Random(each).randbytes(1 << 22)
    pieces = [data[i:i + each] for i in range(0, len(data), each)]
    raw.send(frame(BINARY, pieces[0]),
             *[frame(CONT, p) for p in pieces[1:-1]],
             frame(FIN | CONT, pieces[-1]))
    raw.expect(FIN | BINARY, data)


def test_sixteen_megabytes_are_the_most(raw):
    raw.send(frame(FIN | BINARY, b"x" * (1 << 24)))
    raw.expect(FIN | BINARY, b"x" * (1 << 24))
    raw.send(b"\x82\xff" + struct.pack(">Q", (1 << 24) + 1) + b"\0\0\0\0")
    raw.expect_close(1009)


def test_a_plain_request_is_no_handshake(port):
    with socket.create_connection(("127.0.0.1", port), WAIT) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert s.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_a_library_of_other_hands_agrees(port):
    async def talk():
        url = f"ws://127.0.0.1:{port}/"
        async with websockets.connect(url, max_size=None) as ws:
            for message in ("hi", "", "\u4e16" * 70000, b"\x00" * 70000):
                await ws.send(message)
                assert await ws.recv() == message
            await ws.send(iter(["in ", "three ", "parts"]))
            assert await ws.recv() == "in three parts"
            await asyncio.wait_for(await ws.ping(), WAIT)
            await ws.close(4000, "enough")
        assert ws.close_code == 4000

    asyncio.run(talk())


def test_the_library_with_its_compression_on_gets_none(port):
    async def talk():
        async with websockets.connect(
                f"ws://127.0.0.1:{port}/", compression="deflate") as ws:
            assert ws.extensions == []
            await ws.send("plain")
            assert await ws.recv() == "plain"

    asyncio.run(talk())


def test_many_at_once(port):
    async def one(i):
        async with websockets.connect(f"ws://127.0.0.1:{port}/") as ws:
            for n in range(10):
                await ws.send(f"{i}.{n}")
                assert await ws.recv() == f"{i}.{n}"

    async def all_of_them():
        await asyncio.gather(*[one(i) for i in range(100)])

    asyncio.run(all_of_them())
