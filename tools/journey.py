#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One customer down every channel, through real sockets.

Cast: Ana Silva (phone +351 21 555 0101, ana@example.com); maria on TLS lines,
joe on a WebSocket, lena on TLS lines; the switches pbx1, whose caller numbers
are vouched for, and pbx2, whose are not; a mail server; a chat page.

    tools/journey.py FOLDER     the folder ./run has made (config, secrets)

Every line that is printed comes from what the server said. The first thing
that is not as it must be ends it, with exit code 1.
"""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import os
import re
import secrets
import select
import socket
import ssl
import sys
import time

PATIENCE = float(os.environ.get("USHER_PATIENCE", "10"))
PHONE = "+351215550101"
MAIL = "ana@example.com"
NAME = "Ana Silva"
RUN = secrets.token_hex(4)  # makes this run's ids unlike any other's


class Failed(Exception):
    pass


def must(truth, text):
    if not truth:
        raise Failed(text)


def say(text=""):
    print(text, flush=True)


# ---- the place ----------------------------------------

class Place:
    """What ./run has prepared: addresses, certificate, secrets."""

    def __init__(self, folder):
        self.folder = folder
        config = self.read("usher.conf")
        self.ports = {use: int(port) for use, port in re.findall(
            r"^listen (\w+)\s+[\d.]+:(\d+)", config, re.M)}
        self.tls = ssl.create_default_context(
            cafile=os.path.join(folder, "cert.pem"))
        self.passwords = dict(line.split() for line in
                              self.read("credentials").splitlines()
                              if line and not line.startswith("#"))

    def read(self, name):
        path = os.path.join(self.folder, name)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def token(self, name):
        return self.read(f"{name}.token").split()[0]

    def dial(self, use):
        raw = socket.create_connection(("127.0.0.1", self.ports[use]),
                                       PATIENCE)
        return self.tls.wrap_socket(raw, server_hostname="localhost")

    def http(self, method, path, body=None, token=None, kind=None):
        c = http.client.HTTPSConnection(
            "127.0.0.1", self.ports["pages"], timeout=PATIENCE + 5,
            context=self.tls)
        c.sock = self.dial("pages")
        headers = {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if kind:
            headers["Content-Type"] = kind
        c.request(method, path, body, headers)
        answer = c.getresponse()
        text = answer.read().decode()
        c.close()
        must(answer.status < 300,
             f"{method} {path}: {answer.status} {text}")
        return json.loads(text)


# ---- peers ----------------------------------------

class Lines:
    """One JSON object a line."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = b""

    def send(self, message):
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def more(self, seconds):
        """Reads once; False when nothing came in time."""
        if not self.sock.pending() and \
                not select.select([self.sock], [], [], seconds)[0]:
            return False
        data = self.sock.recv(65536)
        must(data, "the server hung up")
        self.rest += data
        return True

    def next(self):
        """The next whole message, or None."""
        if b"\n" not in self.rest:
            return None
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)


class WebSocket(Lines):
    """The same messages in text frames (RFC 6455, client side)."""

    def __init__(self, sock, host, path):
        super().__init__(sock)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        sock.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}\r\n"
                      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Key: {key}\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.rest:
            must(self.more(PATIENCE), "no answer to the WebSocket upgrade")
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        must(b" 101 " in head.split(b"\r\n")[0], head.decode())

    def put(self, opcode, data):
        mask = secrets.token_bytes(4)
        size = len(data)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        else:
            head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        self.sock.sendall(head + mask + masked)

    def send(self, message):
        self.put(1, json.dumps(message).encode())

    def next(self):
        while len(self.rest) >= 2:
            opcode, size = self.rest[0] & 15, self.rest[1] & 127
            at = 2
            if size >= 126:
                wide = 2 if size == 126 else 8
                size = int.from_bytes(self.rest[2:2 + wide], "big")
                at += wide
            if len(self.rest) < at + size:
                return None
            data = self.rest[at:at + size]
            self.rest = self.rest[at + size:]
            if opcode == 1:
                return json.loads(data)
            if opcode == 8:
                return None  # whoever still waits finds the line closed
            if opcode == 9:
                self.put(10, data)
        return None


class Peer:
    """Waits for what matters; what else comes is kept for later."""

    def __init__(self, wire, who):
        self.wire = wire
        self.who = who
        self.kept = []

    def pump(self, seconds):
        self.wire.more(seconds)
        while True:
            message = self.wire.next()
            if message is None:
                return
            self.take(message)

    def take(self, message):
        self.kept.append(message)

    def expect(self, what, test):
        end = time.monotonic() + PATIENCE
        while True:
            for i, message in enumerate(self.kept):
                if test(message):
                    return self.kept.pop(i)
            left = end - time.monotonic()
            must(left > 0, f"{self.who}: waited in vain for {what}")
            self.pump(left)

    def frame(self, kind, **fields):
        return self.expect(
            f"{kind} {fields}", lambda m: m.get("type") == kind and all(
                m.get(k) == v for k, v in fields.items()))


class Agent(Peer):
    def __init__(self, wire, name, password):
        super().__init__(wire, name)
        self.ids = itertools.count(1)
        self.contact = None  # the one of the journey it may be offered
        self.do("login", name=name, password=password)
        for left in self.frame("snapshot")["contacts"]:
            self.do("end", contact=left["contact"])

    def do(self, cmd, **fields):
        number = str(next(self.ids))
        self.wire.send({"id": number, "cmd": cmd, **fields})
        answer = self.expect(f"the result of {cmd}",
                             lambda m: m.get("type") == "result"
                             and m["id"] == number)
        must(answer["ok"], f"{self.who}: {cmd}: {answer.get('text')}")
        return answer

    def ready(self):
        self.do("state", state="ready")

    def offer(self, contact):
        """The offer of this contact; another's is declined, since whoever
        tries the centre may have left some."""
        while True:
            offer = self.expect(f"the offer of {contact}",
                                lambda m: m.get("type") == "offer")
            if offer["contact"] == contact:
                return offer
            self.do("reject", offer=offer["offer"], reason="journey")

    def accept(self, offer):
        self.do("accept", offer=offer["offer"])
        self.frame("contact", contact=offer["contact"], state="active")

    def end(self, contact):
        self.do("end", contact=contact)
        return self.frame("contact", contact=contact,
                          state="ended")["reason"]


class Gateway(Peer):
    """A switch: holds calls, rings phones, hangs up; does as it is told."""

    def __init__(self, place, name):
        super().__init__(Lines(place.dial("gateway")), name)
        self.wire.send({"hello": "usher-gateway/1", "gateway": name,
                        "token": place.token(name)})
        self.frame("welcome")
        self.frame("calls?")
        self.wire.send({"type": "calls", "calls": []})

    def tell(self, kind, **fields):
        self.wire.send({"type": kind, **fields})

    def order(self, kind, call):
        order = self.frame(kind, call=call)
        self.tell("done", order=order["order"])
        return order

    def arrive(self, call, caller, dialled):
        self.tell("arrive", call=call, to=dialled, **{"from": caller})
        contact = self.frame("arrived", call=call)["contact"]
        self.order("hold", call)
        self.tell("held", call=call)
        return contact

    def ring(self, call):
        order = self.order("offer", call)
        self.tell("ringing", call=call, offer=order["offer"])
        return order

    def talk(self, call, order):
        self.tell("talking", call=call, offer=order["offer"])

    def hang_up(self, call):
        self.tell("caller-left", call=call)


class Chat:
    """Ana's browser, signed in at the site."""

    def __init__(self, place, text):
        self.place = place
        opened = place.http(
            "POST", "/v1/main/chat/site",
            json.dumps({"text": text, "name": NAME, "language": "en",
                        "key": f"journey-{RUN}-{len(text)}",
                        "identity": identity(place)}),
            kind="application/json")
        self.contact = opened["contact"]
        self.token = opened["token"]
        self.after = 0

    def post(self, what, body):
        return self.place.http(
            "POST", f"/v1/main/chat/site/{self.contact}/{what}",
            json.dumps(body), self.token, "application/json")

    def hear(self, author):
        """Polls until somebody of this kind has said something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self.place.http(
                "GET", f"/v1/main/chat/site/{self.contact}/messages"
                f"?after={self.after}&wait=5", token=self.token)
            self.after = answer["seq"]
            for message in answer["messages"]:
                if message["author"] == author:
                    return message
        raise Failed(f"no {author} was heard in {self.contact}")


def identity(place):
    """What the site signs for whoever has signed in there."""
    def url(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    who = url(json.dumps({"account": "ana", "mail": MAIL, "phone": PHONE,
                          "name": NAME,
                          "exp": int(time.time()) + 600}).encode())
    mac = hmac.new(place.token("site").encode(), who.encode(),
                   hashlib.sha256).digest()
    return f"{who}.{url(mac)}"


# ---- the story ----------------------------------------

def tell_offer(agent, offer):
    who = offer["customer"]
    say(f"    waited {offer['waited_ms']} ms in {offer['queue']}, offered to "
        f"{agent.who}: {offer['why']}")
    say(f"    {agent.who} sees: {who['probably'] or who['name'] or 'nobody'}")
    for past in offer["latest"][:2]:
        about = past.get("subject") or past.get("words") or "a call"
        by = f", with {past['agent']}" if "agent" in past else ""
        say(f"      before: {past['channel']} {past['id']}: {about}{by}")


def known(admin):
    """Ana's customer id, when she has been here before."""
    try:
        return admin.do("customer", customer=MAIL)["customer"]["customer"]
    except Failed:
        return None


def sign_up(place, admin):
    """Ana's account: her first visit ties her number to her address."""
    if known(admin) is None:
        visit = Chat(place, "I have just made an account")
        visit.post("end", {})
    ana = known(admin)
    must(ana, "signing in did not make Ana known")
    say(f"Ana Silva has an account: she is {ana}, {PHONE} and {MAIL}")
    return ana


def by_mail(place, ana, maria):
    subject = "Question about invoice 4711"
    raw = (f"From: {NAME} <{MAIL}>\r\nTo: help@acme.example\r\n"
           f"Subject: {subject}\r\nMessage-ID: <{RUN}@example.com>\r\n"
           "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Language: en\r\n\r\n"
           "Hello, I think you have charged me twice.\r\n")
    maria.ready()
    contact = place.http(
        "POST", f"/v1/main/mail/help?from={MAIL}&to=help@acme.example", raw,
        place.token("help"), "message/rfc822")["contact"]
    say(f"\n1. Ana mails help@acme.example: contact {contact}")
    offer = maria.offer(contact)
    tell_offer(maria, offer)
    must(offer["customer"]["id"] == ana, "the mail is not Ana's")
    must(offer["subject"] == subject, "the mail's subject is lost")
    maria.accept(offer)
    maria.do("send", contact=contact, key=f"{RUN}-1",
             text="You are right. I have cancelled the second one.")
    sent = maria.frame("message", contact=contact, author="agent")
    say(f"    maria writes: {sent['text']}")
    say(f"    ended: {maria.end(contact)}")
    return contact


def by_phone(gateway, ana, joe):
    call = f"journey-{RUN}-a"
    joe.ready()
    contact = gateway.arrive(call, PHONE, "+33155501020")
    say(f"\n2. Ana calls +33 1 55 50 10 20: contact {contact}, pbx1 holds it")
    offer = joe.offer(contact)
    tell_offer(joe, offer)
    must(offer["customer"]["id"] == ana, "the call is not Ana's")
    must(any(p["channel"] == "mail" for p in offer["latest"]),
         "joe does not see the mail")
    ring = gateway.ring(call)
    say(f"    pbx1 rings {ring['agent']}, joe lifts the receiver")
    gateway.talk(call, ring)
    joe.frame("contact", contact=contact, state="active")
    joe.do("note", contact=contact, key=f"{RUN}-2",
           text="Wants the money back on the same card.")
    note = joe.frame("note", contact=contact)
    say(f"    joe notes: {note['text']}")
    gateway.hang_up(call)
    reason = joe.frame("contact", contact=contact, state="ended")["reason"]
    say(f"    ended: {reason}")
    return contact


def by_chat(place, ana, before, lena):
    lena.ready()
    chat = Chat(place, "Hello, has my money been sent back?")
    contact = chat.contact
    say(f"\n3. Ana chats, signed in: contact {contact}")
    offer = lena.offer(contact)
    tell_offer(lena, offer)
    must(offer["customer"]["id"] == ana, "the chat is not Ana's")
    seen = [p["id"] for p in offer["latest"]]
    must(set(before) <= set(seen),
         f"lena sees {seen}, not both of {before}")
    lena.accept(offer)
    lena.do("send", contact=contact, key=f"{RUN}-3",
            text="It has: on Monday, to the same card.")
    heard = chat.hear("agent")
    say(f"    Ana reads: {heard.get('name', 'agent')}: {heard['text']}")
    chat.post("messages", {"text": "Thank you!", "key": f"{RUN}-4"})
    said = lena.frame("message", contact=contact, author="customer",
                      text="Thank you!")
    say(f"    lena reads: {said['text']}")
    say(f"    ended: {lena.end(contact)}")
    return contact


def unvouched(gateway, ana, maria):
    call = f"journey-{RUN}-b"
    maria.ready()
    contact = gateway.arrive(call, PHONE, "+33155501010")
    say(f"\n4. A call by pbx2, which vouches for no number:"
        f" contact {contact}")
    offer = maria.offer(contact)
    tell_offer(maria, offer)
    who = offer["customer"]
    must(who["probably"] and who["id"] == ana,
         "it does not show as probably Ana")
    ring = gateway.ring(call)
    gateway.talk(call, ring)
    active = maria.frame("contact", contact=contact, state="active")
    must(active["customer"] is None and active["maybe"] == ana,
         "an unproved number was taken for Ana's")
    maria.do("confirm", contact=contact, evidence="knew the invoice's number")
    settled = maria.frame("identity", contact=contact, confirmed=True)
    must(settled["customer"] == ana, "the confirmation did not hold")
    say(f"    maria asked and confirms: it is {settled['customer']}")
    gateway.hang_up(call)
    reason = maria.frame("contact", contact=contact, state="ended")["reason"]
    say(f"    ended: {reason}")
    return contact


def timeline(reader, ana, contacts):
    history = reader.do("history", customer=ana)["history"]
    say(f"\nOne timeline: {history['name']} ({history['customer']})")
    shown = {c["id"]: c for c in history["contacts"]}
    for contact in contacts:
        must(contact in shown, f"{contact} is not in the timeline")
        c = shown[contact]
        say(f"    {c['at'][11:19]}  {c['channel']:5}  {c['id']:4} "
            f"{c['state']}, {c.get('agent', '')}")
        for m in c["messages"]:
            say(f"        {m['author']}: {m['text'].strip()}")


def play(place):
    host = f"127.0.0.1:{place.ports['pages']}"

    def lines():
        return Lines(place.dial("agents"))

    def shift(wire, name, act, *args):
        """Signs somebody in for one act."""
        agent = Agent(wire, name, place.passwords[name])
        contact = act(*args, agent)
        agent.do("logout")
        return contact

    admin = Agent(lines(), "admin", place.passwords["admin"])
    ana = sign_up(place, admin)
    pbx1 = Gateway(place, "pbx1")
    pbx2 = Gateway(place, "pbx2")
    pbx1.tell("device", address="PJSIP/2002", state="idle")
    pbx2.tell("device", address="PJSIP/2001", state="idle")
    mail = shift(lines(), "maria", by_mail, place, ana)
    web = WebSocket(place.dial("pages"), host, "/v1/main/agent")
    call = shift(web, "joe", by_phone, pbx1, ana)
    chat = shift(lines(), "lena", by_chat, place, ana, [mail, call])
    last = shift(lines(), "maria", unvouched, pbx2, ana)
    timeline(admin, ana, [mail, call, chat, last])
    admin.do("logout")


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        play(Place(sys.argv[1]))
    except (Failed, OSError, KeyError) as error:
        say(f"\nFAILED: {error or type(error).__name__}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
