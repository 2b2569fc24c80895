"""The main loop of a folder of tests: each a function that raises.

    t = Tests("peer")

    @t.test
    def comes_back(world): ...

    args = t.arguments()
    sys.exit(t.run(args.names, make_world(args.posthus)))

A line for each: `ok peer/comes_back (0.3 s)` or `FAIL peer/comes_back: words`.
"""
import argparse
import os
import sys
import time
import traceback
from pathlib import Path

from .host import HostError
from .mail import Refused

BUILT = Path(__file__).resolve().parent.parent.parent / "build/posthus"


class Wrong(Exception):
    """What was seen is not what was promised."""


def need(condition, words):
    if not condition:
        raise Wrong(words)


def same(got, want, what=""):
    if got != want:
        raise Wrong(f"{what}: " * bool(what) + f"got {got!r}, want {want!r}")


def has(text, *wanted):
    for words in wanted:
        if words not in text:
            raise Wrong(f"{words!r} is not in {text!r}")


def until(question, words, timeout=20):
    """The first true answer."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found = question()
        if found:
            return found
        time.sleep(0.05)
    raise Wrong(words() if callable(words) else words)


class Tests:
    def __init__(self, stage):
        self.stage = stage
        self.all = []

    def test(self, function):
        self.all.append(function)
        return function

    def chosen(self, names):
        return [t for t in self.all
                if not names or any(n in t.__name__ for n in names)]

    def arguments(self, *more):
        """[--posthus P] [--list] [NAME...], and the flags of `more`.  Ends the
        program after a list, and when there is no program to test."""
        p = argparse.ArgumentParser()
        p.add_argument("--posthus", default=str(BUILT))
        p.add_argument("--list", action="store_true")
        for flag in more:
            p.add_argument(flag, action="store_true")
        p.add_argument("names", nargs="*")
        args = p.parse_args()
        if args.list:
            for t in self.chosen(args.names):
                print(f"{self.stage}/{t.__name__}")
            sys.exit(0)
        if not os.access(args.posthus, os.X_OK):
            self.cannot(f"no program {args.posthus}")
        return args

    def cannot(self, why):
        """Nothing can be tested here."""
        print(f"FAIL {self.stage} ({why})")
        sys.exit(1)

    def run(self, names, *given, after=None):
        """How many failed; each test gets what is given, and so does `after`,
        which tidies up behind each."""
        failed = 0
        for t in self.chosen(names):
            began = time.monotonic()
            try:
                t(*given)
                print(f"ok {self.stage}/{t.__name__} "
                      f"({time.monotonic() - began:.1f} s)", flush=True)
            except Exception as e:  # whatever it is, the next one runs
                failed += 1
                print(f"FAIL {self.stage}/{t.__name__}: {e}", flush=True)
                if not isinstance(e, (Wrong, HostError, Refused)):
                    for row in traceback.format_exc().splitlines()[-6:]:
                        print(f"    {row}")
            finally:
                if after:
                    after(*given)
        return failed
