# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP over real sockets, against the echo program on our own layer.

Cast: http-echo, which answers what it understood; raw sockets that send what
no honest client would; Python's own client and TLS as the honest ones.
"""
import http.client
import json
import os
import pathlib
import select
import socket
import ssl
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("USHER_BUILD", ROOT / "build")).resolve()
PROGRAM = str(BUILD / "tests/server/http-echo")
WAIT = 10  # seconds for anything that must happen; nothing waits this long

# Old versions of TLS are offered on purpose: to see them refused.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")


class Echo:
    def __init__(self, *args):
        self.process = subprocess.Popen(
            [PROGRAM, "0", *args], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def dial(self):
        s = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def stop(self):
        self.process.terminate()
        assert self.process.wait(WAIT) == 0
        self.process.stdout.close()


@pytest.fixture(scope="module")
def echo():
    e = Echo()
    yield e
    e.stop()


def read_all(s):
    """Everything until the server shuts its side; fails if it resets."""
    data = b""
    while True:
        piece = s.recv(65536)
        if not piece:
            return data
        data += piece


def read_answer(f, head=False):
    """Status, fields and body of one answer; None at the end."""
    line = f.readline()
    if not line:
        return None
    version, status = line.split(b" ", 2)[:2]
    assert version == b"HTTP/1.1"
    fields = {}
    while (line := f.readline()) != b"\r\n":
        assert line.endswith(b"\r\n")
        name, value = line[:-2].split(b": ", 1)
        fields[name.lower().decode()] = value.decode()
    length = 0 if head else int(fields.get("content-length", 0))
    return int(status), fields, f.read(length)


def ask(echo, *pieces):
    """Sends the pieces one by one and gives back all that is answered."""
    with echo.dial() as s:
        for piece in pieces:
            s.sendall(piece)
        s.shutdown(socket.SHUT_WR)
        return read_all(s)


HOST = b"Host: a.example\r\n"
POST = b"POST /x HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n"

# The table every common server was tried against; right is 400 and the end.
SMUGGLING = {
    "length and chunked": POST + b"Content-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked and length": POST + b"Transfer-Encoding: gzip, chunked\r\n"
        b"Content-Length: 5\r\n\r\nhello",
    "xchunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"
        b"hello",
    "equal lengths": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n"
        b"hello",
    "plus length": POST + b"Content-Length: +5\r\n\r\nhello",
    "blank before colon": POST + b"Content-Length : 5\r\n\r\nhello",
    "folded field": POST + b"X: a\r\n b\r\n\r\n",
    "NUL in value": POST + b"X: a\0b\r\n\r\n",
    "CR in value": POST + b"X: a\rb\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: a\n\n",
    "empty name": POST + b": x\r\n\r\n",
    "0x chunk size": CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n",
    "-0x chunk size": CHUNKED + b"-0x0\r\n\r\n",
    "bare LF after chunk": CHUNKED + b"5\r\nhello\n0\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "chunked in 1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\n",
    "absolute form": b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "climbing path": b"GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLING)
def test_smuggling_is_refused_and_nothing_behind_it_read(echo, name):
    got = ask(echo, SMUGGLING[name] + NEXT)
    assert got.startswith(b"HTTP/1.1 400 ")
    assert got.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close\r\n" in got
    assert b"smuggled" not in got


@pytest.mark.parametrize("name", SMUGGLING)
def test_bytewise_it_is_the_same(echo, name):
    text = SMUGGLING[name] + NEXT
    got = ask(echo, *[text[i:i + 1] for i in range(len(text))])
    assert got.startswith(b"HTTP/1.1 400 ")
    assert got.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("request_line,status", [
    (b"BREW / HTTP/1.1", 501),
    (b"TRACE / HTTP/1.1", 501),
    (b"GET /" + b"a" * 8192 + b" HTTP/1.1", 414),
    (b"GET / HTTP/1.1\r\nExpect: tea", 417),
    (b"GET / HTTP/1.1\r\nX: " + b"a" * 16384, 431),
    (b"GET / HTTP/1.1" + b"\r\nX: y" * 65, 431),
    (b"POST / HTTP/1.1\r\nContent-Length: 1048577", 413),
])
def test_other_refusals_have_their_status(echo, request_line, status):
    got = ask(echo, request_line + b"\r\n" + HOST + b"\r\n")
    assert got.startswith(b"HTTP/1.1 %d " % status)


def test_a_refusal_reaches_a_peer_that_is_still_sending(echo):
    """Without draining, the reset would overtake the answer."""
    with echo.dial() as s:
        s.sendall(b"BAD\r\n\r\n" + b"x" * 40000)
        assert read_all(s).startswith(b"HTTP/1.1 400 ")


def test_pipelined_requests_are_answered_in_order(echo):
    with echo.dial() as s:
        for i in range(200):
            s.sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i)
        f = s.makefile("rb")
        for i in range(200):
            status, _, body = read_answer(f)
            assert status == 200
            assert json.loads(body)["target"] == "/%d" % i


def crowd(s, requests):
    """More than one turn serves and more than the server keeps at once."""
    answers = s.makefile("rb")
    text = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n" % i
        + b"z" * 30000 for i in range(requests))
    writer = threading.Thread(target=s.sendall, args=(text,))
    writer.start()
    for i in range(requests):
        answer = json.loads(read_answer(answers)[2])
        assert answer["target"] == "/%d" % i
        assert answer["body"] == "z" * 30000
    writer.join()


def test_a_crowd_of_pipelined_bodies(echo):
    with echo.dial() as s:
        crowd(s, 300)


def test_small_requests_in_one_write(echo):
    with echo.dial() as s:
        s.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i
                           for i in range(999)))
        f = s.makefile("rb")
        for i in range(999):
            assert json.loads(read_answer(f)[2])["target"] == "/%d" % i


def test_bodies_come_in_both_forms(echo):
    c = http.client.HTTPConnection("127.0.0.1", echo.port, timeout=WAIT)
    for body, chunked in ((b"plain", False), (iter([b"in ", b"two"]), True)):
        c.request("POST", "/x", body, encode_chunked=chunked)
        answer = json.loads(c.getresponse().read())
        assert answer["body"] == ("in two" if chunked else "plain")
    c.request("PUT", "/big", b"x" * 1048576)
    r = c.getresponse()
    assert r.status == 200
    assert len(json.loads(r.read())["body"]) == 1048576
    c.close()


def test_head_has_no_body_and_the_connection_goes_on(echo):
    with echo.dial() as s:
        s.sendall(b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"
                  b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        f = s.makefile("rb")
        status, fields, _ = read_answer(f, head=True)
        assert status == 200 and int(fields["content-length"]) > 0
        assert json.loads(read_answer(f)[2])["target"] == "/b"


def test_every_answer_has_its_fields(echo):
    with echo.dial() as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _, fields, _ = read_answer(s.makefile("rb"))
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["cache-control"] == "no-store"
    assert fields["content-type"] == "application/json"
    assert fields["date"].endswith(" GMT")
    assert "connection" not in fields


def test_expect_100_continue(echo):
    with echo.dial() as s:
        f = s.makefile("rb")
        s.sendall(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert f.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert f.readline() == b"\r\n"
        s.sendall(b"ok")
        assert json.loads(read_answer(f)[2])["body"] == "ok"


def test_who_shuts_his_side_still_gets_all_answers(echo):
    got = ask(echo, b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                    b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert got.count(b"HTTP/1.1 200 OK") == 2


def test_connection_close_closes(echo):
    with echo.dial() as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got = read_all(s)
    assert b"\r\nConnection: close\r\n" in got


def test_http_1_0(echo):
    with echo.dial() as s:
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert read_all(s).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_thousand_requests_are_the_most(echo):
    one = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with echo.dial() as s:
        f = s.makefile("rb")
        for i in range(1, 1001):
            s.sendall(one)
            _, fields, _ = read_answer(f)
            assert ("connection" in fields) == (i == 1000)
        assert f.read() == b""


def test_many_connections_at_once(echo):
    sockets = [echo.dial() for _ in range(300)]
    for i, s in enumerate(sockets):
        s.sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i)
    for i, s in enumerate(sockets):
        assert json.loads(read_answer(s.makefile("rb"))[2])["target"] == (
            "/%d" % i)
        s.close()


# ---- TLS --------------------------------------------------------------------

@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    d = tmp_path_factory.mktemp("tls")
    cert, key = str(d / "cert.pem"), str(d / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
         "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost"],
        check=True, stderr=subprocess.DEVNULL)
    return cert, key


@pytest.fixture(scope="module")
def secure(certificate):
    e = Echo(*certificate)
    yield e
    e.stop()


def tls_context(certificate):
    c = ssl.create_default_context(cafile=certificate[0])
    c.minimum_version = ssl.TLSVersion.TLSv1
    c.set_ciphers("ALL:@SECLEVEL=0")
    return c


def tls_ask(s):
    s.sendall(b"GET /over/tls HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return json.loads(read_answer(s.makefile("rb"))[2])["target"]


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_answers(secure, certificate, version):
    c = tls_context(certificate)
    c.minimum_version = c.maximum_version = ssl.TLSVersion[version]
    c.set_alpn_protocols(["h2", "http/1.1"])
    with c.wrap_socket(secure.dial(), server_hostname="localhost") as s:
        assert s.version() == version.replace("_", ".")
        assert s.selected_alpn_protocol() == "http/1.1"
        assert tls_ask(s) == "/over/tls"


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_tls_is_refused(secure, certificate, version):
    c = tls_context(certificate)
    c.maximum_version = ssl.TLSVersion[version]
    with pytest.raises((ssl.SSLError, ConnectionError)):
        c.wrap_socket(secure.dial(), server_hostname="localhost")


@pytest.mark.parametrize("ciphers", [
    "AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256",
    "DHE-RSA-AES128-GCM-SHA256"])
def test_other_ciphers_are_refused(secure, certificate, ciphers):
    c = tls_context(certificate)
    c.maximum_version = ssl.TLSVersion.TLSv1_2
    c.set_ciphers(ciphers + ":@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        c.wrap_socket(secure.dial(), server_hostname="localhost")


def test_alpn_without_http_1_1_is_refused(secure, certificate):
    c = tls_context(certificate)
    c.set_alpn_protocols(["h2"])
    with pytest.raises((ssl.SSLError, ConnectionError)):
        c.wrap_socket(secure.dial(), server_hostname="localhost")


def test_a_session_is_resumed(secure, certificate):
    c = tls_context(certificate)
    with c.wrap_socket(secure.dial(), server_hostname="localhost") as s:
        tls_ask(s)
        session = s.session
    with c.wrap_socket(
            secure.dial(), server_hostname="localhost", session=session) as s:
        assert tls_ask(s) == "/over/tls"
        assert s.session_reused


def test_plain_http_on_the_tls_port_is_closed(secure):
    with secure.dial() as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert not read_all(s).startswith(b"HTTP/")


def test_tls_bytewise_and_large(secure, certificate):
    c = tls_context(certificate)
    with c.wrap_socket(secure.dial(), server_hostname="localhost") as s:
        for byte in b"GET /over/tls HTTP/1.1\r\nHost: localhost\r\n\r\n":
            s.sendall(bytes([byte]))
        f = s.makefile("rb")
        assert json.loads(read_answer(f)[2])["target"] == "/over/tls"
        s.sendall(POST + b"Content-Length: 1000000\r\n\r\n" + b"y" * 1000000)
        assert len(json.loads(read_answer(f)[2])["body"]) == 1000000


def test_a_crowd_of_pipelined_bodies_over_tls(secure, certificate):
    """What OpenSSL has read already must not be forgotten in a pause."""
    c = tls_context(certificate)
    with c.wrap_socket(secure.dial(), server_hostname="localhost") as s:
        s.sendall(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i
                           for i in range(900)))
        f = s.makefile("rb")
        for i in range(900):
            assert json.loads(read_answer(f)[2])["target"] == "/%d" % i


def test_many_handshakes_at_once_all_get_through(secure, certificate):
    """More than the budget of one turn, all waiting at the same time."""
    context = tls_context(certificate)
    waiting = {}
    for _ in range(60):
        s = secure.dial()
        s.setblocking(False)
        t = context.wrap_socket(
            s, server_hostname="localhost", do_handshake_on_connect=False)
        waiting[t.fileno()] = t
    while waiting:
        for fd in list(waiting):
            t = waiting[fd]
            try:
                t.do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
            t.setblocking(True)
            t.settimeout(WAIT)
            assert tls_ask(t) == "/over/tls"
            t.close()
            del waiting[fd]
        if waiting:
            assert select.select(list(waiting), [], [], WAIT)[0]


def test_tls_ends_with_close_notify(secure, certificate):
    c = tls_context(certificate)
    c.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    with c.wrap_socket(
            secure.dial(), server_hostname="localhost",
            suppress_ragged_eofs=False) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert read_all(s).startswith(b"HTTP/1.1 200 OK")


def test_the_end_in_one_packet_with_a_request_is_seen(secure, certificate):
    """OpenSSL reads both at once, and the socket speaks of neither again."""
    to_us, to_them = ssl.MemoryBIO(), ssl.MemoryBIO()
    t = tls_context(certificate).wrap_bio(
        to_us, to_them, server_hostname="localhost")
    with secure.dial() as s:
        while True:
            try:
                t.do_handshake()
                break
            except ssl.SSLWantReadError:
                s.sendall(to_them.read())
                to_us.write(s.recv(65536))
        t.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(ssl.SSLWantReadError):
            t.unwrap()
        s.sendall(to_them.read())
        assert len(read_all(s)) > 0
