"""Fake vendors' tools on the PATH, and a fake exporter on loopback, for tests of the recorder."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
H100 = "NVIDIA H100 80GB HBM3"
#: Prints two devices ten times a second, in the way of nvidia-smi --query-gpu --format=csv.
NVIDIA_SMI = f"""
echo "index, uuid, name, utilization.gpu [%], power.draw [W]"
while true; do
  echo "0, GPU-a, {H100}, 97 %, 650.25 W"
  echo "1, GPU-b, {H100}, 97 %, 649.75 W"
  sleep 0.1
done
"""
#: Says its names when asked, then prints what amd-smi metric --csv --watch does.
AMD_SMI = """
if [ "$1" = static ]; then
  echo '[{"gpu": 0, "asic": {"market_name": "AMD Instinct MI300X", "asic_serial": "0xA1"}}]'
  exit 0
fi
echo "'CTRL' + 'C' to stop watching output:"
echo "timestamp,gpu,gfx_activity,umc_activity,mm_activity,socket_power,total_energy_consumption"
energy=1000
while true; do
  echo "1789515524,0,98,40,N/A,700,$energy"
  energy=$((energy + 70))
  sleep 0.1
done
"""


def put_tool(folder: Path, name: str, script: str) -> None:
    """Write a shell script as a program."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@contextmanager
def recording(
    folder: Path, source: str, *more: str, tools: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run ``trainwatch record`` into ``folder/usage.ndjson`` until the block ends."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TENANT": "t-1"}
    environment["PATH"] = f"{tools or folder}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "streams", "record", "--tenant-from-env", "TENANT"]
    command += ["--resource", "node-17", "--node", "n17", "--from", source]
    command += ["--sample", "100ms", "--cadence", "500ms", "--out", str(folder / "usage.ndjson")]
    process = subprocess.Popen(
        [*command, *more],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines_of(folder: Path) -> list[str]:
    """Give the whole lines written so far."""
    path = folder / "usage.ndjson"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def wait_for(folder: Path, containing: Sequence[str], process: subprocess.Popen[str]) -> None:
    """Wait until a line of the output contains each of the words."""
    until = time.monotonic() + 90
    while not any(all(word in line for word in containing) for line in lines_of(folder)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, lines_of(folder)
        time.sleep(0.05)


@contextmanager
def exporter(pages: Sequence[str]) -> Iterator[str]:
    """Serve the pages one after the other, then the last for ever; gives the address."""
    left = list(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (left.pop(0) if len(left) > 1 else left[0]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/metrics"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Give these bytes to the first who asks, whatever is asked, and hang up; the address."""

    def once() -> None:
        asker, _ = listener.accept()
        with asker:
            asker.recv(65536)
            asker.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        thread = threading.Thread(target=once)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/metrics"
        finally:
            thread.join()
