"""FFmpeg logs in with what a site file makes of odd users and passwords, and what it says of it is masked."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Callable

import av
import pytest

from retrail.site import Site

USER, PASSWORD = "eva b", "p@ss:w/rd%20?#ü"


class RtspDoor:
    """Asks every caller for user and password, and keeps what he answered."""

    def __init__(self, asks: str) -> None:
        self._asks = asks
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.answers: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        try:
            caller, _ = self._listener.accept()
        except OSError:
            return
        with caller, caller.makefile("rb") as lines:
            while request := _request(lines):
                number = re.search(r"CSeq: (\d+)", request)
                answer = re.search(r"Authorization: (.*)", request)
                if answer:
                    self.answers.append(answer[1].strip())
                denied = "401 Unauthorized" if request.startswith("DESCRIBE") and not answer else "200 OK"
                denied = "403 Forbidden" if answer else denied
                extra = f"WWW-Authenticate: {self._asks}\r\n" if denied.startswith("401") else ""
                caller.sendall(f"RTSP/1.0 {denied}\r\nCSeq: {number[1] if number else 0}\r\n{extra}\r\n".encode())


def _request(lines) -> str:
    text = ""
    while (line := lines.readline().decode()) not in ("", "\r\n"):
        text += line
    return text


@pytest.fixture
def refused(load: Callable[..., Site]) -> Callable[[str], tuple[list[str], str]]:
    """Call a camera that asks in this way and then refuses: what it was answered, and the cleaned error."""

    def call(asks: str) -> tuple[list[str], str]:
        door = RtspDoor(asks)
        text = f'site: kiosk\ncameras: {{till: {{source: "rtsp://${{U}}:${{P}}@127.0.0.1:{door.port}/live"}}}}\n'
        site = load(text, {"U": USER, "P": PASSWORD})
        address = site.cameras["till"].source.reveal()
        try:
            with pytest.raises(av.FFmpegError) as caught:
                av.open(address, options={"rtsp_transport": "tcp"}, timeout=10)
        finally:
            door.close()
        return door.answers, site.clean(f"{caught.value} {caught.value.filename} {address}")

    return call


def test_basic(refused: Callable[[str], tuple[list[str], str]]) -> None:
    answers, said = refused('Basic realm="shop"')
    assert base64.b64decode(answers[-1].removeprefix("Basic ")).decode() == f"{USER}:{PASSWORD}"
    assert "rtsp://***:***@127.0.0.1" in said
    assert "p@ss" not in said
    assert "p%40ss" not in said


def test_digest(refused: Callable[[str], tuple[list[str], str]]) -> None:
    answers, _ = refused('Digest realm="shop", nonce="n1"')
    fields = dict(re.findall(r'(\w+)="([^"]*)"', answers[-1]))
    assert fields["username"] == USER
    login = hashlib.md5(f"{USER}:shop:{PASSWORD}".encode()).hexdigest()
    asked = hashlib.md5(f"DESCRIBE:{fields['uri']}".encode()).hexdigest()
    assert fields["response"] == hashlib.md5(f"{login}:n1:{asked}".encode()).hexdigest()
