# SPDX-License-Identifier: GPL-3.0-or-later
"""Contacts on their way: from a customer to the right agent and to an end.

Cast: customers with a chat window, a mail and a phone; the gateway pbx1;
maria (billing 80, support 40), joe (support 80), lena (supervisor).
"""

import json
import socketserver
import threading

import pytest

from conftest import CONFIG, MAIL_TOKEN, Refused

MAIL = b"""\
From: Ana Silva <ana@example.org>\r
To: help@acme.example\r
Subject: My invoice\r
Message-ID: <one@example.org>\r
Date: Mon, 23 Nov 2026 10:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
\r
Where is the invoice for October?\r
"""


def accept(agent, **fields):
    """Takes the next offer that matches; returns it."""
    offer = agent.expect("offer", **fields)
    agent.do("accept", offer=offer["offer"])
    return offer


def show(centre, contact):
    return centre.ctl("show", contact=contact)


# ---- chat ----

def test_a_chat_reaches_the_agent_with_the_skill_and_both_can_talk(centre):
    joe = centre.ready("joe")
    maria = centre.ready("maria")
    chat = centre.chat("I want a refund")
    offer = accept(maria, contact=chat.contact)
    assert offer["queue"] == "billing"
    assert offer["words"] == "I want a refund"
    maria.do("send", contact=chat.contact, text="Certainly.")
    assert chat.hear("Certainly.")["name"] == "Maria Costa"
    chat.say("Thank you", "say-1")
    maria.expect("message", contact=chat.contact, text="Thank you")
    maria.do("end", contact=chat.contact)
    record = show(centre, chat.contact)["record"]
    assert record["state"] == "ended"
    assert [m["text"] for m in record["messages"]] == [
        "I want a refund", "Certainly.", "Thank you"]
    assert not any(f.get("type") == "offer" for f in joe.frames)


def test_an_agent_on_a_web_socket_is_as_good(centre):
    maria = centre.web_agent("maria")
    maria.do("state", state="ready")
    chat = centre.chat("about my invoice")
    accept(maria, contact=chat.contact)
    maria.do("send", contact=chat.contact, text="Here I am")
    chat.hear("Here I am")


def test_a_declined_offer_goes_to_the_next_agent_and_keeps_its_place(centre):
    joe = centre.ready("joe")
    first = centre.chat("hello")
    offer = joe.expect("offer", contact=first.contact)
    joe.do("reject", offer=offer["offer"], reason="busy")
    second = centre.chat("hello too")
    maria = centre.ready("maria")
    assert maria.expect("offer")["contact"] == first.contact
    assert second.contact != first.contact


def test_a_late_answer_is_refused_as_stale(centre):
    joe = centre.ready("joe")
    chat = centre.chat("hello")
    offer = joe.expect("offer", contact=chat.contact)
    chat.end()
    joe.expect("offer-closed", offer=offer["offer"])
    with pytest.raises(Refused) as refused:
        joe.do("accept", offer=offer["offer"])
    assert refused.value.error == "stale"


def test_the_same_key_is_the_same_contact_and_other_words_are_refused(centre):
    first = centre.chat("hello", key="k-1")
    again = centre.chat("hello", key="k-1")
    assert again.contact == first.contact
    with pytest.raises(Refused) as refused:
        centre.chat("something else", key="k-1")
    assert refused.value.answer["status"] == 409
    assert refused.value.error == "conflict"
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 1


def test_waiting_chats_are_served_in_order_of_arrival(centre):
    chats = [centre.chat(f"number {i}") for i in range(6)]
    joe = centre.ready("joe")
    for chat in chats:
        offer = accept(joe)
        assert offer["contact"] == chat.contact
        joe.do("end", contact=chat.contact)


def test_a_lost_agent_comes_back_to_the_same_chats(centre):
    maria = centre.ready("maria")
    chat = centre.chat("refund")
    accept(maria, contact=chat.contact)
    centre.hang_up()
    again = centre.agent("maria")
    snapshot = again.expect("snapshot")
    assert [c["contact"] for c in snapshot["contacts"]] == [chat.contact]
    again.do("send", contact=chat.contact, text="I am back")
    chat.hear("I am back")


def test_work_goes_on_after_a_restart(centre):
    maria = centre.ready("maria")
    chat = centre.chat("refund")
    accept(maria, contact=chat.contact)
    centre.hang_up()
    centre.restart()
    maria = centre.agent("maria")
    snapshot = maria.expect("snapshot")
    assert [c["contact"] for c in snapshot["contacts"]] == [chat.contact]
    maria.do("send", contact=chat.contact, text="still here")
    chat.hear("still here")


def test_a_transfer_by_a_supervisor_is_heard_by_both(centre):
    joe = centre.ready("joe")
    chat = centre.chat("hello")
    accept(joe, contact=chat.contact)
    maria = centre.ready("maria")
    joe.do("transfer", contact=chat.contact, agent="maria",
           note="knows invoices")
    accept(maria, contact=chat.contact)
    chat.say("still me", "k-2")
    maria.expect("message", contact=chat.contact, text="still me")


# ---- phone ----

def arrive(gateway, call, **fields):
    gateway.say("arrive", call=call, **fields)
    arrived = gateway.expect("arrived", call=call)
    hold = gateway.expect("hold", call=call)
    gateway.say("done", order=hold["order"])
    gateway.say("held", call=call)
    return arrived["contact"]


def test_a_call_is_held_offered_rung_and_talked(centre):
    gateway = centre.gateway()
    gateway.say("device", address="PJSIP/2001", state="idle")
    maria = centre.ready("maria")
    contact = arrive(gateway, "call-1", **{"from": "+351912345678"},
                     to="+33155501010")
    ring = gateway.expect("offer", call="call-1")
    assert ring["agent"] == "PJSIP/2001"
    gateway.say("ringing", call="call-1", offer=ring["offer"])
    gateway.say("talking", call="call-1", offer=ring["offer"])
    maria.expect("offer-closed", contact=contact, reason="accepted")
    gateway.say("caller-left", call="call-1")
    maria.expect("contact", contact=contact, state="ended")
    assert show(centre, contact)["record"]["state"] == "ended"


def test_a_gateway_that_comes_back_is_told_again_what_is_owed(centre):
    gateway = centre.gateway()
    gateway.say("arrive", call="call-2", to="+33155501010",
                **{"from": "+351912345678"})
    gateway.expect("arrived", call="call-2")
    order = gateway.expect("hold", call="call-2")["order"]
    gateway.close()
    again = centre.gateway(calls=["call-2"])
    hold = again.expect("hold", call="call-2")
    assert hold["order"] == order


def test_a_stranger_with_a_wrong_token_is_no_gateway(centre):
    from conftest import Gateway
    stranger = centre.keep(Gateway(centre, token="guessed"))
    assert stranger.expect("error")["error"] == "auth"


# ---- mail ----

def post_mail(centre, raw, token=MAIL_TOKEN):
    return centre.http(
        "POST", "/v1/main/mail/help?from=ana@example.org"
        "&to=help@acme.example", raw, token,
        {"Content-Type": "message/rfc822"})


def test_a_mail_is_read_by_the_helper_and_offered_with_its_words(centre):
    maria = centre.ready("maria")
    status, _, body = post_mail(centre, MAIL)
    assert status in (200, 201), body
    contact = json.loads(body)["contact"]
    offer = accept(maria, contact=contact)
    assert offer["channel"] == "mail" and offer["queue"] == "billing"
    assert offer["subject"] == "My invoice"


def test_the_same_mail_twice_is_one_contact(centre):
    first = json.loads(post_mail(centre, MAIL)[2])
    again = json.loads(post_mail(centre, MAIL)[2])
    assert again["contact"] == first["contact"]
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 1


def test_mail_without_the_token_is_refused(centre):
    status, _, _ = post_mail(centre, MAIL, token="guessed")
    assert status == 401
    assert centre.ctl("status")["status"]["contacts"]["arrived"] == 0


class Postman(socketserver.StreamRequestHandler):
    """Enough SMTP to take one mail."""

    def handle(self):
        self.wfile.write(b"220 sink ESMTP\r\n")
        for line in self.rfile:
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.mails.put(self.read_data())
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")

    def read_data(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        return b"".join(lines)


@pytest.fixture
def sink():
    import queue
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postman) as server:
        server.daemon_threads = True
        server.mails = queue.Queue()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def test_a_reply_leaves_by_smtp_and_threads_with_the_question(stopped, sink):
    port = sink.server_address[1]
    stopped.write_config(CONFIG.replace(
        'address "help@acme.example";',
        f'address "help@acme.example"; smtp "smtp://127.0.0.1:{port}" '
        'from "help@acme.example";'))
    stopped.start()
    maria = stopped.ready("maria")
    contact = json.loads(post_mail(stopped, MAIL)[2])["contact"]
    accept(maria, contact=contact)
    maria.do("send", contact=contact, text="It is in your account.")
    mail = sink.mails.get(timeout=10)
    assert b"In-Reply-To: <one@example.org>" in mail
    assert b"ana@example.org" in mail
    assert b"It is in your account." in mail
    stopped.hang_up()
    stopped.stop()


# ---- one customer ----

def test_one_verified_mail_address_is_one_customer_on_two_channels(stopped):
    """A chat whose visitor is the same browser is the same customer."""
    stopped.start()
    first = stopped.chat("hello")
    visitor = first.arrived["visitor"]
    second = stopped.chat("hello again", visitor=visitor)
    records = [show(stopped, c.contact)["record"]["customer"]
               for c in (first, second)]
    assert records[0] == records[1] is not None
    stopped.stop()


def test_two_contacts_of_a_new_person_at_once_are_one_customer(centre):
    visitor = centre.chat("first of all").arrived["visitor"]
    chats = []
    threads = [threading.Thread(
        target=lambda i=i: chats.append(
            centre.chat(f"hello {i}", visitor=visitor)))
        for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    customers = {show(centre, c.contact)["record"]["customer"]
                 for c in chats}
    assert len(chats) == 8 and len(customers) == 1


def test_a_claimed_number_is_only_probably_the_customer(centre):
    """The caller's number is claimed: shown as probable, until confirmed."""
    maria = centre.ready("maria")
    first = centre.chat("refund", phone="+351912345678")
    accept(maria, contact=first.contact)
    maria.do("end", contact=first.contact)
    second = centre.chat("refund again", phone="+351 912 345 678")
    offer = accept(maria, contact=second.contact)
    known = show(centre, first.contact)["record"]["customer"]
    contact = show(centre, second.contact)["contact"]
    assert contact["customer"] != known
    assert offer["customer"]["probably"] is not None


# ---- asking why ----

def test_why_names_every_agent_and_the_first_reason_against_each(centre):
    centre.ready("joe")
    chat = centre.chat("refund")
    answer = centre.ctl("why", contact=chat.contact)["recomputed"]
    reasons = {a["agent"]: a.get("refusal") for a in answer["agents"]}
    assert answer["as_of"] == "now"
    assert reasons == {"joe": "lacks a skill or level", "maria": "offline",
                       "lena": "offline"}
    maria = centre.ready("maria")
    accept(maria, contact=chat.contact)
    answer = centre.ctl("why", contact=chat.contact)["recomputed"]
    reasons = {a["agent"]: a.get("refusal") for a in answer["agents"]}
    assert answer["as_of"] == "last offer"
    assert reasons["maria"] is None
    assert reasons["joe"] == "lacks a skill or level"


def test_try_says_what_would_happen(centre):
    before = centre.ctl("status")["status"]["router"]["seq"]
    answer = centre.ctl("try", what='chat site "a refund please"',
                        at="mon 10:00")["try"]
    assert answer["queue"] == "billing" and answer["agent"] == "maria"
    assert centre.ctl("status")["status"]["router"]["seq"] == before


def test_numbers_add_up(centre):
    joe = centre.ready("joe")
    chats = [centre.chat(f"number {i}") for i in range(5)]
    accept(joe)
    chats[3].end()
    counts = centre.ctl("status")["status"]["contacts"]
    states = ("waiting", "offered", "active", "parked", "scheduled", "ended")
    assert counts["arrived"] == 5 == sum(counts[s] for s in states)
