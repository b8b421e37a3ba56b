"""Times steps for `npm run bench:engines`: one process a library, so that what a library compiles or caches is there from the second round on.

Arguments: clock (perf_counter or process_time), threads, batch, milliseconds for each round. Then one line of standard input asks for one round
of one model by name, and one line of JSON answers: {"time": milliseconds a step}.
"""
import json
import sys
import time

clock = getattr(time, sys.argv[1])
threads, batch, budget = (int(a) for a in sys.argv[2:5])


def serve(version, prepare):
    """`prepare(name)` returns a function that makes one step and waits until it is done."""
    print(json.dumps({"version": version}), flush=True)
    steps = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in steps:
            steps[name] = prepare(name)
            for _ in range(5):
                steps[name]()
        count, start = 0, clock()
        while (clock() - start) * 1e3 < budget:
            steps[name]()
            count += 1
        print(json.dumps({"time": (clock() - start) * 1e3 / count}), flush=True)
