"""What the four approaches do on every sample scenario, held against the stored run, or stored.

    python -m benchmarks.scenarios [NAME ...] [--write]

Without --write it ends with status 1 where a figure is outside the stored run's interval.
"""

import argparse
import sys
import time

from playground.decision.matrix import NAMES
from playground.scenarios.gallery import Scenario, scenarios
from playground.scenarios.measuring import StoredRun, deviations, keep, measure_steps, stored_run
from playground.steps import Step, finish


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenarios")
    parser.add_argument("names", nargs="*", metavar="NAME", help="folders of sample_docs; all without one")
    parser.add_argument("--write", action="store_true", help="keep the figures as the stored runs")
    options = parser.parse_args()
    known = scenarios()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"there is no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    problems = []
    for name in options.names or known:
        kept, now = stored_run(known[name]), measured(known[name])
        print(line(now), flush=True)
        if options.write:
            keep(known[name], now)
        else:
            problems += deviations(kept, now) if kept else [f"{name}: there is no stored run; store one"]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def measured(scenario: Scenario) -> StoredRun:
    """Measure it now, and say what is being done where somebody is watching."""
    begun = time.monotonic()

    def show(step: Step) -> None:
        if sys.stderr.isatty():
            seconds = time.monotonic() - begun
            print(f"\r{scenario.key}: {step.what} {seconds:.0f} s\033[K", end="\r", file=sys.stderr)

    return finish(measure_steps(scenario), show)


def line(run: StoredRun) -> str:
    """One line for a scenario: the shares, and what the evidence says."""
    shares = ", ".join(f"{NAMES[name]} {figures.share:.0%}" for name, figures in run.approaches.items())
    return f"{run.scenario}: {shares} of {run.questions}; measured: {run.measured or 'open'}"


if __name__ == "__main__":
    sys.exit(main())
