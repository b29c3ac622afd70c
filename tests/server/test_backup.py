# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy made while the house is at work is a whole house.

Cast: an admin with usherctl, customers who keep coming. Plot: a backup is
taken in the middle of it all, put in place of a lost folder, verified, and
served from.
"""

import json
import shutil
import subprocess
import threading

import pytest

from conftest import BUILD, PATIENCE, Refused

USHERCTL = BUILD / "usherctl"

needs_usherctl = pytest.mark.skipif(
    not USHERCTL.exists(), reason="usherctl is not built")


def usherctl(centre, *args):
    return subprocess.run([USHERCTL, *args], cwd=centre.dir,
                          capture_output=True, text=True,
                          timeout=6 * PATIENCE)


def take_backup(centre, name="copy"):
    folder = centre.dir / name
    done = centre.ctl("backup", dir=str(folder))["backup"]
    assert done["dir"] == str(folder)
    return folder


def restore(centre, folder):
    """Loses the data folder and puts the copy in its place."""
    shutil.rmtree(centre.dir / "data")
    done = usherctl(centre, "-c", "usher.conf", "restore", str(folder))
    assert done.returncode == 0, done.stderr


@needs_usherctl
def test_a_backup_brings_everything_back(centre):
    maria = centre.ready("maria")
    chat = centre.chat("refund")
    offer = maria.expect("offer")
    maria.do("accept", offer=offer["offer"])
    maria.do("send", contact=chat.contact, text="noted")
    waiting = [centre.chat(f"number {i}") for i in range(5)]
    before = centre.ctl("status")["status"]["contacts"]
    folder = take_backup(centre)
    centre.hang_up()
    centre.stop()

    restore(centre, folder)
    centre.start()
    after = centre.ctl("status")["status"]["contacts"]
    assert after["arrived"] == before["arrived"]
    record = centre.ctl("show", contact=chat.contact)["record"]
    assert [m["text"] for m in record["messages"]] == ["refund", "noted"]
    # The people are in it, and so is what customers hold in hand.
    centre.agent("maria")
    assert waiting[0].poll()["messages"][0]["text"] == "number 0"


@needs_usherctl
def test_a_backup_in_the_middle_of_work_is_whole(centre):
    """What was acknowledged before it began is in it, in one piece."""
    before = [centre.chat(f"before {i}") for i in range(20)]
    stop = threading.Event()
    during = []

    def keep_coming():
        while not stop.is_set():
            during.append(centre.chat(f"during {len(during)}"))

    threads = [threading.Thread(target=keep_coming) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        folder = take_backup(centre)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    centre.stop()

    restore(centre, folder)
    verified = usherctl(centre, "-c", "usher.conf", "db", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    rebuilt = usherctl(centre, "-c", "usher.conf", "db", "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    centre.start()
    counts = centre.ctl("status")["status"]["contacts"]
    assert len(before) <= counts["arrived"] <= len(before) + len(during)
    for chat in before:
        assert centre.ctl("show", contact=chat.contact)["contact"]["state"] \
            == "waiting"


def test_a_backup_into_a_used_folder_is_refused(centre):
    folder = centre.dir / "used"
    folder.mkdir()
    (folder / "mine").write_text("keep me")
    with pytest.raises(Refused):
        centre.ctl("backup", dir=str(folder))
    assert (folder / "mine").read_text() == "keep me"
    assert centre.ctl("ping")["ok"]


def test_a_backup_wants_an_absolute_path(centre):
    with pytest.raises(Refused) as refused:
        centre.ctl("backup", dir="somewhere")
    assert refused.value.error == "invalid"


@needs_usherctl
def test_a_restore_never_writes_over_a_house(centre):
    folder = take_backup(centre)
    centre.stop()
    done = usherctl(centre, "-c", "usher.conf", "restore", str(folder))
    assert done.returncode != 0
    centre.start()


@needs_usherctl
def test_usherctl_and_the_socket_say_the_same(centre):
    centre.chat("hello")
    done = usherctl(centre, "-s", "ctl.sock", "--json", "status")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    told = told.get("status", told)
    assert told["contacts"]["arrived"] == 1
