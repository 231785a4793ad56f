"""Mutation testing of the rule modules, a seeded sample at a time. Run by hand (docs/mutation.md):

    pip install cosmic-ray==8.7.0
    python tests/mutate_rules.py --seed 1 --count 350 --out mutants.jsonl
    python tests/mutate_rules.py --seed 2 --count 100 --modules acts ownership/

cosmic-ray's operators make the mutants, one a place that can be mutated, drawn by the seed. The pure tests
are collected once and run once under a profiler, which tells which of them call which function. Each mutant
is then judged in a fork of that process: the function's code is replaced, and the tests that call it run, the
shortest first, until one fails. Code that runs only at import is not sampled.
"""

import argparse
import ast
import functools
import gc
import importlib
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
RULES = ROOT / "projections/onrecord_projections/judging"
MODULES = (
    *("acts", "bounds", "case", "checks", "differences", "durations", "effective", "limit", "memory"),
    *("numbers", "penalty_rules", "policy", "run", "starts", "state"),
    *("coverage/*", "duties/*", "figures/*", "ownership/*", "pricing/*"),
)
TESTS = (
    "test_rule*.py",
    "test_penalt*.py",
    "test_kpi_properties.py",
    "test_ownership_cards.py",
    "test_cover*.py",
)
TESTS_MORE = ("test_random_histories.py", "test_scenarios_pure.py", "test_whatif.py")
LEFT_OUT = (
    "VariableReplacer",
    "VariableInserter",
    "RemoveDecorator",
    "_Is",
    "_IsNot",
    "Is_Eq",
    "IsNot_NotEq",
)
"""They need names to put in, only take a cache away, or change nothing for words and numbers."""
TOGETHER_S = 30.0
EXAMPLES = 20
"""Of a property: so that a mutant is judged in seconds."""


class Mutant(NamedTuple):
    """One change in one place."""

    module: str
    line: int
    function: tuple[str, int]
    operator: str
    occurrence: int


def modules(beginnings: Sequence[str] = ("",)) -> list[Path]:
    """The rule modules whose name begins so."""
    found = [path for name in MODULES for path in sorted(RULES.glob(f"{name}.py"))]
    named = [path for path in found if str(path.relative_to(RULES)).startswith(tuple(beginnings))]
    return [path for path in named if path.stat().st_size > 200]


def functions(path: Path) -> dict[range, tuple[str, int]]:
    """The outermost functions: the lines of their bodies, and how a profiler names them."""
    spans: dict[range, tuple[str, int]] = {}

    def walk(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([child.lineno, *(one.lineno for one in child.decorator_list)])
                spans[range(child.body[0].lineno, (child.end_lineno or 0) + 1)] = (str(path), first)
            else:
                walk(child)

    walk(ast.parse(path.read_text("utf-8")))
    return spans


def mutants(path: Path) -> Iterator[tuple[tuple[int, int], Mutant]]:
    """Every mutant of a module's functions, with the place it changes."""
    plugins, asts = importlib.import_module("cosmic_ray.plugins"), importlib.import_module("cosmic_ray.ast")
    nodes, spans = list(asts.ast_nodes(asts.get_ast(path.read_text("utf-8")))), functions(path)
    for name in sorted(plugins.operator_names()):
        if name.endswith(LEFT_OUT) or any(f"/{word}" in name for word in LEFT_OUT):
            continue
        operator, occurrence = plugins.get_operator(name)(), 0
        for node in nodes:
            for begin, _ in operator.mutation_positions(node):
                function = next((spans[span] for span in spans if begin[0] in span), None)
                if function:
                    yield begin, Mutant(str(path.relative_to(RULES)), begin[0], function, name, occurrence)
                occurrence += 1


def sample(seed: int, count: int, beginnings: Sequence[str]) -> list[Mutant]:
    """Places drawn over all these modules, one change for each."""
    chance = Random(seed)
    places: dict[tuple[str, tuple[int, int]], list[Mutant]] = {}
    for path in modules(beginnings):
        for begin, mutant in mutants(path):
            places.setdefault((mutant.module, begin), []).append(mutant)
    drawn = chance.sample(sorted(places), min(count, len(places)))
    print(f"{len(places)} places, {sum(map(len, places.values()))} mutants, {len(drawn)} drawn")  # noqa: T201
    return [chance.choice(places[place]) for place in drawn]


def mutated(mutant: Mutant) -> str:
    plugins = importlib.import_module("cosmic_ray.plugins")
    visitor = importlib.import_module("cosmic_ray.mutating").MutationVisitor
    text = (RULES / mutant.module).read_text("utf-8")
    changed: str = visitor.mutate_code(text, plugins.get_operator(mutant.operator)(), mutant.occurrence)
    return changed


def codes(code: CodeType) -> Iterator[CodeType]:
    """A module's functions and methods, in the order of the text; not what is inside of them."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_flags & 2:  # CO_NEWLOCALS: a function, not a class body
                yield inner
            else:
                yield from codes(inner)


def replace_code(mutant: Mutant) -> int:
    """Give the live functions the mutant's code; how many changed."""
    path = str(RULES / mutant.module)
    old = compile(Path(path).read_text("utf-8"), path, "exec", dont_inherit=True)
    new = compile(mutated(mutant), path, "exec", dont_inherit=True)
    changed = {a: b for a, b in zip(codes(old), codes(new), strict=True) if a != b}
    live = [one for one in gc.get_objects() if type(one) is FunctionType and one.__code__ in changed]
    for function in live:
        function.__code__ = changed[function.__code__]
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and "onrecord" in (one.__module__ or ""):
            one.cache_clear()
    return len(live)


class Judge:
    """A pytest plugin that, instead of running the tests once, runs them once a mutant."""

    def __init__(self, drawn: Sequence[Mutant], out: Path, workers: int) -> None:
        self.drawn, self.out, self.workers = drawn, out, workers
        self.failed: str | None = None
        self.calls: dict[tuple[str, int], list[tuple[float, int]]] = {}

    def pytest_configure(self) -> None:
        """The same examples every time, and none made smaller."""
        known = importlib.import_module("hypothesis")  # not before pytest has come to it
        quick = known.settings(derandomize=True, database=None, phases=list(known.Phase)[:3])
        known.settings.register_profile("mutants", quick)
        known.settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.first_run(session)
        others: list[int] = []
        while len(others) < self.workers - 1 and 0 not in others:
            others.append(os.fork())
        mine = len(others) if 0 in others else 0
        self.judge_all(session, self.drawn[mine :: self.workers])
        if mine:
            os._exit(0)
        for other in others:
            os.waitpid(other, 0)
        return True

    def judge_all(self, session: pytest.Session, drawn: Sequence[Mutant]) -> None:
        counts: Counter[str] = Counter()
        with self.out.open("a") as out:
            for mutant in drawn:
                end, by = self.judge(session, mutant)
                counts[end] += 1
                out.write(json.dumps({**mutant._asdict(), "end": end, "by": by}) + "\n")
                out.flush()
        self.say(f"{dict(counts)}")

    def first_run(self, session: pytest.Session) -> None:
        """Which test calls which function, and how long it takes."""
        for nth, item in enumerate(session.items):
            self.fewer_examples(item)
            called: set[tuple[str, int]] = set()
            began = time.process_time()
            sys.setprofile(functools.partial(_note, called))
            self.run(item)
            sys.setprofile(None)
            assert self.failed is None, self.failed
            if nth % 100 == 0:
                self.say(f"{nth} of {len(session.items)}: {item.nodeid}")
            for function in called:
                self.calls.setdefault(function, []).append((time.process_time() - began, nth))
        self.say(f"{len(session.items)} tests, {len(self.calls)} functions called")

    def fewer_examples(self, item: pytest.Item) -> None:
        test: Any = getattr(item, "obj", None)
        if hasattr(test, "_hypothesis_internal_use_settings"):
            known = importlib.import_module("hypothesis")
            test._hypothesis_internal_use_settings = known.settings(
                test._hypothesis_internal_use_settings, max_examples=EXAMPLES
            )

    def judge(self, session: pytest.Session, mutant: Mutant) -> tuple[str, str]:
        tests, together_s = [], 0.0
        for took_s, nth in sorted(self.calls.get(mutant.function, ())):
            if together_s < TOGETHER_S:
                tests.append(nth)
                together_s += took_s
        if not tests:
            return "not called", ""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            self.judged_in_child(session, mutant, tests, int(3 * together_s) + 15, writer)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            by = pipe.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "killed", f"stopped by signal {os.WTERMSIG(status)}"
        return {0: "survived", 1: "killed", 4: "no program"}.get(os.WEXITSTATUS(status), "broken"), by

    def judged_in_child(
        self, session: pytest.Session, mutant: Mutant, tests: Sequence[int], limit_s: int, writer: int
    ) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 5))
        try:
            if not replace_code(mutant):
                os._exit(2)
            for nth in tests:
                self.run(session.items[nth])
                if self.failed:
                    os.write(writer, self.failed.encode())
                    os._exit(1)
            os._exit(0)
        except SyntaxError:
            os._exit(4)
        except BaseException as error:  # noqa: BLE001 (a child never returns)
            os.write(writer, repr(error).encode()[:300])
            os._exit(3)

    def run(self, item: pytest.Item) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def say(self, line: str) -> None:
        os.write(2, f"{line}\n".encode())


def _note(called: set[tuple[str, int]], frame: FrameType, event: str, _: Any) -> None:
    if event == "call" and "/judging/" in frame.f_code.co_filename:
        called.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=350)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--modules", nargs="+", default=[""], help="only those whose name begins so")
    parser.add_argument("--out", type=Path, default=Path("mutants.jsonl"))
    parser.add_argument("--again", type=Path, help="judge the survivors of this file, and only them")
    asked = parser.parse_args()
    drawn = _survivors(asked.again) if asked.again else sample(asked.seed, asked.count, asked.modules)
    files = [str(path) for name in (*TESTS, *TESTS_MORE) for path in sorted((ROOT / "tests").glob(name))]
    words = [*files, "-q", "-p", "no:cacheprovider", "--no-header", "--capture=sys"]
    words += ["-k", "not (example_notices or shipped or every_order)"]
    pytest.main(words, plugins=[Judge(drawn, asked.out, asked.workers)])


def _survivors(path: Path) -> list[Mutant]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [{key: row[key] for key in Mutant._fields} for row in rows if row["end"] != "killed"]
    return [Mutant(**{**row, "function": tuple(row["function"])}) for row in kept]


if __name__ == "__main__":
    main()
