# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody who wishes us ill once got through, and does no more."""

import pytest

from conftest import Refused
from test_pages import browser, pages, pytestmark as in_browser, sign_in

TOO_BIG = ["9223372036854775808", "18446744073709551615"]
ASKING = [("contact", "contact", "c"), ("messages", "contact", "c"),
          ("history", "contact", "c"), ("history", "customer", "p"),
          ("note", "contact", "c"), ("accept", "offer", "o")]


@pytest.mark.parametrize("number", TOO_BIG)
@pytest.mark.parametrize("cmd, field, letter", ASKING)
def test_an_id_nobody_can_count_to_stops_nothing(
        centre, cmd, field, letter, number):
    maria = centre.agent("maria")
    more = {"text": "x"} if cmd == "note" else {}
    with pytest.raises(Refused) as refused:
        maria.do(cmd, **{field: letter + number}, **more)
    assert refused.value.error in ("invalid", "not-found")
    assert maria.do("ping")["ok"]


@pytest.mark.parametrize("number", TOO_BIG)
def test_nor_does_it_in_a_path(centre, number):
    for path in (f"contacts/c{number}", f"contacts/c{number}/why",
                 f"customers/p{number}", f"contacts?after=c{number}"):
        login = centre.post("/v1/main/login", {
            "name": "lena", "password": "lena keeps a long secret"})
        status, _, body = centre.http("GET", f"/v1/main/{path}",
                                      token=login["token"])
        assert 400 <= status < 500, (path, status, body)


@in_browser
def test_a_word_without_end_stays_inside_the_offer(browser, pages):
    desk = sign_in(browser, pages)
    desk.until("document.querySelector('#state').options.length > 0")
    desk.do("Runtime.evaluate", expression="""(() => {
        const s = document.querySelector("#state");
        s.value = "ready";
        s.dispatchEvent(new Event("change", { bubbles: true }));
    })()""")
    pages.chat("invoice " + "W" * 300, name="<b>" + "w" * 100)
    desk.until("!document.querySelector('#offer').hidden")
    desk.until("""(() => {
        const card = document.querySelector("#offer");
        return card.scrollWidth <= card.clientWidth;
    })()""")
