"""Who is let in, and what stands beside every answer: asked with a plain client, as no browser would."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from edge.errors import UsageError
from edge.tools.mosquitto import Mosquitto
from edge.tools.view.auth import Address, Auth, address, make_token
from edge.tools.view.server import PAGE
from tests.support.commands import command
from tests.support.subscriber import Subscriber
from tests.support.waiting import wait_until
from tests.tools.view.client import TOKEN, ask, asked, cookie
from tests.tools.view.stage import Player, viewer


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as running:
        yield running


@pytest.fixture(scope="module")
def port(broker: Mosquitto) -> Iterator[int]:
    with viewer(broker.port, "--token", TOKEN, "--host", "view.example.org") as url:
        yield int(urlsplit(url).port or 0)


def test_every_answer_has_a_strict_policy(port: int) -> None:
    for path in (f"/?token={TOKEN}", "/", "/nothing", f"/page/main.js?token={TOKEN}", f"/stream?token={TOKEN}"):
        response = ask(port, path)
        policy = response.headers.get("Content-Security-Policy") or ""
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert response.headers.get("X-Content-Type-Options") == "nosniff"
        assert response.headers.get("Referrer-Policy") == "no-referrer"
        assert response.headers.get("Server") is None


@pytest.mark.parametrize("path", ["/", "/setup", "/stream", "/page/main.js", "/nothing"])
def test_nothing_without_the_token(port: int, path: str) -> None:
    assert ask(port, path).status == 403
    for wrong in ("", "x", TOKEN[:-1], TOKEN.upper(), TOKEN + "x", "%C3%A9"):
        assert ask(port, f"{path}?token={wrong}").status == 403
    for wrong in ("x", TOKEN, cookie(port).partition("=")[2][:-1]):
        assert ask(port, path, Cookie=f"posenet_edge_view_0={wrong}").status == 403


def test_the_token_once_and_then_the_cookie(port: int) -> None:
    crumb = cookie(port)
    assert ask(port, "/", Cookie=crumb).status == 200
    assert json.loads(ask(port, "/setup", Cookie=crumb).body)["commands"] is False
    assert ask(port, "/stream", Cookie=crumb).headers["Content-Type"] == "text/event-stream"
    secure = ask(port, f"/?token={TOKEN}", X_Forwarded_Proto="https").headers["Set-Cookie"]
    assert "Secure" in (secure or "")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{}", 200),
        ("localhost:{}", 200),
        ("192.168.1.20:{}", 200),
        ("[::1]:{}", 200),
        ("view.example.org", 200),
        ("evil.example", 403),
        ("evil.example:{}", 403),
        ("127.0.0.1.evil.example:{}", 403),
        ("view.example.org.evil.example", 403),
        ("localhost.evil.example", 403),
        ("", 403),
    ],
)
def test_a_foreign_name_is_refused(port: int, host: str, status: int) -> None:
    assert ask(port, "/", Host=host.format(port), Cookie=cookie(port)).status == status


def test_another_sites_page_is_refused(port: int) -> None:
    crumb = cookie(port)
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"):
        assert ask(port, "/stream", Cookie=crumb, Origin=origin).status == 403, origin
    assert ask(port, "/setup", Cookie=crumb, Origin=f"http://127.0.0.1:{port}").status == 200
    assert ask(port, "/setup", Cookie=crumb, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="cors").status == 403
    assert ask(port, "/", Cookie=crumb, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200
    assert ask(port, "/", Host="view.example.org", Origin="https://view.example.org", Cookie=crumb).status == 200


def test_only_the_pages_own_files(port: int) -> None:
    crumb = cookie(port)
    for path in ("/page/../server.py", "/page/..%2fserver.py", "/page/%2e%2e/verb.py", "/page/", "/page/x.js"):
        assert ask(port, path, Cookie=crumb).status == 404, path
    assert ask(port, "/setup", "POST", Cookie=crumb).status == 405
    assert ask(port, "/places?device=hall", "POST", Cookie=crumb).status == 404, "only with --commands"


def test_every_asset_is_there_and_nothing_comes_from_elsewhere() -> None:
    texts = {file.name: file.read_text() for file in PAGE.iterdir()}
    for name, text in texts.items():
        for used in re.findall(r"(?:from \"\./|(?:href|src)=\"page/)([^\"]+)", text):
            assert used in texts, f"{name}: {used}"
        assert set(re.findall(r"https?://[^\s\"')]+", text)) <= {"http://www.w3.org/2000/svg"}, name
        assert not re.search(r"\sstyle=|\son[a-z]+=|innerHTML|eval\(", text), name
        assert not re.search(r"<(script|style)[^>]*>[^<]", text), name
        assert len(text.splitlines()) <= 250, name


def test_it_publishes_nothing_not_even_a_will() -> None:
    with Mosquitto() as broker, Subscriber(broker.port, "#") as all_of_it, Player(broker.port) as player:
        with viewer(broker.port) as url:
            parts = urlsplit(url)
            with asked(int(parts.port or 0), f"/stream?{parts.query}") as response:
                while b'"connected":true' not in response.readline():
                    pass
        player.online()
        wait_until(lambda: all_of_it.on("availability"), what="the last message")
        assert [message.topic for message in all_of_it.messages] == ["posenet/hall/availability"]


def test_without_a_token_only_on_loopback(broker: Mosquitto) -> None:
    result = command("view", "--no-token", "--listen=0.0.0.0:0")
    assert result.returncode == os.EX_USAGE
    assert "anybody on the network could look" in result.stderr
    with viewer(broker.port, "--no-token") as url:
        assert "token" not in url
        assert ask(int(urlsplit(url).port or 0), "/setup").status == 200


def test_a_token_in_a_file_stays_and_is_not_printed(broker: Mosquitto, tmp_path: Path) -> None:
    file = tmp_path / "token"
    kept = []
    for _ in range(2):
        with viewer(broker.port, f"--token-file={file}") as url:
            assert "token" not in url
            port = int(urlsplit(url).port or 0)
            kept.append(file.read_text().strip())
            assert file.stat().st_mode & 0o777 == 0o600
            assert ask(port, f"/setup?token={kept[-1]}").status == 200
            assert ask(port, "/setup").status == 403
    assert kept[0] == kept[1]


@pytest.mark.parametrize(("content", "status"), [("short", os.EX_USAGE), (None, os.EX_IOERR)])
def test_a_file_without_a_token_is_told(tmp_path: Path, content: str | None, status: int) -> None:
    file = tmp_path / "token" if content else tmp_path / "nowhere" / "token"
    if content:
        file.write_text(content)
    result = command("view", f"--token-file={file}", "--listen=127.0.0.1:0")
    assert (result.returncode, len(result.stderr.splitlines())) == (status, 1)
    assert f"--token-file {file}: " in result.stderr
    assert "expected" in result.stderr


def test_behind_a_proxy_only_that_may_connect_and_browsers_may_call_it_anything(broker: Mosquitto) -> None:
    with viewer(broker.port, "--proxy=127.0.0.1", "--listen=0.0.0.0:0") as url:
        assert "token" not in url
        port = int(urlsplit(url).port or 0)
        answer = ask(port, "/", Host="home.example:8123")
        assert answer.status == 200
        assert "frame-ancestors 'self'" in (answer.headers["Content-Security-Policy"] or "")
        for headers, status in (
            ({"Host": "home.example", "Origin": "https://home.example:8123"}, 200),
            ({"Host": "127.0.0.1", "X_Forwarded_Host": "home.example", "Origin": "https://home.example"}, 200),
            ({"Host": "home.example", "Origin": "https://evil.example"}, 403),
            ({"Host": "home.example", "Origin": "null"}, 403),
            ({"Host": "", "Origin": ""}, 403),
        ):
            assert ask(port, "/setup", **headers).status == status, headers
    with viewer(broker.port, "--proxy=127.0.0.2", "--listen=0.0.0.0:0") as url:
        answer = ask(int(urlsplit(url).port or 0), "/")
        assert answer.status == 403
        assert b"only the proxy may connect" in answer.body


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--proxy=proxy.lan"], "expected the address from which it connects"),
        (["--proxy=[::1]"], "expected the address from which it connects"),
        (["--proxy=127.0.0.1", "--token", TOKEN], "not allowed with"),
        (["--proxy=127.0.0.1", "--no-token"], "not allowed with"),
    ],
    ids=str,
)
def test_a_proxy_is_an_address_and_needs_no_token(arguments: list[str], why: str) -> None:
    result = command("view", *arguments)
    assert result.returncode == os.EX_USAGE
    assert why in result.stderr


def test_a_made_token_is_printed_and_new_each_time(broker: Mosquitto) -> None:
    seen = set()
    for _ in range(2):
        with viewer(broker.port) as url:
            (token,) = parse_qs(urlsplit(url).query)["token"]
            assert len(token) >= 20
            seen.add(token)
            assert ask(int(urlsplit(url).port or 0), f"/setup?token={token}").status == 200
    assert len(seen) == 2


@pytest.mark.parametrize("token", ["short", "with space and more letters", "ä" * 20, "x" * 129])
def test_a_token_that_could_be_guessed_or_broken_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="16 to 128"):
        make_token(token)


@pytest.mark.parametrize("text", ["8470", "host.example:80", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", ":80", ""])
def test_a_bad_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected an address and a port"):
        address(text)


def test_good_addresses() -> None:
    assert address("localhost:1") == Address("127.0.0.1", 1)
    assert address("[::1]:8470").url() == "http://[::1]:8470/"
    assert address("0.0.0.0:80").url().startswith("http://")
    assert address("[::1]:0").is_loopback
    assert not address("[::]:0").is_loopback


def test_who_guesses_has_to_wait_and_nobody_else() -> None:
    auth = Auth(Address("127.0.0.1", 1), TOKEN)
    guesses = [auth.knows(f"guess-{number}-of-many", None, "10.0.0.7", 1000.0) for number in range(200)]
    assert guesses[:50] == [False] * 50
    assert guesses[-1] is None, "no longer looked at"
    assert auth.knows(TOKEN, None, "10.0.0.7", 1000.0) is None, "or guessing would be as fast as before"
    assert auth.knows(TOKEN, None, "10.0.0.8", 1000.0)
    assert auth.knows(None, auth.cookie_value, "10.0.0.7", 1000.0), "who was let in stays in"
    assert auth.knows(TOKEN, None, "10.0.0.7", 1060.0)


def test_guesses_from_everywhere_fill_no_memory() -> None:
    auth = Auth(Address("127.0.0.1", 1), TOKEN)
    for number in range(5000):
        assert auth.knows("a-guess-of-sixteen", None, f"peer {number}", 1000.0) is False
    assert len(auth._tries) <= 1100


def test_too_many_guesses_are_answered_as_such(broker: Mosquitto) -> None:
    with viewer(broker.port, "--token", TOKEN) as url:
        port = int(urlsplit(url).port or 0)
        crumb = cookie(port)
        answer = None
        for _ in range(2000):
            answer = ask(port, "/?token=a-guess-of-sixteen")
            if answer.status != 403:
                break
        assert answer
        assert answer.status == 429
        assert b"too many wrong tokens" in answer.body
        assert ask(port, "/setup", Cookie=crumb).status == 200


def test_two_views_do_not_share_a_cookie() -> None:
    assert Auth(Address("127.0.0.1", 1), TOKEN).cookie != Auth(Address("127.0.0.1", 2), TOKEN).cookie
    assert Auth(Address("127.0.0.1", 1), TOKEN).cookie_value != Auth(Address("127.0.0.1", 1), TOKEN + "x").cookie_value


def test_without_the_extra_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['aiohttp'] = None; from edge.__main__ import main; sys.exit(main(['view']))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == os.EX_UNAVAILABLE
    assert "expected the extra view (pip install 'posenet-edge[view]'), or --terminal" in result.stderr


def test_a_port_that_is_taken_is_said(port: int, broker: Mosquitto) -> None:
    result = command("view", f"--listen=127.0.0.1:{port}", f"--set=mqtt.port={broker.port}")
    assert result.returncode == os.EX_IOERR
    assert "free port" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_stream_tells_what_is_retained_and_poses_of_the_chosen_only(port: int, broker: Mosquitto) -> None:
    with Player(broker.port, "attic") as attic, Player(broker.port, "hall") as hall:
        attic.state(occupied=True)
        with asked(port, "/stream?device=hall", Cookie=cookie(port)) as response:
            attic.poses(())
            hall.poses(())
            kinds = set()
            while ("hall", "poses") not in kinds:
                line = response.readline()
                if line.startswith(b"data: "):
                    told = json.loads(line[6:])
                    kinds.add((told["device"], told["kind"]))
        assert ("attic", "summary") in kinds
        assert ("attic", "poses") not in kinds
