# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk and the chat page in a real browser.

Cast: maria at the desk, Ana at the chat page, both in Debian's chromium, which
is spoken to over its own WebSocket. Without chromium these are skipped.
"""

import asyncio
import json
import re
import shutil
import subprocess
import urllib.request

import pytest

from conftest import CONFIG, PASSWORDS, Deadline, free_ports

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
PAGES = CONFIG.replace("https://acme.example", "http://127.0.0.1:@PAGES@")


class Browser:
    def __init__(self, folder):
        self.port = free_ports(1)[0]
        self.loop = asyncio.new_event_loop()
        self.proc = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-background-networking",
             f"--user-data-dir={folder}",
             f"--remote-debugging-port={self.port}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.tabs = []
        deadline = Deadline(30)
        while True:
            deadline.left("chromium")
            try:
                self.ask("version")
                return
            except OSError:
                self.loop.run_until_complete(asyncio.sleep(0.1))

    def ask(self, what, method="GET"):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/json/{what}", method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def open(self, url):
        tab = Tab(self, self.ask("new?about:blank", "PUT"), url)
        self.tabs.append(tab)
        return tab

    def close(self):
        for tab in self.tabs:
            self.loop.run_until_complete(tab.ws.close())
        self.proc.terminate()
        self.proc.wait(10)
        self.loop.close()


class Tab:
    """One page; complains are kept."""

    def __init__(self, browser, target, url):
        import websockets
        self.loop = browser.loop
        self.count = 0
        self.complaints = []

        async def connect():
            return await websockets.connect(
                target["webSocketDebuggerUrl"], max_size=None)

        self.ws = self.loop.run_until_complete(connect())
        for room in ("Page", "Runtime", "Log"):
            self.do(f"{room}.enable")
        self.do("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def do(self, method, **params):
        return self.loop.run_until_complete(self.send(method, params))

    async def send(self, method, params):
        self.count += 1
        await self.ws.send(json.dumps(
            {"id": self.count, "method": method, "params": params}))
        while True:
            answer = json.loads(
                await asyncio.wait_for(self.ws.recv(), 10))
            if answer.get("id") == self.count:
                return answer.get("result", answer)
            if answer.get("method") in ("Runtime.exceptionThrown",
                                        "Log.entryAdded"):
                self.complaints.append(answer["params"])

    def js(self, code):
        result = self.do("Runtime.evaluate", expression=code,
                         awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, code):
        deadline = Deadline()
        while not self.js(code):
            deadline.left(f"{code}; the page reads: {self.text()}")
            self.loop.run_until_complete(asyncio.sleep(0.05))

    def text(self):
        return self.js("document.body ? document.body.innerText : ''")

    def reads(self, text):
        self.until("(document.body || {innerText: ''}).innerText"
                   f".includes({json.dumps(text)})")

    def fill(self, selector, text):
        self.js(f"document.querySelector({json.dumps(selector)}).value = "
                f"{json.dumps(text)}")

    def click(self, selector):
        self.js(f"document.querySelector({json.dumps(selector)}).click()")

    def key(self, key):
        self.js("document.activeElement.blur(); document.body.dispatchEvent("
                "new KeyboardEvent('keydown', {bubbles: true, key: "
                f"{json.dumps(key)}}}))")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture
def pages(stopped):
    stopped.write_config(PAGES)
    stopped.start()
    yield stopped
    stopped.hang_up()
    stopped.stop()


def url(centre, page):
    return f"http://127.0.0.1:{centre.pages}/{page}"


def sign_in(browser, centre, name="maria"):
    desk = browser.open(url(centre, "desk"))
    desk.fill("[name=name]", name)
    desk.fill("[name=password]", PASSWORDS[name])
    desk.click("#sign-in button")
    desk.until("!document.getElementById('desk').hidden")
    return desk


def begin_chat(browser, centre, text):
    chat = browser.open(url(centre, "chat"))
    chat.fill("#before [name=name]", "Ana Silva")
    chat.fill("#before [name=text]", text)
    chat.click("#before button")
    chat.until("!document.getElementById('messages').hidden")
    return chat


def write(tab, text):
    tab.fill("#text", text)
    tab.js("document.getElementById('composer').requestSubmit()")


def test_a_chat_goes_from_page_to_desk_and_back_by_keys(browser, pages):
    desk = sign_in(browser, pages)
    desk.key("y")
    desk.until("document.getElementById('state').value === 'ready'")
    chat = begin_chat(browser, pages, "I want a refund")
    desk.until("!document.getElementById('offer').hidden")
    assert "Ana Silva" in desk.text() and "I want a refund" in desk.text()
    desk.key("a")
    desk.until("!document.getElementById('open').hidden")
    write(desk, "Certainly.")
    chat.reads("Certainly.")
    chat.reads("You are talking with Maria Costa.")
    write(chat, "Thank you")
    desk.reads("Thank you")
    desk.key("n")
    write(desk, "Was polite")
    desk.reads("Was polite")
    assert "Was polite" not in chat.text()
    desk.key("e")
    chat.reads("This chat has ended.")
    desk.reads("Ended: resolved")
    for tab in (desk, chat):
        assert not tab.complaints, tab.complaints


def test_markup_in_a_message_stays_text(browser, pages):
    desk = sign_in(browser, pages)
    desk.key("y")
    begin_chat(browser, pages,
               "<img src=x onerror=\"document.title='owned'\"> refund")
    desk.until("!document.getElementById('offer').hidden")
    desk.key("a")
    desk.reads("<img src=x")
    assert desk.js("document.querySelectorAll('#desk img').length") == 0
    assert "owned" not in desk.js("document.title")


def test_a_desk_that_is_reloaded_or_cut_off_is_back(browser, pages):
    desk = sign_in(browser, pages)
    desk.key("y")
    chat = begin_chat(browser, pages, "a refund, please")
    desk.until("!document.getElementById('offer').hidden")
    desk.key("a")
    desk.until("!document.getElementById('open').hidden")
    desk.do("Page.reload")
    desk.reads("a refund, please")
    pages.kill9()
    desk.reads("Connection lost")
    pages.start()
    desk.until("!document.getElementById('line')"
               ".classList.contains('lost')")
    write(desk, "Here again")
    chat.reads("Here again")


def test_a_wrong_password_is_told(browser, pages):
    desk = browser.open(url(pages, "desk"))
    desk.js("sessionStorage.clear()")
    desk.fill("[name=name]", "maria")
    desk.fill("[name=password]", "guessed")
    desk.click("#sign-in button")
    desk.reads("wrong name or password")


def test_pages_forbid_inline_script(pages):
    for page in ("desk", "chat", ""):
        status, fields, body = pages.http("GET", f"/{page}")
        assert status == 200
        policy = fields["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(rb"<script(?! type=\"module\" src=)", body)


def test_a_chat_page_without_web_sockets_polls(browser, pages):
    desk = sign_in(browser, pages)
    desk.key("y")
    chat = browser.open(url(pages, "chat"))
    chat.js("sessionStorage.clear(); window.WebSocket = class { "
            "constructor() { setTimeout(() => this.onclose({}), 10); } }")
    chat.fill("#before [name=text]", "a refund by poll")
    chat.click("#before button")
    desk.until("!document.getElementById('offer').hidden")
    desk.key("a")
    desk.until("!document.getElementById('open').hidden")
    write(desk, "I hear you")
    chat.reads("I hear you")
    write(chat, "And I you")
    desk.reads("And I you")
