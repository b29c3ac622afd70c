# SPDX-License-Identifier: GPL-3.0-or-later
"""The program itself: its command line, its start and its end.

Cast: usherd, a shell, a service manager. Plot: it is started rightly and
wrongly, told to reload good and bad rules, and stopped.
"""

import os
import re
import signal
import socket
import subprocess

import pytest

from conftest import (CONFIG, PASSWORDS, PATIENCE, USHERD, AgentClient,
                      Centre, Deadline, Refused, free_ports)


def run(*args, **more):
    return subprocess.run([USHERD, *args], capture_output=True, text=True,
                          timeout=PATIENCE, **more)


def wait_log(centre, pattern, since=0):
    """Waits until the log has a line with this pattern behind `since`."""
    deadline = Deadline()
    while True:
        found = re.search(pattern, centre.log()[since:])
        if found:
            return found
        deadline.left(f"{pattern!r} in the log:\n{centre.log()}")
        # The log is a file: the one thing here that cannot be waited on.
        signal.sigtimedwait([], 0.02)


# ---- the command line ----

def test_version_names_the_program():
    done = run("-V")
    assert done.returncode == 0
    assert re.fullmatch(r"usherd \d+\.\d+\.\d+\n", done.stdout)


def test_help_names_every_option():
    done = run("--help")
    assert done.returncode == 0
    for option in ("-c", "-t", "-T", "-V", "--init", "--ready-fd"):
        assert option in done.stdout


@pytest.mark.parametrize("args", [
    [], ["--nonsense"], ["-t"], ["-c"], ["-c", "x.conf", "more"],
    ["-c", "x.conf", "--ready-fd", "three"], ["-t", "-c", "/nowhere.conf"],
])
def test_wrong_usage_exits_2(args, tmp_path):
    done = run(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr


def test_check_of_a_good_config_exits_0(stopped):
    done = run("-t", "-c", "usher.conf", cwd=stopped.dir)
    assert done.returncode == 0, done.stderr
    assert "is good" in done.stdout


def test_a_check_names_the_secret_that_would_stop_the_start(stopped):
    (stopped.dir / "pbx1.token").chmod(0o644)
    done = run("-t", "-c", "usher.conf", cwd=stopped.dir)
    assert done.returncode == 1
    assert "everyone may read it: chmod 600" in done.stderr


def test_five_mistakes_are_all_shown_at_their_place(stopped):
    text = (stopped.dir / "usher.conf").read_text()
    for good, bad in (
            ("need billing 60+", "need biling 60+"),
            ("queue general { need support 20+; ring 20s; }",
             "queue general { need support 20+; rings 20s; }"),
            ("team day; skills support 80", "team dya; skills support 80"),
            ("-> queue billing;\n    dialled", "-> queue bill;\n    dialled"),
            ("chat 3", "chat three")):
        assert good in text
        text = text.replace(good, bad, 1)
    (stopped.dir / "bad.conf").write_text(text)
    done = run("-t", "-c", "bad.conf", cwd=stopped.dir)
    assert done.returncode == 1
    places = re.findall(r"^bad\.conf:(\d+):(\d+): error: ", done.stderr, re.M)
    lines = text.splitlines()
    found = {lines[int(row) - 1][int(column) - 1:].split()[0].strip(";,")
             for row, column in places}
    assert {"biling", "rings", "dya", "bill", "three"} <= found, done.stderr
    assert done.stderr.count("^") >= 5
    assert 'did you mean "billing"' in done.stderr


def test_merged_config_reads_back_as_itself(stopped):
    (stopped.dir / "more.conf").write_text("skill extra;\n")
    with (stopped.dir / "usher.conf").open("a") as f:
        f.write('include "more.conf";\n')
    merged = run("-T", "-c", "usher.conf", cwd=stopped.dir)
    assert merged.returncode == 0, merged.stderr
    assert "skill extra;" in merged.stdout
    assert "include" not in merged.stdout
    (stopped.dir / "merged.conf").write_text(merged.stdout)
    again = run("-T", "-c", "merged.conf", cwd=stopped.dir)
    assert again.stdout == merged.stdout


# ---- the first hour ----

def test_init_makes_a_house_that_starts_and_an_admin_who_can_come_in(tmp_path):
    home = tmp_path / "house"
    done = run("--init", str(home))
    assert done.returncode == 0, done.stderr
    password = re.search(r"password\s+(\S+)", done.stdout).group(1)
    following = done.stdout.split("\nNext:\n")[1]
    assert following.count("    usher") == 3
    assert done.stderr == ""
    for name in ("key.pem", "usher.conf"):
        assert (home / name).stat().st_mode & 0o077 == 0
    assert run("-t", "-c", str(home / "usher.conf")).returncode == 0

    config = (home / "usher.conf").read_text()
    ports = free_ports(3)
    for old, new in zip(("7443", "7444", "7445"), ports):
        config = config.replace(f"0.0.0.0:{old}", f"127.0.0.1:{new}")
        config = config.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
    config = config.replace("control.sock", "ctl.sock")
    centre = Centre(home, config)
    centre.agents = ports[1]
    centre.start()
    try:
        admin = AgentClient(centre, "admin", login=False)
        result = admin.do("login", name="admin", password=password)
        assert result["role"] == "admin"
        admin.close()
    finally:
        centre.stop()


def test_init_refuses_a_folder_that_is_not_empty(tmp_path):
    (tmp_path / "something").write_text("mine")
    done = run("--init", str(tmp_path))
    assert done.returncode == 1
    assert "not an empty folder" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["something"]


# ---- start ----

def test_a_second_instance_is_refused(centre):
    done = run("-c", "usher.conf", cwd=centre.dir)
    assert done.returncode == 1
    assert "in use by another process" in done.stderr
    assert centre.ctl("status")["status"]["ready"]


def test_a_port_in_use_is_one_clear_sentence_and_no_event(stopped):
    stopped.start()
    before = stopped.ctl("status")["status"]["router"]["seq"]
    stopped.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stopped.pages))
        taken.listen()
        done = run("-c", "usher.conf", cwd=stopped.dir)
    assert done.returncode == 1
    assert str(stopped.pages) in done.stderr
    assert done.stderr.count("usherd:") == 1
    stopped.start()
    after = stopped.ctl("status")["status"]["router"]["seq"]
    stopped.stop()
    # What the second start brought, and nothing of the failed one: as many
    # events as a start that follows a clean stop brings.
    stopped.start()
    third = stopped.ctl("status")["status"]["router"]["seq"]
    stopped.stop()
    assert after - before == third - after


def test_a_secret_that_everyone_may_read_is_refused(stopped):
    (stopped.dir / "pbx1.token").chmod(0o644)
    done = run("-c", "usher.conf", cwd=stopped.dir)
    assert done.returncode == 1
    assert "pbx1.token" in done.stderr and "chmod 600" in done.stderr


def test_no_core_dump_can_hold_a_secret(centre):
    limits = open(f"/proc/{centre.proc.pid}/limits").read()
    assert re.search(r"Max core file size\s+0\s+0\s", limits)


def test_files_are_for_the_owner_only(centre):
    centre.chat("hello")
    for folder, _, names in os.walk(centre.dir / "data"):
        for name in names:
            mode = os.stat(os.path.join(folder, name)).st_mode
            assert mode & 0o077 == 0, name


def test_a_service_manager_is_told(stopped, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = str(stopped.dir / "notify")
        manager.bind(path)
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        stopped.start()
        assert manager.recv(64) == b"READY=1"
        stopped.stop()
        assert manager.recv(64) == b"STOPPING=1"


def test_stop_is_clean_and_a_restart_knows_everything(centre):
    chat = centre.chat("a refund please")
    before = centre.ctl("status")["status"]["contacts"]
    centre.restart()
    after = centre.ctl("status")["status"]
    assert after["contacts"]["waiting"] == before["waiting"] == 1
    assert after["contacts"]["arrived"] == before["arrived"]
    assert chat.poll()["messages"][0]["text"] == "a refund please"


@pytest.mark.parametrize("first", ["ping", "people", "status"])
def test_a_stop_in_the_middle_of_slow_questions_is_clean(stopped, first):
    """Passwords are being hashed, rules read, the store copied: all of it is
    finished or forgotten, nothing is left behind (the leak check says so)."""
    stopped.start()
    for name, word in (("maria", PASSWORDS["maria"]), ("joe", "wrong one"),
                       ("lena", PASSWORDS["lena"]), ("maria", "wrong two")):
        stranger = stopped.keep(AgentClient(stopped, name, login=False))
        stranger.start("login", name=name, password=word)
    lines = stopped.keep(stopped.control())
    for i, (cmd, fields) in enumerate((
            ("reload", {}), ("try", {"what": 'chat site "refund"'}),
            ("backup", {"dir": str(stopped.dir / "copy")}),
            ("why", {"contact": "c1"}), ("people", {}))):
        lines.send({"id": str(i), "cmd": cmd, **fields})
    stopped.ctl(first)
    stopped.stop()


def test_router_time_never_goes_back_over_a_restart(centre):
    before = centre.ctl("status")["status"]["router"]["now"]
    centre.restart()
    assert centre.ctl("status")["status"]["router"]["now"] >= before


def test_no_state_is_made_by_asking(centre):
    before = centre.ctl("status")["status"]["router"]["seq"]
    for _ in range(3):
        centre.ctl("queues")
        centre.ctl("people")
    assert centre.ctl("status")["status"]["router"]["seq"] == before


# ---- reload ----

def add_queue(centre, name="extra"):
    centre.write_config(
        CONFIG.replace("route {", f"queue {name} {{ ring 10s; }}\nroute {{"))


def queue_names(centre):
    return [q["name"] for q in centre.ctl("queues")["queues"]]


def test_hangup_takes_good_rules_and_keeps_everybody(centre):
    maria = centre.ready("maria")
    add_queue(centre)
    centre.proc.send_signal(signal.SIGHUP)
    wait_log(centre, "room=reload msg=active author=signal")
    assert "extra" in queue_names(centre)
    centre.chat("a refund please")
    maria.expect("offer", queue="billing")


def test_hangup_with_bad_rules_changes_nothing(centre):
    digest = centre.ctl("status")["status"]["config"]["digest"]
    add_queue(centre)
    with (centre.dir / "usher.conf").open("a") as f:
        f.write("queue broken { ring 20 parsecs; }\n")
    centre.proc.send_signal(signal.SIGHUP)
    wait_log(centre, "room=reload msg=refused")
    status = centre.ctl("status")["status"]
    assert status["config"]["digest"] == digest
    assert "extra" not in queue_names(centre)


def test_reload_reports_every_error_with_its_place(centre):
    with (centre.dir / "usher.conf").open("a") as f:
        f.write("queue one { need nothing 5+; }\nqueue two { rang 5s; }\n")
    done = centre.ctl("reload")["reload"]
    assert done["ok"] is False
    errors = [n for n in done["notes"] if n["severity"] == "error"]
    assert len(errors) >= 2
    assert all(n["file"].endswith("usher.conf") and n["line"] > 0 and
               n["column"] > 0 for n in errors)
    assert "^" in done["report"]


def test_a_dry_run_shows_the_difference_and_changes_nothing(centre):
    before = centre.ctl("status")["status"]
    add_queue(centre)
    done = centre.ctl("reload", dry_run=True)["reload"]
    assert done["ok"] and done["dry_run"]
    assert any("extra" in line for line in done["changes"])
    after = centre.ctl("status")["status"]
    assert after["config"] == before["config"]
    assert after["router"]["seq"] == before["router"]["seq"]
    done = centre.ctl("reload")["reload"]
    assert done["ok"] and not done["dry_run"]
    assert "extra" in queue_names(centre)


def test_a_failing_test_block_refuses_the_reload(centre):
    digest = centre.ctl("status")["status"]["config"]["digest"]
    add_queue(centre)
    with (centre.dir / "usher.conf").open("a") as f:
        f.write('test "wrong" { chat site "a refund"; ready maria; '
                'expect queue general; }\n')
    done = centre.ctl("reload")["reload"]
    assert done["ok"] is False and done["tests"] == 1
    assert centre.ctl("status")["status"]["config"]["digest"] == digest


def test_listeners_come_and_go_with_a_reload(centre):
    (port,) = free_ports(1)
    centre.write_config(
        f"{CONFIG}\nlisten pages 127.0.0.1:{port};\n")
    assert centre.ctl("reload")["reload"]["ok"]
    first, centre.pages = centre.pages, port
    assert centre.http("GET", "/healthz")[0] == 200
    centre.pages = first
    centre.write_config(CONFIG)
    assert centre.ctl("reload")["reload"]["ok"]
    assert centre.http("GET", "/healthz")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1)


def test_a_port_in_use_refuses_the_reload_as_a_whole(centre):
    digest = centre.ctl("status")["status"]["config"]["digest"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        centre.write_config(
            CONFIG.replace("skill support;", "skill support; skill more;") +
            f"\nlisten pages 127.0.0.1:{port};\n")
        with pytest.raises(Refused) as refused:
            centre.ctl("reload")
    assert str(port) in refused.value.answer["text"]
    assert centre.ctl("status")["status"]["config"]["digest"] == digest
