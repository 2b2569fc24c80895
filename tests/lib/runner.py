"""The main loop of a folder of tests: each a function that raises.

    t = Tests("peer")

    @t.test
    def comes_back(world): ...

    sys.exit(t.run(names, make_world))

A line for each: `ok peer/comes_back (0.3 s)` or `FAIL peer/comes_back: words`.
"""
import time
import traceback

from .host import HostError


class Wrong(Exception):
    """What was seen is not what was promised."""


def need(condition, words):
    if not condition:
        raise Wrong(words)


def same(got, want):
    if got != want:
        raise Wrong(f"got {got!r}, want {want!r}")


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

    def list(self, names):
        for t in self.chosen(names):
            print(f"{self.stage}/{t.__name__}")

    def run(self, names, *given):
        """How many failed; each test gets what is given."""
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
                if not isinstance(e, (Wrong, HostError)):
                    for row in traceback.format_exc().splitlines()[-6:]:
                        print(f"    {row}")
        return failed
