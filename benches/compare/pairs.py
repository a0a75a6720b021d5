#!/usr/bin/env python3
"""Runs two commands in turn, logscan and another, and prints a row of the table of compare.sh.

pairs.py [--runs N] [--once] [--expect REGEX] [--expect-other REGEX] LOG PROGRAM -- COMMAND -- OTHER

They run A B A B ..., so that what slows the machine for a while slows both. Each runs once before
that, unmeasured: it brings the files into the page cache, and --expect is held against its output.
A command that fails ends it all. Peak memory is the kernel's ru_maxrss; what a process has of it
before it becomes the program is this interpreter's, so that less than that cannot be told.
"""

import argparse
import os
import re
import subprocess
import sys
import time


def main():
    options, commands = arguments(sys.argv[1:])
    if not options.once:
        for command, expected in zip(commands, (options.expect, options.expect_other)):
            check(command, expected)
    floor = run(["/bin/true"])[1]
    runs = [[run(command) for command in commands] for _ in range(1 if options.once else options.runs)]
    ours, others = ([pair[side] for pair in runs] for side in (0, 1))
    ratios = [our[0] / other[0] for our, other in zip(ours, others)]
    least = min(our[0] for our in ours) / min(other[0] for other in others)
    cells = [
        options.log,
        options.program + (" (one run)" if options.once else ""),
        seconds(others),
        seconds(ours),
        f"{least:.2f}",
        f"{median(ratios):.2f}",
        mebibytes(others, floor),
        mebibytes(ours, floor),
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def arguments(words):
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[2])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--expect")
    parser.add_argument("--expect-other")
    parser.add_argument("log")
    parser.add_argument("program")
    parts = [[]]
    for word in words:
        if word == "--":
            parts.append([])
        else:
            parts[-1].append(word)
    options = parser.parse_args(parts[0])
    if len(parts) != 3 or not all(parts):
        parser.error("two commands are wanted")
    if options.runs < 1:
        parser.error("--runs is at least 1")
    return options, parts[1:]


def check(command, expected):
    """Runs a command unmeasured. With an expectation its output is kept and looked through."""
    if expected is None:
        run(command)
        return
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{command}: exit status {done.returncode}")
    if not re.search(expected.encode(), done.stdout, re.MULTILINE):
        sys.exit(f"{command}: it does not print {expected}")


def run(command):
    """Seconds, and the peak of memory in KiB."""
    with open(os.devnull, "r+b") as nothing:
        begun = time.perf_counter()
        # `Popen.wait` would not give the resources.
        child = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE)
        told = child.stderr.read()
        _, status, resources = os.wait4(child.pid, 0)
        taken = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.stderr.write(told.decode(errors="replace"))
        sys.exit(f"{command}: exit status {child.returncode}")
    return taken, resources.ru_maxrss


def median(figures):
    figures, half = sorted(figures), len(figures) // 2
    return figures[half] if len(figures) % 2 else (figures[half - 1] + figures[half]) / 2


def seconds(runs):
    taken = median([taken for taken, _ in runs])
    return f"{taken:.4f}" if taken < 0.1 else f"{taken:.2f}"


def mebibytes(runs, floor):
    peak = max(peak for _, peak in runs)
    return f"under {floor / 1024 + 1:.0f}" if peak <= floor * 1.05 else f"{peak / 1024:,.0f}"


main()
