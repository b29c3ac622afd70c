# SPDX-License-Identifier: GPL-3.0-or-later
"""A real usherd in a folder of its own, and the people who talk to it.

The binary is $USHER_BUILD/usherd (default: build/ in the source tree). A test
asks for `centre`: a running server with the agents maria, joe and lena, the
admin anna and one gateway, all with known secrets. Everything waits for an
event with a deadline; nothing sleeps.
"""

import asyncio
import hashlib
import http.client
import itertools
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("USHER_BUILD", ROOT / "build")).resolve()
USHERD = BUILD / "usherd"
MIME = os.environ.get("USHER_MIME", str(BUILD / "usher-mime"))
PATIENCE = float(os.environ.get("USHER_PATIENCE", "10"))

PASSWORDS = {name: f"{name} keeps a long secret"
             for name in ("maria", "joe", "lena", "anna")}
ROLES = {"maria": "agent", "joe": "agent", "lena": "supervisor",
         "anna": "admin"}
GATEWAY_TOKEN = "a-token-of-the-gateway-pbx1"
MAIL_TOKEN = "a-token-of-the-mail-server"

CONFIG = """\
language 1;
workspace main;
default language en;
data "data";
log info;
mime-helper "@MIME@";
web "@WEB@";
listen pages   127.0.0.1:@PAGES@;
listen agents  127.0.0.1:@AGENTS@ tls {
    certificate "cert.pem"; key "key.pem";
}
listen gateway 127.0.0.1:@GATEWAY@;
listen control "ctl.sock";

skill billing;
skill support;
team  day { takes phone 1, chat 3, mail 5; wrap-up 0s; grace 30s; }
agent maria "Maria Costa" {
    team day; skills billing 80, support 40; phone "PJSIP/2001" via pbx1;
}
agent joe  "Joe Bell"  { team day; skills support 80; }
agent lena "Lena Wirt" { team day; skills support 60; role supervisor; }

channel chat site { origin "https://acme.example"; }
channel mail help {
    address "help@acme.example"; provider raw; token file "mail.token";
}
gateway pbx1 {
    protocol json; from 127.0.0.1; token file "pbx1.token"; country FR;
}
queue billing { need billing 60+; ring 20s; }
queue general { need support 20+; ring 20s; }
route {
    text has "invoice", "refund" -> queue billing;
    dialled "+33155501010"       -> queue billing;
    otherwise                    -> queue general;
}
"""


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true",
                     help="the whole programme: more rounds")


def free_ports(count):
    """Ports that were free a moment ago; a reload needs fixed numbers."""
    socks = [socket.socket() for _ in range(count)]
    for s in socks:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


class Deadline:
    def __init__(self, seconds=None):
        self.end = time.monotonic() + (seconds or PATIENCE)

    def left(self, what):
        left = self.end - time.monotonic()
        if left <= 0:
            raise AssertionError(f"waited in vain for {what}")
        return left


class Refused(Exception):
    """A command or request that was answered with an error."""

    def __init__(self, answer):
        super().__init__(json.dumps(answer))
        self.answer = answer
        self.error = answer.get("error")


class Lines:
    """JSON, one object per line, over any socket."""

    def __init__(self, sock):
        self.sock = sock
        self.rest = b""
        self.frames = []

    def send(self, message):
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def send_raw(self, data):
        self.sock.sendall(data)

    def read(self, deadline, what="a line"):
        """The next line as an object; None when the peer has closed."""
        while b"\n" not in self.rest:
            self.sock.settimeout(deadline.left(what))
            try:
                data = self.sock.recv(65536)
            except socket.timeout:
                continue
            except (ConnectionError, ssl.SSLError):
                return None
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def close(self):
        self.sock.close()


class Speaker:
    """Commands with ids and frames in between, whatever carries them."""

    def __init__(self):
        self.ids = itertools.count(1)
        self.frames = []

    def transmit(self, message):
        raise NotImplementedError

    def receive(self, deadline, what):
        raise NotImplementedError

    def next_frame(self, deadline, what):
        message = self.receive(deadline, what)
        if message is None:
            raise AssertionError(f"closed while waiting for {what}")
        return message

    def start(self, cmd, **fields):
        """Sends without waiting; returns the id."""
        ident = str(fields.pop("id", next(self.ids)))
        self.transmit({"id": ident, "cmd": cmd, **fields})
        return ident

    def result(self, ident, cmd="?"):
        deadline = Deadline()
        while True:
            message = self.next_frame(deadline, f"the result of {cmd}")
            if message.get("type") == "result" and message["id"] == ident:
                if not message.get("ok"):
                    raise Refused(message)
                return message
            self.frames.append(message)

    def do(self, cmd, **fields):
        return self.result(self.start(cmd, **fields), cmd)

    def expect(self, kind, **fields):
        """The first frame, seen already or still to come, that matches;
        those before it stay."""
        deadline = Deadline()
        seen = 0
        while True:
            for i in range(seen, len(self.frames)):
                frame = self.frames[i]
                if frame.get("type") == kind and all(
                        frame.get(k) == v for k, v in fields.items()):
                    return self.frames.pop(i)
            seen = len(self.frames)
            self.frames.append(
                self.next_frame(deadline, f"{kind} {fields}"))


class AgentClient(Speaker):
    """An agent over TLS lines."""

    def __init__(self, centre, name, login=True, **fields):
        super().__init__()
        self.name = name
        context = ssl.create_default_context(cafile=centre.dir / "cert.pem")
        raw = socket.create_connection(("127.0.0.1", centre.agents))
        self.lines = Lines(
            context.wrap_socket(raw, server_hostname="localhost"))
        if login:
            self.login = self.do("login", name=name,
                                 password=PASSWORDS[name], **fields)

    def transmit(self, message):
        self.lines.send(message)

    def receive(self, deadline, what):
        return self.lines.read(deadline, what)

    def close(self):
        self.lines.close()


class WebAgent(Speaker):
    """The same over WebSocket, by an independent implementation."""

    def __init__(self, centre, name, login=True, **fields):
        import websockets
        super().__init__()
        self.name = name
        self.loop = asyncio.new_event_loop()

        async def connect():
            return await websockets.connect(
                f"ws://127.0.0.1:{centre.pages}/v1/main/agent",
                compression=None)

        self.ws = self.loop.run_until_complete(connect())
        if login:
            self.login = self.do("login", name=name,
                                 password=PASSWORDS[name], **fields)

    def transmit(self, message):
        self.loop.run_until_complete(self.ws.send(json.dumps(message)))

    def receive(self, deadline, what):
        import websockets
        try:
            return json.loads(self.loop.run_until_complete(
                asyncio.wait_for(self.ws.recv(), deadline.left(what))))
        except websockets.ConnectionClosed:
            return None
        except asyncio.TimeoutError:
            raise AssertionError(f"waited in vain for {what}") from None

    def close(self):
        self.loop.run_until_complete(self.ws.close())
        self.loop.close()


class Gateway:
    """A telephony gateway that does as it is told."""

    def __init__(self, centre, name="pbx1", token=GATEWAY_TOKEN):
        self.lines = Lines(
            socket.create_connection(("127.0.0.1", centre.gateway_port)))
        self.seen = []
        self.lines.send({"hello": "usher-gateway/1", "gateway": name,
                         "token": token})

    def say(self, kind, **fields):
        self.lines.send({"type": kind, **fields})

    def expect(self, kind, **fields):
        deadline = Deadline()
        at = 0
        while True:
            for i in range(at, len(self.seen)):
                line = self.seen[i]
                if line.get("type") == kind and all(
                        line.get(k) == v for k, v in fields.items()):
                    return self.seen.pop(i)
            at = len(self.seen)
            line = self.lines.read(deadline, f"{kind} {fields}")
            if line is None:
                raise AssertionError(f"gateway closed, wanted {kind}")
            self.seen.append(line)

    def welcome(self, calls=()):
        """Past the greeting: says which calls it has."""
        self.expect("welcome")
        self.expect("calls?")
        self.say("calls", calls=list(calls))

    def close(self):
        self.lines.close()


class Chat:
    """A customer with a chat window."""

    def __init__(self, centre, text, key, **more):
        self.centre = centre
        self.path = "/v1/main/chat/site"
        self.arrived = centre.post(self.path,
                                   {"text": text, "key": key, **more})
        self.contact = self.arrived["contact"]
        self.token = self.arrived["token"]
        self.seq = 0

    def say(self, text, key):
        return self.centre.post(f"{self.path}/{self.contact}/messages",
                                {"text": text, "key": key}, self.token)

    def poll(self, wait=0):
        status, _, body = self.centre.http(
            "GET", f"{self.path}/{self.contact}/messages"
            f"?after={self.seq}&wait={wait}", token=self.token)
        assert status == 200, body
        answer = json.loads(body)
        self.seq = answer["seq"]
        return answer

    def hear(self, text):
        """Polls until somebody has said this."""
        deadline = Deadline()
        while True:
            deadline.left(f"the words {text!r}")
            for message in self.poll(wait=2)["messages"]:
                if message["text"] == text:
                    return message

    def end(self):
        return self.centre.post(f"{self.path}/{self.contact}/end", {},
                                self.token)


class Centre:
    """One usherd and its folder."""

    def __init__(self, folder, config=CONFIG):
        self.dir = pathlib.Path(folder)
        self.pages, self.agents, self.gateway_port = free_ports(3)
        self.proc = None
        self.open = []
        self.log_file = self.dir / "usherd.log"
        self.config = config
        self.write_config(config)
        self.write_secret("pbx1.token", GATEWAY_TOKEN)
        self.write_secret("mail.token", MAIL_TOKEN)

    def write_config(self, text):
        for name, value in (("PAGES", self.pages), ("AGENTS", self.agents),
                            ("GATEWAY", self.gateway_port), ("MIME", MIME),
                            ("WEB", ROOT / "web")):
            text = text.replace(f"@{name}@", str(value))
        (self.dir / "usher.conf").write_text(text)

    def write_secret(self, name, text):
        path = self.dir / name
        path.write_text(text + "\n")
        path.chmod(0o600)

    # ---- life and death ----

    def start(self):
        ours, theirs = os.pipe()
        self.proc = subprocess.Popen(
            [USHERD, "-c", "usher.conf", "--ready-fd", str(theirs)],
            cwd=self.dir, pass_fds=[theirs],
            stderr=self.log_file.open("ab"), stdin=subprocess.DEVNULL)
        os.close(theirs)
        try:
            ready, _, _ = select.select([ours], [], [], PATIENCE)
            if not ready or os.read(ours, 64) != b"ready\n":
                self.kill9()
                raise AssertionError("usherd did not become ready:\n" +
                                     self.log())
        finally:
            os.close(ours)
        return self

    def log(self):
        return self.log_file.read_text(errors="replace")

    def wait_end(self):
        return self.proc.wait(PATIENCE)

    def stop(self):
        if self.proc is not None and self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
            code = self.wait_end()
            assert code == 0, f"exit code {code}:\n" + self.log()
        self.proc = None

    def kill9(self):
        self.proc.kill()
        self.wait_end()
        self.proc = None

    def restart(self):
        if self.proc is not None:
            self.stop()
        return self.start()

    def hang_up(self):
        for thing in self.open:
            thing.close()
        self.open.clear()

    # ---- ways in ----

    def control(self):
        """A line to the control socket. Its path may be longer than a socket
        address holds: from its own folder it is short."""
        sock = socket.socket(socket.AF_UNIX)
        here = os.open(self.dir, os.O_PATH)
        try:
            sock.connect(f"/proc/self/fd/{here}/ctl.sock")
        finally:
            os.close(here)
        return Lines(sock)

    def ctl(self, cmd, **fields):
        """One command over the control socket, as an admin."""
        lines = self.control()
        try:
            lines.send({"id": "1", "cmd": cmd, **fields})
            deadline = Deadline()
            while True:
                answer = lines.read(deadline, f"the result of {cmd}")
                assert answer is not None, f"closed during {cmd}"
                if answer.get("type") == "result":
                    break
        finally:
            lines.close()
        if not answer.get("ok"):
            raise Refused(answer)
        return answer

    def http(self, method, path, body=None, token=None, headers=None):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.pages, timeout=PATIENCE)
        fields = dict(headers or {})
        if token:
            fields["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            fields.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def post(self, path, body, token=None):
        status, _, answer = self.http("POST", path, body, token)
        parsed = json.loads(answer) if answer else {}
        if status >= 300:
            raise Refused({"status": status, **parsed})
        return parsed

    def keep(self, thing):
        self.open.append(thing)
        return thing

    def agent(self, name, **fields):
        return self.keep(AgentClient(self, name, **fields))

    def web_agent(self, name, **fields):
        return self.keep(WebAgent(self, name, **fields))

    def ready(self, name):
        """An agent who is signed in and takes contacts."""
        agent = self.agent(name)
        agent.do("state", state="ready")
        return agent

    def gateway(self, calls=(), **fields):
        gateway = self.keep(Gateway(self, **fields))
        gateway.welcome(calls)
        return gateway

    def chat(self, text, key=None, **more):
        key = key or hashlib.sha256(os.urandom(16)).hexdigest()[:32]
        return Chat(self, text, key, **more)


def make_certificate(folder):
    """By usherd itself: --init makes one for localhost."""
    home = folder / "made"
    subprocess.run([USHERD, "--init", home], check=True, timeout=PATIENCE,
                   capture_output=True)
    for name in ("cert.pem", "key.pem"):
        shutil.copy(home / name, folder / name)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A folder in which the people are known already: hashing costs."""
    folder = tmp_path_factory.mktemp("template")
    make_certificate(folder)
    centre = Centre(folder)
    centre.start()
    try:
        for name, role in ROLES.items():
            centre.ctl("person-add", name=name, role=role,
                       password=PASSWORDS[name])
    finally:
        centre.stop()
    return folder


@pytest.fixture
def stopped(template, tmp_path):
    """A centre that has not been started."""
    folder = tmp_path / "centre"
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(
        "reserve", "*.log", "*.sock"))
    centre = Centre(folder)
    yield centre
    centre.hang_up()
    if centre.proc is not None:
        centre.proc.kill()
        centre.proc.wait()


@pytest.fixture
def centre(stopped):
    """A running centre; at the end it must stop by itself, cleanly."""
    stopped.start()
    yield stopped
    stopped.hang_up()
    stopped.stop()
    assert "impossible:" not in stopped.log()
