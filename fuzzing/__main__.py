"""`python -m fuzzing`: has Atheris look for bytes of which something does not hold."""

import subprocess
import sys

import click

from fuzzing import HARNESSES, harness

#: The longest input, in bytes, and the seconds that one may take.
LONGEST, SLOWEST = 2000, 20


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(HARNESSES))
@click.option("--seconds", default=60, show_default=True, help="For how long, each.")
@click.option("--seed", default=1, show_default=True, help="Where chance begins.")
@click.option("--here", is_flag=True, hidden=True)
def main(names: tuple[str, ...], seconds: int, seed: int, *, here: bool) -> None:
    """Try harnesses, all of them unless told; fails if something does not hold.

    Each has a process of its own, which ends with what it finds: the input is printed.
    """
    if here:
        _fuzz(names[0], seconds, seed)
    failed = []
    for name in names or HARNESSES:
        click.echo(f"== {name}")
        options = ["--seconds", str(seconds), "--seed", str(seed), "--here"]
        command = [sys.executable, "-m", "fuzzing", name, *options]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        raise click.ClickException(f"Something does not hold: {', '.join(failed)}.")


def _fuzz(name: str, seconds: int, seed: int) -> None:
    """Let Atheris try a harness; it ends the process."""
    import atheris  # noqa: PLC0415 -- who does not fuzz need not have it

    with atheris.instrument_imports(include=["feedback", "fuzzing"]):
        check = harness(name)
    options = [
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOWEST}",
        "-rss_limit_mb=4096",
        "-exact_artifact_path=/dev/null",  # it is printed
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([name, *options], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
