"""The `feedback` command without its start: forks of one process that has imported it.

To start Python and to import everything is most of what a short command takes. Here that is done
once; each command is a process of its own all the same, with its own environment and folder, and
reads and writes files as it would pipes. What is about the start itself runs the real command.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

#: All tests of a run share the process that is forked; what is imported there is named here alone.
FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["feedback.app", "feedback.cli", "tests.test_letters_faults"])

_STREAMS: Final = ("stdin", "stdout", "stderr")


def run(
    words: Sequence[str], *, given: str, env: Mapping[str, str], cwd: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run `feedback` with `words`; `given` is its input. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in _STREAMS}
        files["stdin"].write_text(given, "utf-8")
        process = FORKS.Process(target=_command, args=(words, dict(env), cwd, files), daemon=True)
        process.start()
        process.join(timeout)
        status = process.exitcode
        if status is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["feedback", *words], timeout)
        process.close()
        said, complained = (files[name].read_text("utf-8") for name in _STREAMS[1:])
    return subprocess.CompletedProcess(["feedback", *words], status, said, complained)


def _command(words: Sequence[str], env: dict[str, str], cwd: Path, files: dict[str, Path]) -> None:
    """Be the command, in a process of its own."""
    for number, name in enumerate(_STREAMS):
        file = os.open(files[name], os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
        mode = "w" if number else "r"
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["feedback", *words]
    from feedback.cli import main  # noqa: PLC0415 -- who asks need not have imported it

    main()
