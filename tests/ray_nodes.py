"""Real Ray nodes for tests: each a ``ray start`` of its own on this machine, ended by its process group."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from seaweed import free_ports

_SECONDS = 240.0


def installed() -> bool:
    """Whether there is a Ray to test with."""
    return importlib.util.find_spec("ray") is not None


class Nodes:
    """Two nodes with one core each, the first of which is the head.

    Attributes:
        address: For ``RAY_ADDRESS``.
        logs: The folder of everything that Ray writes.
    """

    def __init__(self, folder: Path) -> None:
        self._port, *self._agents = free_ports(3)
        self.address = f"127.0.0.1:{self._port}"
        self.logs = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start both, one after another: two that start at once get in each other's way."""
        head = ["--head", f"--port={self._port}", "--include-dashboard=false", f"--temp-dir={self.logs}"]
        node = [f"--address={self.address}"]
        for cores, (options, agent) in enumerate(zip((head, node), self._agents, strict=True), 1):
            command = [str(Path(sys.executable).parent / "ray"), "start", "--block", "--node-ip-address=127.0.0.1",
                       "--num-cpus=1", "--object-store-memory=150000000", f"--dashboard-agent-listen-port={agent}",
                       *options]  # fmt: skip
            with (self.logs / "start.txt").open("ab") as log:
                self._processes.append(
                    subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment())
                )
            self._until(f"assert ray.cluster_resources().get('CPU', 0) == {cores}")

    def _until(self, script: str) -> None:
        deadline = time.monotonic() + _SECONDS
        connect = f"import ray; ray.init(address={self.address!r}, logging_level=40); "
        command = [sys.executable, "-c", connect + script]
        while time.monotonic() < deadline:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if subprocess.run(command, capture_output=True, timeout=120, env=environment()).returncode == 0:
                    return
            if any(process.poll() is not None for process in self._processes):
                break
        raise RuntimeError("Ray did not start:\n" + (self.logs / "start.txt").read_text("utf-8")[-3000:])

    def tasks(self) -> dict[int, str]:
        """Process id and name of the tasks that run now, on all nodes."""
        groups = {process.pid for process in self._processes}
        running = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    title = (entry / "cmdline").read_bytes().partition(b"\0")[0].decode("utf-8", "replace")
                    if title.startswith("ray::citebook") and _root(int(entry.name), groups):
                        running[int(entry.name)] = title
        return running

    def stop(self) -> None:
        """End them all, with their children."""
        for process in reversed(self._processes):
            for pid in _descendants(process.pid):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            process.wait(timeout=30)


@contextlib.contextmanager
def nodes() -> Iterator[Nodes]:
    """Nodes for a while."""
    # The names of Ray's sockets are long already, and may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="r"))
    cluster = Nodes(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def environment() -> dict[str, str]:
    """For every process that has to do with the nodes: Ray's own patience ends before a busy machine has begun."""
    return {
        **os.environ,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
        "RAY_raylet_start_wait_time_s": "240",
        "RAY_agent_register_timeout_ms": "240000",
        "RAY_gcs_rpc_server_connect_timeout_s": "60",
    }


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = int(fields[1])
    return found


def _descendants(pid: int) -> list[int]:
    """A process and all below it, the youngest generation last."""
    parents = _parents()
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _root(pid: int, roots: set[int]) -> bool:
    parents = _parents()
    while pid > 1:
        if pid in roots:
            return True
        pid = parents.get(pid, 0)
    return False
