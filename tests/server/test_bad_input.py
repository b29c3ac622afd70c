# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever comes in by a socket, the house stands and its log is unmoved.

Cast: strangers at each of the four doors (pages, agents, gateway, control)
with lines too long, too deep, cut off, twisted and repeated. Plot: each gets
an error or a closed door; right after it, everybody else is served as before.
"""

import json
import random
import socket
import ssl

import pytest

from conftest import (GATEWAY_TOKEN, AgentClient, Chat, Deadline, Gateway,
                      Lines, Refused)

LINE_MAX = 64 * 1024

BAD_LINES = [
    b"\n",
    b"hello\n",
    b"{\n",
    b"[]\n",
    b"null\n",
    b"42\n",
    b'"text"\n',
    b"{}\n",
    b'{"id":"1"}\n',
    b'{"cmd":"ping"}\n',
    b'{"id":1,"cmd":"ping"}\n',
    b'{"id":"1","cmd":"no-such-command"}\n',
    b'{"id":"1","cmd":"ping","more":1}\n',
    b'{"id":"1","id":"2","cmd":"ping"}\n',
    b'{"id":"1","cmd":"ping"} {"id":"2","cmd":"ping"}\n',
    b'{"id":"1","cmd":"login","name":"maria","password":"\xff\xfe"}\n',
    b'{"id":"1","cmd":"login","name":"\\ud800","password":"x"}\n',
    b'{"id":"1","cmd":"login","name":"a\\u0000b","password":"x"}\n',
    b'{"id":"1","cmd":"login","name":"maria","password":null}\n',
    b'{"id":"1","cmd":"login","name":"maria","last_seq":1e400}\n',
    b'{"id":"1","cmd":"login","name":"maria","last_seq":-1}\n',
    b'{"id":"1","cmd":"login","last_seq":99999999999999999999}\n',
    b"[" * 5000 + b"\n",
    b'{"a":' * 40 + b"1" + b"}" * 40 + b"\n",
    b'{"id":"1","cmd":"' + b"x" * 40000 + b'"}\n',
    b'{"id":"' + b"x" * 5000 + b'","cmd":"ping"}\n',
    b"[" + b"1," * 20000 + b"1]\n",
    b"\x00\x01\x02\x03\n",
    b"\xef\xbb\xbf{}\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
]


def dial_agents(centre):
    context = ssl.create_default_context(cafile=centre.dir / "cert.pem")
    raw = socket.create_connection(("127.0.0.1", centre.agents))
    return Lines(context.wrap_socket(raw, server_hostname="localhost"))


def dial_gateway(centre):
    return Lines(socket.create_connection(
        ("127.0.0.1", centre.gateway_port)))


def seq(centre):
    return centre.ctl("status")["status"]["router"]["seq"]


def answer_or_close(lines):
    """What a bad line leads to: an error, or None for a closed door."""
    answer = lines.read(Deadline(), "an answer to a bad line")
    if answer is not None:
        assert answer.get("ok") is not True, answer
        assert "error" in answer or answer.get("type") in (
            "closing", "refused"), answer
    return answer


def http_raw(centre, data, half_close=True):
    """Sends bytes as they are; returns all that comes back."""
    with socket.create_connection(("127.0.0.1", centre.pages)) as sock:
        try:
            sock.sendall(data)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # refused before it was all said
        answer = b""
        deadline = Deadline()
        while True:
            sock.settimeout(deadline.left("the end of the answer"))
            try:
                more = sock.recv(65536)
            except ConnectionError:
                return answer
            if not more:
                return answer
            answer += more


def status_of(answer):
    return int(answer.split(b" ")[1]) if answer else 0


# ---- lines ----

@pytest.mark.parametrize("line", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_of_a_stranger_is_refused(centre, line):
    before = seq(centre)
    doors = [dial_agents(centre), dial_gateway(centre),
             centre.control()]
    for lines in doors:
        lines.send_raw(line + b'{"id":"end","cmd":"nothing"}\n')
        answer_or_close(lines)
        lines.close()
    assert seq(centre) == before


def test_a_bad_line_of_an_agent_costs_the_agent_nothing(centre):
    maria = centre.ready("maria")
    for line in BAD_LINES:
        if len(line) < LINE_MAX and b"login" not in line and \
                b"HTTP" not in line:
            maria.lines.send_raw(line)
    assert maria.do("ping")["ok"]


def test_a_line_without_end_is_cut_off(centre):
    for lines in (dial_agents(centre), dial_gateway(centre),
                  centre.control()):
        closed = False
        try:
            for _ in range(40):
                lines.send_raw(b"x" * 65536)
            while lines.read(Deadline(), "the close") is not None:
                pass
            closed = True
        except (ConnectionError, ssl.SSLError, json.JSONDecodeError):
            closed = True
        assert closed
        lines.close()
    assert centre.ctl("ping")["ok"]


def test_what_is_cut_off_is_forgotten(centre):
    for _ in range(20):
        dial_gateway(centre).sock.close()
        half = dial_gateway(centre)
        half.send_raw(b'{"hello":"usher-gate')
        half.close()
        raw = socket.create_connection(("127.0.0.1", centre.agents))
        raw.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        raw.close()
        raw = socket.create_connection(("127.0.0.1", centre.pages))
        raw.sendall(b"POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 100\r\n\r\n{\"text\":")
        raw.close()
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 0
    assert centre.agent("maria").do("ping")["ok"]


def test_the_same_command_twice_is_done_once(centre):
    maria = centre.ready("maria")
    chat = centre.chat("refund")
    offer = maria.expect("offer")
    maria.do("accept", offer=offer["offer"])
    first = maria.do("send", id="same", contact=chat.contact, text="once")
    again = maria.do("send", id="same", contact=chat.contact, text="once")
    assert again == first
    messages = centre.ctl("show", contact=chat.contact)["record"]["messages"]
    assert [m["text"] for m in messages] == ["refund", "once"]


def test_commands_before_the_login_and_above_the_role_are_refused(centre):
    stranger = AgentClient(centre, "maria", login=False)
    for cmd in ("status", "contacts", "people", "state"):
        with pytest.raises(Refused) as refused:
            stranger.do(cmd)
        assert refused.value.error in ("auth", "unknown-field", "invalid")
    stranger.close()
    maria = centre.agent("maria")
    for cmd, fields in (("people", {}), ("reload", {}), ("status", {}),
                        ("person-add", {"name": "eve", "role": "admin"})):
        with pytest.raises(Refused) as refused:
            maria.do(cmd, **fields)
        assert refused.value.error == "denied"


def test_a_wrong_password_and_an_unknown_name_look_the_same(centre):
    answers = []
    for name in ("maria", "nobody-of-this-name"):
        stranger = AgentClient(centre, "maria", login=False)
        with pytest.raises(Refused) as refused:
            stranger.do("login", name=name, password="not the password")
        answers.append({k: v for k, v in refused.value.answer.items()})
        stranger.close()
    assert answers[0] == answers[1]
    assert answers[0]["error"] == "auth"


def test_rubbish_from_a_seed_moves_nothing(centre):
    chance = random.Random(20261122)
    before = seq(centre)
    for _ in range(60):
        blob = chance.randbytes(chance.randrange(1, 3000))
        for dial in (lambda: dial_agents(centre),
                     lambda: dial_gateway(centre),
                     centre.control):
            lines = dial()
            try:
                lines.send_raw(blob + b"\n")
            except (ConnectionError, ssl.SSLError):
                pass
            lines.close()
        http_raw(centre, blob)
    assert seq(centre) == before


# ---- the gateway's door ----

def test_lines_of_a_gateway_about_nothing_are_errors(centre):
    gateway = centre.gateway()
    for kind, fields in (
            ("talking", {"call": "ghost", "offer": "o1"}),
            ("ringing", {"call": "ghost", "offer": "o99999999"}),
            ("caller-left", {"call": "ghost"}),
            ("done", {"order": 424242}),
            ("failed", {"order": 1, "reason": "busy"}),
            ("device", {"address": "SIP/unknown", "state": "idle"}),
            ("device", {"address": "PJSIP/2001", "state": "asleep"}),
            ("arrive", {"call": "x" * 4000}),
            ("no-such-kind", {})):
        gateway.say(kind, **fields)
    gateway.say("ping")
    gateway.expect("pong")
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 0


def test_a_call_that_arrives_twice_is_one_contact(centre):
    gateway = centre.gateway()
    contacts = []
    for _ in range(2):
        gateway.say("arrive", call="twice", to="+33155501010",
                    **{"from": "+351912345678"})
        contacts.append(gateway.expect("arrived", call="twice")["contact"])
    assert contacts[0] == contacts[1]
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 1


def test_before_hello_a_gateway_is_nobody(centre):
    lines = dial_gateway(centre)
    lines.send({"type": "arrive", "call": "c", "to": "+33155501010"})
    answer_or_close(lines)
    lines.close()
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 0


def test_a_newer_gateway_of_the_same_name_takes_over(centre):
    old = centre.gateway()
    new = centre.gateway()
    assert old.expect("error")["error"] == "stale"
    new.say("ping")
    new.expect("pong")
    assert GATEWAY_TOKEN not in centre.log()


# ---- pages ----

@pytest.mark.parametrize("request_bytes,status", [
    (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host
    (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400),
    (b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    (b"POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
     b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
    (b"POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
     b"Content-Length: +2\r\n\r\n{}", 400),
    (b"POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
     b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    (b"POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
     b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 400),
    (b"POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
     b"Content-Length: 99999999\r\n\r\n", 413),
    (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 20000 + b"\r\n\r\n", 431),
    (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
])
def test_doubtful_framing_is_refused_and_closed(
        centre, request_bytes, status):
    answer = http_raw(centre, request_bytes + b"GET / HTTP/1.1\r\n"
                      b"Host: smuggled\r\n\r\n")
    assert status_of(answer) == status
    assert answer.count(b"HTTP/1.1 ") == 1  # nothing after it was heard


@pytest.mark.parametrize("body,status", [
    ("", 400), ("{", 400), ("[]", 400), ("{}", 400),
    ('{"text":"x"}', 400),
    ('{"text":"x","key":""}', 400),
    ('{"text":"x","key":"k","nonsense":1}', 400),
    ('{"text":"x","text":"y","key":"k"}', 400),
    ('{"text":1,"key":"k"}', 400),
    ('{"text":"x","key":"k","attributes":{"a":1}}', 400),
    ('{"text":"x","key":"k","attributes":[]}', 400),
    ('{"text":"x","key":"%s"}' % ("k" * 5000), 400),
    ('{"text":"%s","key":"k"}' % ("x" * 60000), None),
    ('{"text":"x","key":"k","identity":"forged.forged"}', None),
])
def test_a_chat_that_is_none_is_refused(centre, body, status):
    got, fields, answer = centre.http(
        "POST", "/v1/main/chat/site", body,
        headers={"Content-Type": "application/json"})
    assert 400 <= got < 500
    assert status is None or got == status, answer
    assert fields["Content-Type"] == "application/problem+json"
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 0


def test_a_page_that_is_not_listed_may_not_open_a_chat(centre):
    for origin, status in (("https://acme.example", 201),
                           ("https://evil.example", 403), ("null", 403)):
        got, _, _ = centre.http(
            "POST", "/v1/main/chat/site", {"text": "x", "key": origin},
            headers={"Origin": origin})
        assert got == status, origin


def test_a_token_is_good_for_its_own_chat_only(centre):
    one, two = centre.chat("mine"), centre.chat("yours")
    for token in (one.token, one.token[:-1], "", "c2.0.AAAA",
                  one.token.replace(one.contact, two.contact)):
        status, _, body = centre.http(
            "GET", f"{two.path}/{two.contact}/messages", token=token)
        assert status == 401
        assert b"yours" not in body


def test_paths_that_lead_nowhere(centre):
    for path, status in (("/v1/other/chat/site", 404),
                         ("/v1/main/chat/nowhere", 404),
                         ("/v1/main/nothing", 404),
                         ("/v1/main/chat/help", 404)):
        assert centre.http("POST", path, {"text": "x", "key": "k"})[0] == \
            status, path
    status, fields, _ = centre.http("DELETE", "/v1/main/chat/site")
    assert status == 405 and "POST" in fields["Allow"]


# ---- crowds ----

def test_a_crowd_of_silent_strangers_does_not_shut_agents_out(centre):
    maria = centre.ready("maria")
    crowd = []
    for _ in range(70):
        crowd.append(socket.create_connection(
            ("127.0.0.1", centre.pages), 5))
    assert maria.do("ping")["ok"]
    assert centre.ctl("ping")["ok"]
    status = centre.ctl("status")["status"]["net"]
    assert status["refused_limit"] + status["refused_address"] >= 70 - 50
    for sock in crowd:
        sock.close()
    deadline = Deadline()
    while True:  # the server sees the hang-ups one by one
        deadline.left("room for a customer")
        try:
            Chat(centre, "refund", "after the crowd")
            break
        except (ConnectionError, OSError):
            continue
    maria.expect("offer")


def test_a_silent_peer_is_sent_away(centre, request):
    if not request.config.getoption("--long"):
        pytest.skip("takes five seconds: --long")
    lines = dial_agents(centre)
    assert lines.read(Deadline(15), "the end of patience") is None
    stranger = Gateway(centre)
    stranger.welcome()
    stranger.close()
