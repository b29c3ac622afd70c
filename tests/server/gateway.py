#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A telephony gateway without telephones, for tests and for trying things out.

It speaks the JSON gateway protocol (doc/gateway.md), remembers the calls it
has, and answers orders by a policy:

    with Gateway(("127.0.0.1", 7445), "pbx1", token) as gateway:
        contact = gateway.arrive("17.1", "+351912345678", "+33155501010")
        offer = gateway.expect("offer", call="17.1")
        gateway.wait_for("17.1", "talking")
        gateway.hang_up("17.1")

As a program it lets calls arrive and shows what becomes of them:

    gateway.py --port 7445 --tls --token-file pbx1.token --calls 3
"""

import argparse
import collections
import json
import socket
import ssl
import sys
import threading
import time

PATIENCE = 10.0


class GatewayError(Exception):
    """usher closed the line, or something did not come in time."""


class Refused(GatewayError):
    """A call was not taken; `error` is the code."""

    def __init__(self, line):
        super().__init__(json.dumps(line))
        self.error = line["error"]


# ---- policies: what a switch does with an order -----------------------------
#
# Called on the reading thread with the gateway and the order. One method per
# kind of order; what a policy does not have is answered "done".

class PicksUp:
    """Holds callers, rings agents, and every agent picks up at once."""

    def hold(self, gateway, order):
        gateway.say("held", call=order["call"])

    def offer(self, gateway, order):
        call, offer = order["call"], order["offer"]
        gateway.say("ringing", call=call, offer=offer)
        gateway.say("talking", call=call, offer=offer)
        gateway.become(call, "talking")

    def start(self, gateway, order):
        gateway.add(order["call"], "ringing")
        gateway.say("ringing", call=order["call"])
        gateway.say("talking", call=order["call"])
        gateway.become(order["call"], "talking")

    def release(self, gateway, order):
        gateway.say("done", order=order["order"])
        gateway.drop(order["call"])

    def closed(self, gateway, order):
        gateway.say("done", order=order["order"])
        gateway.drop(order["call"])


class Rings(PicksUp):
    """Rings, and nobody picks up."""

    def offer(self, gateway, order):
        gateway.say("ringing", call=order["call"], offer=order["offer"])


class Fails(PicksUp):
    """Every agent's phone is busy, unavailable, or rings in vain."""

    def __init__(self, reason="busy"):
        self.reason = reason

    def offer(self, gateway, order):
        gateway.say("offer-failed", call=order["call"],
                    offer=order["offer"], reason=self.reason)


class Deaf:
    """Answers nothing at all."""

    def ignore(self, gateway, order):
        """Nothing is said and nothing is done."""

    hold = offer = withdraw = release = start = closed = ignore


ORDERS = {"hold", "offer", "withdraw", "release", "start", "closed"}


class Gateway:
    """One connection at a time to usher; calls outlive connections."""

    def __init__(self, address, name="pbx1", token="", *, tls=None,
                 policy=None):
        self.address = address
        self.name = name
        self.token = token
        self.tls = tls              # an ssl.SSLContext, or None
        self.policy = policy or PicksUp()
        self.calls = {}             # id -> "new", "held", "talking", ...
        self.lines = collections.deque()  # not yet expected by anybody
        self.changed = threading.Condition(threading.RLock())
        self.sock = None
        self.reader = None
        self.gone = True

    def __enter__(self):
        self.connect()
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the line ----

    def connect(self):
        """Says hello and which calls there are: orders may come from now."""
        sock = socket.create_connection(self.address, timeout=PATIENCE)
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is not None:
            sock = self.tls.wrap_socket(sock, server_hostname=self.address[0])
        self.sock = sock
        self.gone = False
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.send({"hello": "usher-gateway/1", "gateway": self.name,
                   "token": self.token})
        self.expect("welcome")
        self.expect("calls?")
        self.say("calls", calls=sorted(self.calls))

    def close(self):
        """Hangs up the line, not the calls."""
        if self.sock is None:
            return
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        self.sock = None
        if self.reader is not threading.current_thread():
            self.reader.join(PATIENCE)

    def send(self, message):
        self.send_raw(json.dumps(message).encode() + b"\n")

    def send_raw(self, data):
        with self.changed:
            if self.sock is None:
                raise GatewayError("not connected")
            self.sock.sendall(data)

    def say(self, kind, **fields):
        """Fields named like Python's words end in an underscore: from_."""
        self.send({"type": kind,
                   **{k.rstrip("_"): v for k, v in fields.items()}})

    def _read(self):
        rest = b""
        sock = self.sock
        while True:
            try:
                data = sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                self._take(json.loads(line))
        with self.changed:
            self.gone = True
            self.changed.notify_all()

    def _take(self, line):
        if line.get("type") in ORDERS:
            answer = getattr(self.policy, line["type"], None)
            try:
                if answer is not None:
                    answer(self, line)
                else:
                    self.say("done", order=line["order"])
            except (OSError, GatewayError):
                pass                # the line went meanwhile
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    # ---- waiting ----

    def _wait(self, what, found):
        end = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                result = found()
                if result is not None:
                    return result
                left = end - time.monotonic()
                if self.gone or left <= 0:
                    raise GatewayError(
                        f"{'closed' if self.gone else 'waited in vain'}: "
                        f"{what}; had {list(self.lines)}")
                self.changed.wait(left)

    def expect(self, kind, **fields):
        """The next line like this, seen already or still to come; those that
        are not like it stay."""
        def found():
            for line in self.lines:
                if line.get("type") == kind and all(
                        line.get(k) == v for k, v in fields.items()):
                    self.lines.remove(line)
                    return line
            return None
        return self._wait(f"{kind} {fields}", found)

    def wait_for(self, call, state):
        """Until the call is in this state; "gone" when it has been dropped."""
        self._wait(f"{call} to be {state}",
                   lambda: self.calls.get(call, "gone") == state or None)

    def wait_closed(self):
        """Until usher has closed the line."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while not self.gone:
                if not self.changed.wait(end - time.monotonic()):
                    raise GatewayError("still open")

    # ---- calls ----

    def add(self, call, state="new"):
        with self.changed:
            self.calls[call] = state
            self.changed.notify_all()

    def become(self, call, state):
        with self.changed:
            if call in self.calls:
                self.calls[call] = state
            self.changed.notify_all()

    def drop(self, call):
        with self.changed:
            self.calls.pop(call, None)
            self.changed.notify_all()

    def arrive(self, call, caller, dialled, **more):
        """A call comes in; returns its contact, or raises Refused."""
        self.add(call)
        self.say("arrive", call=call, from_=caller, to=dialled, **more)

        def found():
            for line in self.lines:
                if line.get("call") == call and line.get("type") in (
                        "arrived", "refused"):
                    self.lines.remove(line)
                    return line
            return None
        line = self._wait(f"{call} to be taken", found)
        if line["type"] == "refused":
            self.drop(call)
            raise Refused(line)
        return line["contact"]

    def hang_up(self, call):
        """The caller does."""
        self.say("caller-left", call=call)
        self.drop(call)

    def agent_hangs_up(self, call):
        self.say("agent-left", call=call)

    def device(self, address, state):
        self.say("device", address=address, state=state)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7445)
    parser.add_argument("--tls", action="store_true",
                        help="TLS, without checking the certificate")
    parser.add_argument("--name", default="pbx1")
    parser.add_argument("--token-file")
    parser.add_argument("--calls", type=int, default=1)
    parser.add_argument("--caller", default="+351912345678")
    parser.add_argument("--dialled", default="+33155501010")
    args = parser.parse_args()
    token = ""
    if args.token_file:
        with open(args.token_file, encoding="utf-8") as file:
            token = file.readline().strip()
    tls = None
    if args.tls:
        tls = ssl.create_default_context()
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    with Gateway((args.host, args.port), args.name, token, tls=tls) as gateway:
        run = int(time.time())
        for i in range(args.calls):
            call = f"{run}.{i}"
            contact = gateway.arrive(call, args.caller, args.dialled)
            print(f"call {call} is contact {contact}", flush=True)
        while gateway.calls and not gateway.gone:
            with gateway.changed:
                while not gateway.lines and not gateway.gone:
                    gateway.changed.wait()
                seen = list(gateway.lines)
                gateway.lines.clear()
            for line in seen:
                print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
