"""What decodes strangers' files is kept from the network, from other programs and from files by the kernel itself."""

from __future__ import annotations

import asyncio
import json
import logging
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync

from extraction.engines import process, spawning
from extraction.engines.process import EngineProcess
from tests.extraction.tiny_media import picture
from tests.security.walking import knock

pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="seccomp is Linux's")
# As the child begins: the same two calls, then what somebody would try who had taken it over.
ATTEMPTS = """
import ctypes, errno, json, os, resource, socket, subprocess, sys, threading
from extraction.engines import confinement, limits
role, port = sys.argv[1], int(sys.argv[2])
limits.apply(role)
confined = confinement.confine()
told = {"confined": confined}

def attempt(name, act):
    try:
        act()
        told[name] = "done"
    except (OSError, ValueError, MemoryError) as error:
        told[name] = errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)

def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as ours:
        ours.sendto(b"x", address) if kind == socket.SOCK_DGRAM else ours.connect(address)

def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "failed")

def in_a_thread():
    caught = []
    def run():
        try:
            connect(socket.AF_INET, ("127.0.0.1", port))
        except OSError as error:
            caught.append(error)
    thread = threading.Thread(target=run)
    thread.start(); thread.join()
    if caught:
        raise caught[0]

def in_a_child():
    pid = os.fork()
    if pid == 0:
        try:
            connect(socket.AF_INET, ("127.0.0.1", port))
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    if code := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise OSError(code, "failed")

numbers = dict(zip(confinement.NAMES, confinement.MACHINES[os.uname().machine][1]))
attempt("tcp", lambda: connect(socket.AF_INET, ("127.0.0.1", port)))
attempt("tcp6", lambda: connect(socket.AF_INET6, ("::1", port)))
attempt("udp", lambda: connect(socket.AF_INET, ("127.0.0.1", port), socket.SOCK_DGRAM))
attempt("unix", lambda: connect(socket.AF_UNIX, "\\0anything"))
attempt("name", lambda: socket.create_connection(("localhost", port)))
attempt("thread", in_a_thread)
attempt("fork", in_a_child)
attempt("program", lambda: subprocess.run([sys.executable, "-c", ""]))
attempt("io_uring", lambda: call(numbers["io_uring_setup"], 1, ctypes.create_string_buffer(256)))
attempt("ptrace", lambda: call(numbers["ptrace"], 9999, os.getppid(), 0, 0))
attempt("read", lambda: call(numbers["process_vm_readv"], os.getppid(), 0, 0, 0, 0, 0))
attempt("file", lambda: open(sys.argv[3], "wb", buffering=0).write(b"x"))
attempt("memory", lambda: bytearray(6 * 2**30))
told["limits"] = {name: resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("CORE", "FSIZE", "DATA")}
told["works"] = sum(range(1000))
print(json.dumps(told))
"""


TRIED = ("tcp", "tcp6", "udp", "unix", "name", "thread", "fork", "program", "io_uring", "ptrace", "read")


def attempts(role: str, folder: Path) -> tuple[dict, bool]:
    """What became of each; and whether anybody came to a listener of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        command = [sys.executable, "-c", ATTEMPTS, role, str(listener.getsockname()[1]), str(folder / "left")]
        done = subprocess.run(command, cwd=spawning.ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        try:
            listener.accept()[0].close()
        except TimeoutError:
            return json.loads(done.stdout), False
        return json.loads(done.stdout), True


@pytest.mark.parametrize("role", ["probe", "engine"])
def test_it_reaches_nobody_and_starts_nothing(role, tmp_path):
    told, somebody_came = attempts(role, tmp_path)
    assert told["confined"] is True and not somebody_came
    assert {name: told[name] for name in TRIED if told[name] != "EACCES"} == {}
    assert told["works"] == 499500, "it goes on working"


@pytest.mark.parametrize("role", ["probe", "engine"])
def test_it_writes_no_file_and_takes_no_more_memory_than_it_may(role, tmp_path):
    told, _ = attempts(role, tmp_path)
    assert told["file"] == "EFBIG" and told["memory"] == "MemoryError"
    assert told["limits"]["CORE"] == told["limits"]["FSIZE"] == [0, 0], "hard, so that no code in it can undo them"
    assert told["limits"]["DATA"][1] <= 5 * 2**30


def test_the_same_attempts_succeed_where_nothing_is_confined(tmp_path, monkeypatch):
    """Else the refusals above might be this machine's and not the filter's."""
    monkeypatch.setattr(sys.modules[__name__], "ATTEMPTS", ATTEMPTS.replace("confinement.confine()", "False"))
    told, somebody_came = attempts("engine", tmp_path)
    assert told["tcp"] == told["thread"] == told["fork"] == told["program"] == "done" and somebody_came
    assert "EACCES" not in {told[name] for name in TRIED}


def status_of(pid: int) -> list[dict[str, str]]:
    """Of each of its threads, as the kernel tells it."""
    tasks = [task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/status")]
    return [dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line) for text in tasks]


async def start(role: str) -> tuple[bool | None, list[dict[str, str]], object]:
    engine = EngineProcess(role)
    await engine.start()
    facts = await engine.probe(picture("PNG"))
    told = status_of(engine.pid)
    await engine.close()
    return engine.confined, told, facts


@pytest.mark.parametrize("role", ["probe", "engine"])
def test_the_real_process_is_held_in_every_thread_and_still_reads(role):
    confined, threads, facts = asyncio.run(start(role))
    assert confined is True and facts.media_type == "image/png"
    assert len(threads) > 1
    assert {(thread["Seccomp"].strip(), thread["NoNewPrivs"].strip()) for thread in threads} == {("2", "1")}


def test_where_the_kernel_has_no_filters_it_works_and_says_so_once(monkeypatch, caplog):
    """As on a machine that we have no numbers for."""
    unknown = "import platform; platform.machine = lambda: 'riscv64'\n"
    run = "import sys; sys.argv = ['child', 'probe']; from extraction.engines import child; child.main()"

    async def spawn(role: str, *, threads: int) -> spawning.Child:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", unknown + run, cwd=spawning.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=spawning.environment(threads),
        )  # fmt: skip
        return spawning.Child(child, child.stdin, child.stdout)

    async def twice() -> tuple[bool | None, object]:
        engine = EngineProcess("probe")
        await engine.start()
        await engine.start()
        facts = await engine.probe(picture("PNG"))
        await engine.close()
        return engine.confined, facts

    monkeypatch.setattr(process, "spawn", spawn)
    with caplog.at_level(logging.WARNING):
        confined, facts = asyncio.run(twice())
    assert confined is False and facts.media_type == "image/png"
    assert caplog.text.count("not confined") == 1


@pytest.mark.django_db
def test_readiness_tells_whether_it_is_confined():
    assert async_to_sync(knock)("GET", "/readyz").json()["first_look"] in ("starting", "confined")


@pytest.mark.parametrize(
    "wants",
    [
        ["../../etc"],
        ["easyocr", "../x"],
        ["easyocr", "--help"],
        ["faster-whisper", "en"],
        "easyocr",
        [],
        ["easyocr", *["en"] * 30],
        [1],
    ],
    ids=str,
)
def test_what_a_child_wants_prepared_is_looked_at_like_anything_it_says(wants, monkeypatch):
    from extraction.engines import answers
    from extraction.engines.frames import BrokenFrame

    with pytest.raises(BrokenFrame):
        answers.read_wanted({"wants": wants})
