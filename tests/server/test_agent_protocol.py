# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent protocol as doc/protocol.md and its schema say, on a real server.

Cast: maria (billing 80, support 40) and joe (support 80), agents; lena, a
supervisor; anna, an admin who is no agent; customers with a chat window.
Every message that comes is checked against the schema, and so is every
command the tests send, unless it is meant to be wrong.
"""

import json
import re
import subprocess
import sys

import jsonschema
import pytest

from conftest import PASSWORDS, ROOT, Deadline, Refused

SCHEMA = json.loads(
    (ROOT / "doc/schema/agent-protocol.schema.json").read_text())


def checker(name):
    return jsonschema.Draft202012Validator(
        {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"],
         "$ref": f"#/$defs/{name}"})


CHECKERS = {}


def check(message, kind):
    name = f"{kind}_{message['type' if kind == 'frame' else 'cmd']}"
    if name not in CHECKERS:
        CHECKERS[name] = checker(name)
    errors = [f"{list(e.absolute_path)}: {e.message}"
              for e in CHECKERS[name].iter_errors(message)]
    assert not errors, f"{message}\n" + "\n".join(errors)


def strict(agent):
    """Checks whatever this client hears."""
    receive = agent.receive

    def checked(deadline, what):
        message = receive(deadline, what)
        if message is not None:
            check(message, "frame")
        return message

    agent.receive = checked
    return agent


def do(client, cmd, **fields):
    check({"id": "1", "cmd": cmd, **fields}, "command")
    return client.do(cmd, **fields)


def sign_in(centre, name, **fields):
    agent = strict(centre.agent(name, login=False))
    agent.login = do(agent, "login", name=name, password=PASSWORDS[name],
                     **fields)
    return agent


def ready(centre, name):
    agent = sign_in(centre, name)
    agent.expect("snapshot")
    do(agent, "state", state="ready")
    return agent


def take(agent, contact):
    offer = agent.expect("offer", contact=contact)
    do(agent, "accept", offer=offer["offer"])
    agent.expect("contact", contact=contact, state="active")
    return offer


def refusal(client, cmd, **fields):
    with pytest.raises(Refused) as refused:
        client.do(cmd, **fields)
    return refused.value.error


def until_closed(agent):
    deadline = Deadline()
    while True:
        message = agent.receive(deadline, "the end")
        if message is None:
            return
        agent.frames.append(message)


# ---- the documents ----

def test_the_schema_itself_is_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def examples():
    """Every JSON object in the document's blocks; ".." stands for a time."""
    text = (ROOT / "doc/protocol.md").read_text()
    decoder = json.JSONDecoder()
    for block in re.findall(r"```json\n(.*?)```", text, re.S):
        rest = block.replace('".."', '"2026-11-22T02:44:31.123Z"').strip()
        while rest:
            message, end = decoder.raw_decode(rest)
            yield message
            rest = rest[end:].strip()


def test_every_example_of_the_document_fits_the_schema():
    frames = set()
    for message in examples():
        if "cmd" in message:
            check(message, "command")
        elif "type" in message:
            frames.add(message["type"])
            if message["type"] != "snapshot":  # shown in short
                check(message, "frame")
    named = {n.removeprefix("frame_") for n in SCHEMA["$defs"]
             if n.startswith("frame_")}
    assert frames == named


def test_every_command_of_the_server_is_in_schema_and_document(centre):
    text = (ROOT / "doc/protocol.md").read_text()
    for name in SCHEMA["$defs"]:
        if not name.startswith("command_"):
            continue
        cmd = name.removeprefix("command_")
        assert f"`{cmd}" in text, cmd
        error = None
        try:
            centre.ctl(cmd, nonsense=1)
        except Refused as refused:
            error = refused.error
        # It exists: it is refused for its field, its role or its caller.
        assert error in ("unknown-field", "denied"), (cmd, error)


def test_the_client_of_the_document_serves_a_customer(centre):
    client = subprocess.Popen(
        [sys.executable, "-u", ROOT / "doc/client.py", "localhost",
         str(centre.agents), "cert.pem", "joe", PASSWORDS["joe"]],
        cwd=centre.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        chat = centre.chat("hello")
        chat.hear("Hello, I am joe.")
        deadline = Deadline()
        while centre.ctl("show", contact=chat.contact)["record"][
                "state"] != "ended":
            deadline.left("the end of the contact")
    finally:
        client.kill()
        out, err = client.communicate()
    assert not err, err
    assert b"offer " in out


# ---- signing in ----

def test_the_login_tells_all_a_client_needs(centre):
    maria = sign_in(centre, "maria")
    assert maria.login["protocol"] == 1
    assert maria.login["heartbeat"] == 25
    assert maria.login["role"] == "agent"
    assert len(maria.login["token"]) == 43
    snapshot = maria.expect("snapshot")
    assert snapshot["agent"]["name"] == "maria"
    assert snapshot["agent"]["skills"] == {"billing": 80, "support": 40}
    assert snapshot["contacts"] == [] and snapshot["offer"] is None


def test_a_token_spares_the_password_until_logout(centre):
    maria = sign_in(centre, "maria")
    token = maria.login["token"]
    maria.close()
    again = strict(centre.agent("maria", login=False))
    assert do(again, "login", token=token)["name"] == "maria"
    do(again, "logout")
    until_closed(again)
    third = strict(centre.agent("maria", login=False))
    assert refusal(third, "login", token=token) == "auth"


def test_the_newer_session_wins(centre):
    old = sign_in(centre, "maria")
    new = ready(centre, "maria")
    old.expect("conflict")
    until_closed(old)
    take(new, centre.chat("refund").contact)


def test_lines_and_web_socket_are_one_protocol(centre):
    maria = strict(centre.web_agent("maria", login=False))
    do(maria, "login", name="maria", password=PASSWORDS["maria"])
    maria.expect("snapshot")
    do(maria, "state", state="ready")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    do(maria, "end", contact=chat.contact)
    maria.expect("contact", state="ended")


def test_a_person_switched_off_is_out_at_once(centre):
    joe = sign_in(centre, "joe")
    centre.ctl("person-off", name="joe")
    until_closed(joe)
    again = strict(centre.agent("joe", login=False))
    assert refusal(again, "login", name="joe",
                   password=PASSWORDS["joe"]) == "auth"


# ---- mistakes ----

def test_each_mistake_has_its_own_word(centre):
    joe = sign_in(centre, "joe")
    cases = [
        ("unsupported", "frobnicate", {}),
        ("unknown-field", "send", {"contact": "c1", "txt": "x"}),
        ("invalid", "send", {"contact": "c1", "text": 5}),
        ("invalid", "send", {"contact": "c1"}),
        ("invalid", "send", {"contact": "q1", "text": "x"}),
        ("not-found", "send", {"contact": "c999", "text": "x"}),
        ("stale", "accept", {"offer": "o999"}),
        ("denied", "people", {}),
        ("denied", "move", {"contact": "c1", "queue": "billing"}),
        ("not-found", "transfer", {"contact": "c1", "queue": "biling"}),
        ("invalid", "state", {"state": "lost"}),
        ("state", "login", {"token": "x"}),
    ]
    for error, cmd, fields in cases:
        assert refusal(joe, cmd, **fields) == error, (cmd, fields)


def test_nothing_but_login_and_ping_before_the_login(centre):
    joe = strict(centre.agent("joe", login=False))
    assert refusal(joe, "queues") == "auth"
    assert refusal(joe, "state", state="ready") == "auth"
    do(joe, "ping")


def test_a_broken_line_is_answered_and_the_next_one_too(centre):
    joe = sign_in(centre, "joe")
    joe.lines.send_raw(b"{\"id\":\n")
    result = joe.expect("result", ok=False)
    assert result["id"] is None and result["error"] == "syntax"
    do(joe, "ping")


# ---- never twice ----

def test_a_repeated_command_gets_the_first_answer(centre):
    maria = ready(centre, "maria")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    first = maria.do("send", id="s-1", contact=chat.contact, text="once")
    again = maria.do("send", id="s-1", contact=chat.contact, text="once")
    assert again == first
    assert refusal(maria, "send", id="s-1", contact=chat.contact,
                   text="twice") == "conflict"
    chat.hear("once")
    assert [m["text"] for m in centre.ctl("show", contact=chat.contact)[
        "record"]["messages"]] == ["refund", "once"]


def test_a_key_holds_over_a_kill_of_the_server(centre):
    maria = ready(centre, "maria")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    first = do(maria, "send", contact=chat.contact, text="once", key="k")
    centre.kill9()
    centre.hang_up()
    centre.start()
    maria = sign_in(centre, "maria")
    again = do(maria, "send", contact=chat.contact, text="once", key="k")
    assert again["message"] == first["message"] and again["repeated"]


# ---- coming back ----

@pytest.mark.parametrize("how", ["alive", "restart", "kill"])
def test_what_was_missed_comes_before_resumed(centre, how):
    maria = ready(centre, "maria")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    chat.say("one", "1")
    seen = maria.expect("message", text="one")["seq"]
    maria.close()
    chat.say("two", "2")
    if how == "restart":
        centre.hang_up()
        centre.restart()
    elif how == "kill":
        centre.kill9()
        centre.hang_up()
        centre.start()
    chat.say("three", "3")
    maria = sign_in(centre, "maria", last_seq=seen)
    resumed = maria.expect("resumed")
    heard = [f for f in maria.frames if f["type"] == "message"]
    # Said around the restart: before `resumed` or right behind it.
    while len(heard) < 2:
        heard.append(maria.expect("message"))
    assert [m["text"] for m in heard] == ["two", "three"]
    assert heard[0]["seq"] < heard[1]["seq"]
    assert resumed["seq"] >= heard[0]["seq"]
    assert not any(f["type"] == "snapshot" for f in maria.frames)


def test_an_unknown_seq_gets_a_snapshot_with_all_in_hand(centre):
    maria = ready(centre, "maria")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    chat.say("are you there?", "1")
    maria.expect("message")
    maria.close()
    maria = sign_in(centre, "maria", last_seq=10**9)
    snapshot = maria.expect("snapshot")
    held = snapshot["contacts"][0]
    assert held["contact"] == chat.contact and held["state"] == "active"
    assert [m["text"] for m in held["history"]] == [
        "refund", "are you there?"]
    assert held["cut"] is False


def test_a_session_cut_anywhere_misses_and_doubles_nothing(centre):
    maria = ready(centre, "maria")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    seen = 1
    heard = []
    count = 0
    for cut in range(8):
        for _ in range(3):
            chat.say(f"{count}", f"k{count}")
            count += 1
        # Hears some of them, then is gone in the middle.
        for _ in range(cut % 4):
            frame = maria.expect("message", contact=chat.contact)
            seen = frame["seq"]
            heard.append(frame["text"])
        maria.close()
        maria = sign_in(centre, "maria", last_seq=seen)
        deadline = Deadline()
        while len(heard) < count:
            deadline.left("all that was missed")
            frame = maria.expect("message", contact=chat.contact)
            seen = frame["seq"]
            heard.append(frame["text"])
    assert heard == [f"{i}" for i in range(count)]


# ---- steering ----

def test_a_supervisor_steers_and_every_change_has_an_author(centre):
    lena = sign_in(centre, "lena")
    joe = ready(centre, "joe")
    do(lena, "force-state", agent="joe", state="not-ready", reason="fire")
    frame = joe.expect("state", state="not-ready")
    assert frame["by"] == "lena" and frame["reason"] == "fire"
    do(lena, "queue-set", queue="billing", set="closed", until="2h")
    do(lena, "skill-set", agent="joe", skill="billing", level=70)
    overrides = do(lena, "overrides")["overrides"]
    for override in overrides:
        assert not list(checker("override").iter_errors(override))
        assert override["author"] == "lena"
    assert {o.get("queue") or o["skill"] for o in overrides} == {"billing"}
    queues = {q["name"]: q for q in do(lena, "queues")["queues"]}
    assert queues["billing"]["open"] is False
    assert queues["general"]["open"] is True
    centre.hang_up()
    centre.restart()
    assert len(centre.ctl("overrides")["overrides"]) == 2


def test_lists_fit_the_schema(centre):
    lena = sign_in(centre, "lena")
    ready(centre, "joe")
    for i in range(3):
        centre.chat(f"refund {i}")
    agents = do(lena, "agents")["agents"]
    for name, items in (("agent", agents),
                        ("queue", do(lena, "queues")["queues"]),
                        ("contact", do(lena, "contacts")["contacts"])):
        assert items
        for item in items:
            errors = [e.message for e in checker(name).iter_errors(item)]
            assert not errors, (item, errors)
    page = do(lena, "contacts", limit=2)
    assert len(page["contacts"]) == 2
    rest = do(lena, "contacts", limit=2, after=page["next"])
    assert len(rest["contacts"]) == 1 and rest["next"] is None


def test_why_and_why_not_name_reasons(centre):
    lena = sign_in(centre, "lena")
    maria = ready(centre, "maria")
    chat = centre.chat("refund")
    take(maria, chat.contact)
    why = do(lena, "why", contact=chat.contact)
    assert why["why"]["offers"][0]["why"]
    refusals = {a["agent"]: a.get("refusal") for a in do(
        lena, "why-not", contact=chat.contact)["agents"]}
    assert refusals["joe"] and set(refusals) >= {"maria", "joe", "lena"}


# ---- HTTP ----

def test_http_answers_those_who_may_ask(centre):
    token = centre.post("/v1/main/login", {
        "name": "lena", "password": PASSWORDS["lena"]})["token"]
    agent = centre.post("/v1/main/login", {
        "name": "joe", "password": PASSWORDS["joe"]})["token"]
    chat = centre.chat("refund")

    def get(path, token=None):
        status, head, body = centre.http("GET", path, token=token)
        return status, json.loads(body)

    assert get("/v1/main/status")[1]["status"] == "ok"
    assert get("/v1/main/queues")[0] == 401
    assert get("/v1/main/queues", agent)[0] == 403
    status, queues = get("/v1/main/queues", token)
    assert status == 200 and {q["name"] for q in queues["queues"]} == {
        "billing", "general"}
    status, found = get("/v1/main/contacts?state=waiting", token)
    assert [c["contact"] for c in found["contacts"]] == [chat.contact]
    status, one = get(f"/v1/main/contacts/{chat.contact}", token)
    assert one["contact"]["words"] == "refund"
    assert get(f"/v1/main/contacts/{chat.contact}/why", token)[0] == 200
    assert get("/v1/main/contacts/c999", token)[0] == 404
    assert get("/v1/other/queues", token)[0] == 404
    problem = get("/v1/main/contacts?limit=x", token)[1]
    assert problem["status"] == 400


def test_a_foreign_page_may_not_speak_for_an_agent(centre):
    status, _, _ = centre.http(
        "GET", "/v1/main/agent", headers={
            "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Origin": "https://evil.example"})
    assert status == 403
