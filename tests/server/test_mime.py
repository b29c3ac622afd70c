# SPDX-License-Identifier: GPL-3.0-or-later
"""usher-mime: one hostile mail in, one small JSON object out.

Each test builds a mail, runs the real program on it and looks at what it says
and at what it cost. The program is USHER_MIME, or the one in the build folder.
"""
import json
import os
import resource
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPE = {"from", "to", "subject", "message_id", "in_reply_to", "references",
         "date", "text", "language", "attachments", "auto", "bounce", "cut",
         "error"}


def program():
    places = [os.environ.get("USHER_MIME"),
              os.path.join(os.environ.get("USHER_BUILD", "."), "usher-mime"),
              os.path.join(HERE, "..", "..", "usher-mime")]
    for place in places:
        if place and os.access(place, os.X_OK):
            return os.path.abspath(place)
    pytest.skip("usher-mime is not built; set USHER_MIME or USHER_BUILD")


def run(raw):
    """The verdict on a mail, as the program said it."""
    done = subprocess.run([program()], input=raw, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) < 1024 * 1024
    said = json.loads(done.stdout)
    assert set(said) <= SHAPE
    return said


def cost(raw, tmp_path):
    """Peak memory in bytes of the program on this mail, and its verdict.

    Measured in a process that has no other children; ru_maxrss is in KiB.
    """
    mail = tmp_path / "mail"
    mail.write_bytes(raw)
    script = (
        "import resource, subprocess, sys\n"
        "out = subprocess.run([sys.argv[1]], stdin=open(sys.argv[2], 'rb'),"
        " stdout=subprocess.PIPE, check=True).stdout\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "sys.stdout.write(str(peak) + '\\n' + out.decode())\n")
    done = subprocess.run([sys.executable, "-c", script, program(), str(mail)],
                          stdout=subprocess.PIPE, timeout=60, check=True)
    peak, said = done.stdout.decode().split("\n", 1)
    return int(peak) * 1024, json.loads(said)


def head(extra=b"", content=b"text/plain; charset=utf-8"):
    return (b"From: Ana Silva <Ana@Example.org>\r\n"
            b"To: help@acme.example\r\nSubject: Invoice 118\r\n"
            b"Message-ID: <m1@example.org>\r\n" + extra +
            b"MIME-Version: 1.0\r\nContent-Type: " + content + b"\r\n")


def parts(boundary, *bodies):
    b = boundary.encode()
    return b"".join(b"--" + b + b"\r\n" + body + b"\r\n"
                    for body in bodies) + b"--" + b + b"--\r\n"


def test_plain_mail_is_read():
    said = run(head(b"Date: Mon, 1 Jan 2024 10:00:00 +0100\r\n"
                    b"In-Reply-To: <a@b>\r\nReferences: <x@y> <a@b>\r\n"
                    b"Content-Language: pt\r\n") +
               b"\r\nWhere is my refund?\r\n")
    assert said["from"] == {"name": "Ana Silva", "address": "Ana@Example.org"}
    assert said["to"] == [{"address": "help@acme.example"}]
    assert said["subject"] == "Invoice 118"
    assert said["message_id"] == "m1@example.org"
    assert said["in_reply_to"] == "a@b"
    assert said["references"] == ["x@y", "a@b"]
    assert said["date"] == "2024-01-01T09:00:00Z"
    assert said["language"] == "pt"
    assert said["text"] == "Where is my refund?"
    assert said["auto"] is False and said["bounce"] is False
    assert "error" not in said


def test_plain_form_of_an_alternative_is_preferred():
    body = parts("b1", b"Content-Type: text/html\r\n\r\n<p>hyper</p>",
                 b"Content-Type: text/plain\r\n\r\nplain")
    said = run(head(content=b'multipart/alternative; boundary="b1"') +
               b"\r\n" + body)
    assert said["text"] == "plain"
    assert said["attachments"] == []


def test_html_alone_becomes_safe_text():
    html = (b"<html><head><title>t</title><style>p{color:red}</style></head>"
            b"<body><p>Ol&aacute; <b>Ana</b>,</p><script>steal()</script>"
            b"<!-- secret --><ul><li>one<li>two</ul>a &lt;b&gt; &#8364;&#0;"
            b'<a href="x>y">link</a><img src=x onerror=alert(1)></body>')
    said = run(head(content=b"text/html; charset=us-ascii") + b"\r\n" + html)
    assert said["text"] == ("Ol\u00e1 Ana,\n\n- one\n- two\n\n"
                            "a <b> \u20ac&#0;link")
    assert "steal" not in said["text"] and "secret" not in said["text"]


def test_nested_parts_are_walked_and_attachments_listed():
    inner = parts("in", b"Content-Type: text/plain\r\n\r\nhello",
                  b"Content-Type: text/html\r\n\r\n<p>hello</p>")
    body = parts(
        "out",
        b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n' + inner,
        b'Content-Type: application/pdf; name="bill.pdf"\r\n'
        b"Content-Disposition: attachment; filename=\"bill.pdf\"\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8gd29ybGQ=",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx")
    said = run(head(content=b'multipart/mixed; boundary="out"') + b"\r\n" +
               body)
    assert said["text"] == "hello"
    assert said["attachments"] == [
        {"name": "bill.pdf", "type": "application/pdf", "size": 11},
        {"name": "inner", "type": "message/rfc822", "size": 0}]


@pytest.mark.parametrize("label,raw,text", [
    (b"utf-8", b"caf\xe9 \x80", "caf\u00e9 \u20ac"),       # is windows-1252
    (b"iso-8859-1", "caf\u00e9 \u20ac".encode(), "caf\u00e9 \u20ac"),  # UTF-8
    (b"us-ascii", "\u00e1".encode(), "\u00e1"),
    (b"koi8-r", "\u043c\u0438\u0440".encode("koi8-r"), "\u043c\u0438\u0440"),
    (b"shift_jis", "\u65e5\u672c".encode("shift_jis"), "\u65e5\u672c"),
    (b"no-such-charset", b"caf\xe9", "caf\u00e9"),
    (b"utf-16", b"\xff\xfeh\x00i\x00", "hi"),
    (b"gb2312", b"\xc4\xe3\xff\xba\xc3", "\u4f60\ufffd\u597d"),
])
def test_mislabelled_charsets_become_readable(label, raw, text):
    said = run(head(content=b"text/plain; charset=" + label,
                    extra=b"Content-Transfer-Encoding: 8bit\r\n") +
               b"\r\n" + raw)
    assert said["text"] == text


def test_encoded_headers_are_decoded_and_cleaned():
    said = run(b"From: =?utf-8?q?Ana=0D=0ABcc=3A_x?= <ana@example.org>\r\n"
               b"Subject: =?iso-8859-1?q?Caf=E9?=\r\n\r\nx")
    assert said["subject"] == "Caf\u00e9"
    assert "\n" not in said["from"]["name"]
    assert "\r" not in said["from"]["name"]


def test_broken_boundary_is_no_crash():
    body = (b"--wrong\r\nContent-Type: text/plain\r\n\r\nx\r\n--right-\r\n"
            b"--right\r\nContent-Type: text/plain\r\n\r\nfound\r\n--rig")
    said = run(head(content=b'multipart/mixed; boundary="right"') + b"\r\n" +
               body)
    assert "error" not in said
    assert "found" in said["text"]


def test_multipart_without_boundary_is_no_crash():
    said = run(head(content=b"multipart/mixed") + b"\r\n--\r\n\r\nx\r\n--\r\n")
    assert "error" not in said


def test_long_text_is_cut_at_a_character():
    said = run(head() + b"\r\n" + "\u20ac".encode() * 20000)
    assert said["cut"] is True
    assert set(said["text"]) == {"\u20ac"}
    assert 29000 < len(said["text"].encode()) <= 30000


@pytest.mark.parametrize("extra,auto", [
    (b"", False),
    (b"Auto-Submitted: no\r\n", False),
    (b"Auto-Submitted: auto-replied\r\n", True),
    (b"Precedence: bulk\r\n", True),
    (b"List-Id: <l.example.org>\r\n", True),
])
def test_mails_of_machines_are_marked(extra, auto):
    assert run(head(extra) + b"\r\nx")["auto"] is auto


def test_bounce_is_marked():
    said = run(head(content=b'multipart/report; boundary="r";'
                            b" report-type=delivery-status") + b"\r\n" +
               parts("r", b"Content-Type: text/plain\r\n\r\nIt failed.",
                     b"Content-Type: message/delivery-status\r\n\r\n"
                     b"Action: failed\r\n"))
    assert said["bounce"] is True
    assert "It failed." in said["text"]


# ---- limits ---------------------------------------------------------------


def many_parts(n):
    return (head(content=b'multipart/mixed; boundary="b"') + b"\r\n" +
            parts("b", *[b"\r\nx"] * n))


def test_500_parts_are_read_and_501_refused():
    # the mail itself counts as one
    assert "error" not in run(many_parts(499))
    assert run(many_parts(500))["error"] == "too-many-parts"


def nested(n):
    raw = b"Content-Type: text/plain\r\n\r\ndeep"
    for i in range(n, 0, -1):
        b = b"n%d" % i
        raw = (b'Content-Type: multipart/mixed; boundary="' + b +
               b'"\r\n\r\n--' + b + b"\r\n" + raw + b"\r\n--" + b + b"--")
    return b"From: a@b.example\r\nMIME-Version: 1.0\r\n" + raw


def test_nesting_of_20_is_read_and_21_refused():
    assert run(nested(20))["text"] == "deep"
    assert run(nested(21))["error"] == "nested-too-deeply"


def test_nested_messages_count_as_nesting():
    raw = b"Content-Type: message/rfc822\r\n\r\n" * 21 + b"\r\nx"
    assert run(raw)["error"] == "nested-too-deeply"


def test_parts_of_a_digest_are_messages():
    raw = b'Content-Type: multipart/digest; boundary="d"\r\n\r\n'
    raw += (b"--d\r\n\r\nContent-Type: multipart/digest; boundary=\"d\""
            b"\r\n\r\n") * 30
    assert run(raw)["error"] == "nested-too-deeply"


def test_header_of_64_kib_is_read_and_more_refused():
    line = b"X-Filler: " + b"a" * 988 + b"\r\n"        # 1,000 bytes
    room = 64 * 1024 - len(head()) - 2
    raw = line * (room // 1000)
    raw += b"Y: " + b"a" * (room % 1000 - 5) + b"\r\n"
    assert "error" not in run(head(raw) + b"\r\nx")
    assert run(head(raw + b"Z: z\r\n") + b"\r\nx")["error"] == \
        "header-too-large"


def test_200_fields_are_read_and_201_refused():
    fields = b"X: y\r\n" * (200 - head().count(b"\r\n"))
    assert "error" not in run(head(fields) + b"\r\nx")
    assert run(head(fields + b"X: y\r\n") + b"\r\nx")["error"] == \
        "too-many-fields"


def test_boundary_of_70_is_read_and_71_refused():
    def mail(n):
        return (head(content=b'multipart/mixed; boundary="' + b"b" * n +
                     b'"') + b"\r\n" + parts("b" * n, b"\r\nx"))
    assert run(mail(70))["text"] == "x"
    assert run(mail(71))["error"] == "boundary-too-long"


def test_boundaries_that_can_be_read_twice_are_refused():
    for value in (b"boundary*=us-ascii''b", b"boundary*0=b; boundary*1=c",
                  b'boundary="=?us-ascii?q?b?="', b"boundary=(x)b",
                  b'boundary (c) = "b"', b'x="y; boundary=b', b"boundary=b c",
                  b'boundary="b\xe9"', b'boundary=b"c', b"a; boundary=b",
                  b"boundary=a; boundary=b",
                  b"boundary=b\r\nContent-Type: text/plain"):
        raw = head(content=b"multipart/mixed; " + value) + b"\r\n"
        assert run(raw)["error"] == "odd-boundary"


def test_parts_hidden_in_odd_headers_still_count():
    body = b"--b\r\n\r\nx\r\n" * 600
    for field in (b"CONTENT-TYPE : multipart/mixed; boundary=b\r\n",
                  b"Content-Type:\r\n multipart/mixed;\r\n\tboundary\r\n ="
                  b' "b"\r\n',
                  b"Content-Type: multipart\r\n /\r\n digest; boundary=b\r\n"):
        assert run(b"From: a@b.example\r\n" + field + b"\r\n" + body)[
            "error"] == "too-many-parts"


def test_bounce_with_headers_only_is_read():
    said = run(head(content=b'multipart/report; boundary="r";'
                            b" report-type=delivery-status") + b"\r\n" +
               b"--r\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
               b"--r\r\nContent-Type: message/rfc822\r\n\r\n"
               b"From: a@b.example\r\nSubject: mine\r\n--r--\r\n")
    assert "error" not in said
    assert said["text"] == "It failed."
    assert said["attachments"][0]["name"] == "mine"


def test_empty_mail_has_a_verdict():
    assert run(b"")["error"] == "empty"


def test_200000_parts_cost_less_than_32_mib(tmp_path):
    raw = (head(content=b'multipart/mixed; boundary="b"') + b"\r\n" +
           b"--b\r\n\r\nx\r\n" * 200000)
    assert len(raw) > 2_000_000
    peak, said = cost(raw, tmp_path)
    assert said["error"] == "too-many-parts"
    assert peak < 32 * 1024 * 1024


def test_3_8_mb_of_headers_cost_less_than_32_mib(tmp_path):
    raw = b"From: a@b.example\r\n" + b"X: y\r\n" * 640000 + b"\r\nx"
    assert len(raw) > 3_800_000
    peak, said = cost(raw, tmp_path)
    assert said["error"] == "too-many-fields"
    assert peak < 32 * 1024 * 1024


def test_50_mib_are_read_and_one_byte_more_refused(tmp_path):
    most = 50 * 1024 * 1024
    start = (head(content=b"application/octet-stream; name=big") + b"\r\n")
    line = b"a" * 998 + b"\r\n"
    raw = (start + line * (most // 1000 + 1))[:most]
    peak, said = cost(raw, tmp_path)
    assert "error" not in said
    assert peak < 400 * 1024 * 1024
    peak, said = cost(raw + b"a", tmp_path)
    assert said["error"] == "too-large"


def test_sandbox_has_no_files_left():
    """The program cannot open a file after it has read the mail."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = run(head(content=b"text/plain; charset=/etc/passwd") + b"\r\nx")
    assert said["text"] == "x"
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == limits


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
