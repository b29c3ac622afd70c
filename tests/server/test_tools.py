# SPDX-License-Identifier: GPL-3.0-or-later
"""usherctl and usher-agent as people use them: words in, words out.

Cast: maria (billing), joe (support), a customer with a chat window; usherctl
on the control socket, usher-agent in a script.
"""

import json
import os
import re
import subprocess

import pytest

from conftest import BUILD, PASSWORDS, PATIENCE

CTL = BUILD / "usherctl"
AGENT = BUILD / "usher-agent"


def ctl(centre, *words, sock="ctl.sock"):
    return subprocess.run(
        [CTL, "-s", sock, *words], cwd=centre.dir, timeout=PATIENCE + 20,
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False)


def say(centre, *words):
    done = ctl(centre, *words)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def offline(centre, *words):
    return subprocess.run([CTL, "-c", "usher.conf", *words], cwd=centre.dir,
                          timeout=PATIENCE + 20, capture_output=True,
                          text=True, check=False)


def served(centre, text="I want a refund"):
    """A chat that maria has served."""
    maria = centre.ready("maria")
    chat = centre.chat(text, name="Ana Silva")
    offer = maria.expect("offer", contact=chat.contact)
    maria.do("accept", offer=offer["offer"])
    maria.do("send", contact=chat.contact, text="Certainly.")
    maria.do("end", contact=chat.contact)
    return chat.contact


# ---- looking ----

@pytest.mark.parametrize("command", [
    "status", "queues", "agents", "contacts", "overrides", "people"])
def test_each_list_is_a_table_and_one_json_object(centre, command):
    centre.chat("hello")
    assert say(centre, command).strip()
    answer = json.loads(say(centre, "--json", command))
    assert answer["ok"] is True


def test_queues_stand_in_aligned_columns(centre):
    centre.chat("a refund please")
    lines = say(centre, "queues").splitlines()
    assert lines[0].split()[:3] == ["queue", "open", "waiting"]
    row = next(x for x in lines if x.startswith("billing"))
    assert row.split()[2] == "1"
    at = lines[0].index("waiting") + len("waiting")
    assert row[at - 1] == "1"


def test_people_and_contacts_are_listed_by_name(centre):
    chat = centre.chat("hello")
    assert "anna" in say(centre, "people")
    assert chat.contact in say(centre, "contacts")
    assert chat.contact in say(centre, "contacts", "--state", "waiting")
    assert "no contacts" in say(centre, "contacts", "--state", "active")


def test_show_and_customer_tell_the_whole_story(centre):
    contact = served(centre)
    for words in (["show", contact], ["show", "contact", contact]):
        story = say(centre, *words)
        assert "I want a refund" in story
        assert "Maria Costa: Certainly." in story
        assert "ended (resolved)" in story
        assert "offer.made" in story
    record = json.loads(say(centre, "--json", "show", contact))["record"]
    timeline = say(centre, "customer", record["customer"])
    assert "Ana Silva" in timeline and "Certainly." in timeline


def test_why_names_the_winner_and_why_not_the_losers(centre):
    contact = served(centre)
    why = say(centre, "why", contact)
    assert "Maria Costa" in why
    waiting = centre.chat("a refund, please", key="w-1").contact
    assert re.search(r"joe +offline", say(centre, "why-not", waiting))
    assert "joe" in say(centre, "why-not", waiting, "joe")


def test_what_was_said_can_be_found(centre):
    contact = served(centre, "the parcel is broken, refund it")
    assert contact in say(centre, "search", "parcel")
    assert "nothing was said" in say(centre, "search", "elephants")


# ---- steering ----

def test_try_says_where_and_why_without_making_anything(centre):
    out = say(centre, "try", 'chat site "refund please"', "--at",
              "mon 10:00")
    assert "queue billing" in out and "agent maria" in out
    assert "no contacts" in say(centre, "contacts")
    refused = ctl(centre, "try", 'chat nowhere "x"')
    assert refused.returncode == 1 and "nowhere" in refused.stderr


def test_overrides_are_listed_with_their_author_and_taken_back(centre):
    say(centre, "queue", "billing", "closed", "--until", "30m")
    say(centre, "skill", "joe", "billing", "70")
    out = say(centre, "overrides")
    assert re.search(r"billing +- +closed .*control", out)
    assert re.search(r"joe +billing +70 .*control", out)
    say(centre, "queue", "billing", "file")
    say(centre, "skill", "joe", "billing", "file")
    assert "nothing wins" in say(centre, "overrides")


def test_reload_shows_what_changes_and_refuses_a_broken_config(centre):
    config = (centre.dir / "usher.conf").read_text()
    (centre.dir / "usher.conf").write_text(
        config.replace("ring 20s", "ring 15s"))
    assert "billing" in say(centre, "reload", "--dry-run")
    assert "active" in say(centre, "reload")
    assert "no rule is different" in say(centre, "reload")
    (centre.dir / "usher.conf").write_text(config + "queue {")
    broken = ctl(centre, "reload")
    assert broken.returncode == 1
    assert "usher.conf:" in broken.stdout and "^" in broken.stdout


def test_a_new_person_gets_a_password_that_works_once_told(centre):
    out = say(centre, "person-add", "zoe", "--role", "lead")
    password = re.search(r"^password (\S+)$", out, re.M).group(1)
    login = centre.post("/v1/main/login",
                        {"name": "zoe", "password": password})
    assert login["role"] == "lead"
    say(centre, "person-off", "zoe")
    assert re.search(r"zoe +lead +yes", say(centre, "people"))


def test_a_backup_is_restored_and_verified(centre):
    contact = served(centre)
    say(centre, "backup", "copy")
    centre.hang_up()
    centre.stop()
    refused = offline(centre, "restore", "copy")
    assert refused.returncode == 1, "it overwrote a store that was there"
    restored = offline(centre, "restore", "copy", "fresh")
    assert restored.returncode == 0, restored.stderr
    centre.write_config(centre.config.replace('data "data"',
                                              'data "fresh"'))
    for care in ("verify", "rebuild"):
        done = offline(centre, "db", care)
        assert done.returncode == 0, done.stderr
    centre.start()
    assert "Certainly." in say(centre, "show", contact)


# ---- wrong words ----

@pytest.mark.parametrize("words, hint", [
    (["shwo", "c1"], 'is "show" meant?'),
    (["show"], "usage: usherctl show CONTACT"),
    (["queues", "--at", "x"], "does not belong there"),
    (["contacts", "--state"], "wants a value"),
    ([], "which command?"),
    (["skill", "joe", "billing", "much"], 'the level is 0 to 100'),
])
def test_wrong_usage_is_exit_2_with_a_hint(centre, words, hint):
    done = ctl(centre, *words)
    assert done.returncode == 2
    assert hint in done.stderr


def test_no_server_and_no_contact_are_exit_1_with_a_reason(centre):
    gone = ctl(centre, "status", sock="nowhere.sock")
    assert gone.returncode == 1 and "Is usherd running?" in gone.stderr
    unknown = ctl(centre, "show", "c999")
    assert unknown.returncode == 1 and "no such contact" in unknown.stderr


# ---- usher-agent ----

def run_agent(centre, script, *options, name="maria",
              password=None, trust=("--ca", "cert.pem")):
    env = dict(os.environ,
               USHER_PASSWORD=password or PASSWORDS[name])
    return subprocess.run(
        [AGENT, *trust, *options, f"{name}@localhost:{centre.agents}"],
        cwd=centre.dir, input=script, env=env, capture_output=True,
        text=True, timeout=PATIENCE + 20, check=False)


def test_a_script_works_a_shift(centre):
    chat = centre.chat("I want a refund", name="Ana Silva")
    done = run_agent(
        centre, "/ready\n/wait offer o\n/accept\n/wait is yours\n"
        "It is on its way.\n/wait on its way\n/note Was polite\n"
        "/wait Was polite\n/end\n/wait has ended\n")
    assert done.returncode == 0, done.stderr
    assert f"offer o1 {chat.contact} chat: Ana Silva, queue billing" in \
        done.stdout
    assert f"{chat.contact} has ended: resolved" in done.stdout
    chat.hear("It is on its way.")
    record = centre.ctl("show", contact=chat.contact)["record"]
    assert [m["author"] for m in record["messages"]][-2:] == [
        "agent", "note"]


def test_what_does_not_come_is_exit_1(centre):
    done = run_agent(centre, "/nonsense\n/quit\n")
    assert done.returncode == 0 and "no such command" in done.stdout


def test_only_a_certificate_that_is_known_is_spoken_to(centre):
    stranger = run_agent(centre, "/ready\n", trust=())
    assert stranger.returncode == 1
    pin = re.search(r"--pin ([0-9a-f]{64})", stranger.stderr).group(1)
    assert "signed in" not in stranger.stdout
    assert run_agent(centre, "", trust=("--pin", pin)).returncode == 0
    wrong = run_agent(centre, "", trust=("--pin", "00" + pin[2:]))
    assert wrong.returncode == 1 and "another certificate" in wrong.stderr
    insecure = run_agent(centre, "", trust=("--insecure",))
    assert "not checked" in insecure.stdout


def test_a_wrong_password_ends_it(centre):
    done = run_agent(centre, "/ready\n", password="guessed")
    assert done.returncode == 1
    assert "wrong name or password" in done.stdout


def test_a_lost_server_is_come_back_to(centre):
    """The server is killed under a client, which then finishes its work."""
    chat = centre.chat("I want a refund", name="Ana Silva")
    client = subprocess.Popen(
        [AGENT, "--ca", "cert.pem", f"maria@localhost:{centre.agents}"],
        cwd=centre.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=dict(os.environ, USHER_PASSWORD=PASSWORDS["maria"]), text=True)
    try:
        client.stdin.write("/ready\n/wait offer o\n/accept\n"
                           "/wait is yours\n")
        client.stdin.flush()
        for line in client.stdout:
            if "is yours" in line:
                break
        centre.kill9()
        centre.start()
        client.stdin.write("Still here.\n/wait Still here\n/end\n"
                           "/wait has ended\n")
        client.stdin.close()
        out = client.stdout.read()
        assert client.wait(PATIENCE) == 0, out
    finally:
        client.kill()
    chat.hear("Still here.")
