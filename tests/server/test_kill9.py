# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing acknowledged is lost, nothing comes twice, whatever dies when.

Cast: eight customers' programs that post chats as fast as they can; a hand
that pulls the plug. Plot: in the middle of a burst of 1,000 the server is
killed; when it is back, every contact that was answered is there once, in its
place in line, and posting everything again makes only what was missing.
"""

import http.client
import json
import random
import threading

import pytest

from conftest import MAIL_TOKEN, PATIENCE

BURST = 1000
THREADS = 8


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        rounds = 20 if metafunc.config.getoption("--long") else 3
        metafunc.parametrize("seed", range(rounds))


class Burst:
    """Posts chats from several threads until the server is gone."""

    def __init__(self, centre, keys, kill_at=None, end=None):
        self.centre = centre
        self.keys = list(keys)
        self.kill_at = kill_at
        self.end = end or centre.kill9
        self.answered = {}
        self.order = []
        self.lock = threading.Lock()
        self.failed = []

    def take(self):
        with self.lock:
            return self.keys.pop(0) if self.keys else None

    def note(self, key, answer):
        with self.lock:
            self.answered[key] = answer["contact"]
            self.order.append(key)
            if self.kill_at is not None and \
                    len(self.order) == self.kill_at:
                self.end()

    def post(self, connection, key):
        connection.request(
            "POST", "/v1/main/chat/site",
            json.dumps({"text": f"hello from {key}", "key": key}),
            {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            with self.lock:
                self.failed.append((key, answer.status, body))
            return
        self.note(key, json.loads(body))

    def work(self):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.centre.pages, timeout=PATIENCE)
        key = self.take()
        while key is not None:
            try:
                self.post(connection, key)
            except (OSError, http.client.HTTPException):
                return  # it was killed: nobody answers any more
            key = self.take()
        connection.close()

    def run(self, may_refuse=False):
        threads = [threading.Thread(target=self.work)
                   for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # One that is stopping says "not now", and nothing else.
        allowed = (503,) if may_refuse else ()
        wrong = [f for f in self.failed if f[1] not in allowed]
        assert not wrong, wrong[:3]
        return self


def waiting_contacts(centre):
    """Everything that waits, page by page, in order of the ids."""
    found = []
    after = None
    while True:
        page = centre.ctl("contacts", state="waiting", limit=100,
                          **({"after": after} if after else {}))
        found += page["contacts"]
        after = page["next"]
        if after is None:
            return found


def number(contact):
    return int(contact[1:])


def test_every_acknowledged_contact_survives_a_kill_in_its_place(
        centre, seed):
    chance = random.Random(seed)
    keys = [f"key-{seed}-{i}" for i in range(BURST)]
    burst = Burst(centre, keys, kill_at=chance.randrange(50, BURST - 50))
    burst.run()
    assert len(burst.order) >= burst.kill_at

    centre.start()
    waiting = waiting_contacts(centre)
    ids = [c["contact"] for c in waiting]
    assert len(ids) == len(set(ids))
    lost = [k for k, c in burst.answered.items() if c not in ids]
    assert not lost, f"{len(lost)} acknowledged contacts are lost"
    assert len(set(burst.answered.values())) == len(burst.answered)
    # One queue, nobody served yet: the line is the order of arrival.
    assert all(p["queue"] == "general" for c in waiting
               for p in c["places"])
    assert ids == sorted(ids, key=number)
    times = [c["arrived"] for c in waiting]
    assert times == sorted(times)

    again = Burst(centre, keys).run()
    for key, contact in burst.answered.items():
        assert again.answered[key] == contact
    assert len(set(again.answered.values())) == BURST
    counts = centre.ctl("status")["status"]["contacts"]
    assert counts["arrived"] == BURST == counts["waiting"]


def test_a_stop_in_the_middle_of_a_burst_loses_nothing(centre):
    """TERM instead of the plug: the same promise, and a clean end."""
    burst = Burst(centre, [f"stop-{i}" for i in range(BURST)],
                  kill_at=BURST // 2, end=centre.stop)
    burst.run(may_refuse=True)
    centre.start()
    ids = {c["contact"] for c in waiting_contacts(centre)}
    assert set(burst.answered.values()) <= ids


def test_a_mail_that_was_taken_is_read_after_the_kill(stopped):
    """Raw mail is acknowledged first; reading it is owed."""
    config = stopped.config.replace('mime-helper "@MIME@"',
                                    'mime-helper "/nowhere/usher-mime"')
    stopped.write_config(config)
    stopped.start()
    status, _, body = stopped.http(
        "POST", "/v1/main/mail/help?from=ana@example.org",
        b"From: Ana <ana@example.org>\r\nSubject: My invoice\r\n"
        b"Message-ID: <k@example.org>\r\n\r\nWhere is it?\r\n",
        MAIL_TOKEN, {"Content-Type": "message/rfc822"})
    assert status in (200, 201), body
    contact = json.loads(body)["contact"]
    stopped.kill9()

    stopped.write_config(stopped.config)
    stopped.start()
    maria = stopped.ready("maria")
    offer = maria.expect("offer", contact=contact)
    assert offer["subject"] == "My invoice"
    stopped.hang_up()
    stopped.stop()


def test_the_line_is_served_in_the_same_order_after_a_kill(centre):
    chats = [centre.chat(f"number {i}") for i in range(12)]
    centre.kill9()
    centre.start()
    joe = centre.ready("joe")
    for chat in chats:
        offer = joe.expect("offer")
        assert offer["contact"] == chat.contact
        joe.do("accept", offer=offer["offer"])
        joe.do("end", contact=chat.contact)


def test_a_killed_server_still_owes_its_orders(centre):
    """A call is held again after the restart: same order, same number."""
    gateway = centre.gateway()
    gateway.say("arrive", call="call-9", to="+33155501010",
                **{"from": "+351912345678"})
    gateway.expect("arrived", call="call-9")
    order = gateway.expect("hold", call="call-9")["order"]
    centre.kill9()
    centre.hang_up()
    centre.start()
    again = centre.gateway(calls=["call-9"])
    assert again.expect("hold", call="call-9")["order"] == order


@pytest.mark.parametrize("times", [4])
def test_it_starts_again_and_again(centre, times):
    """Each start appends a little; none may disturb what is there."""
    chat = centre.chat("patience")
    for _ in range(times):
        centre.kill9()
        centre.start()
    counts = centre.ctl("status")["status"]["contacts"]
    assert counts["arrived"] == counts["waiting"] == 1
    assert chat.poll()["messages"][0]["text"] == "patience"
