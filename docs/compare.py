#!/usr/bin/env python3
"""cosign 3 beside sigscope on the fixtures, served on loopback: the first table of compared.md.

usage: compare.py SIGSCOPE COSIGN SHARED [RUNS]

Every case is served by SHARED/tools/ocireg.py. Both programs get the same flags, in turns. Wall time is the median, memory the
largest resident set, requests those of the last run. Prints Markdown.
"""
import json, os, statistics, subprocess, sys, tempfile, threading, time

sigscope, cosign, shared = (os.path.abspath(a) for a in sys.argv[1:4])
runs = int(sys.argv[4]) if len(sys.argv) > 4 else 7
sys.path.insert(0, os.path.join(shared, "tools"))
from ocireg import Layout, Server  # noqa: E402

FIXTURES = os.path.join(shared, "fixtures")
CASES = ["enix-native", "enix-fallback", "enix-mixed", "enix-legacy-v2", "enix-legacy-timestamps", "enix-rekor-v2", "enix-key-signed",
         "enix-annotated", "enix-attestation-only", "enix-two-signers", "enix-wrong-ref", "enix-unsigned", "enix-tampered-signature",
         "enix-many-predicates", "enix-chart", "enix-hostile-referrers"]
WORDS = {0: "proved", 1: "refuted", 3: "undecided", 4: "absent"}


def once(argv, home):
    began = time.monotonic()
    env = {"HOME": home, "PATH": os.environ["PATH"], "XDG_CACHE_HOME": home, "XDG_DATA_HOME": home}
    with open(os.devnull, "w") as null:
        child = subprocess.Popen(argv, stdout=null, stderr=null, env=env)
        _, status, usage = os.wait4(child.pid, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - began, usage.ru_maxrss / 1024


def measured(server, argv, home, seen):
    server.count = 0
    code, wall, memory = once(argv, home)
    seen.append((code, wall, memory, server.count))


def flags(case, check):
    if check.get("key"):
        who = ["--key", os.path.join(FIXTURES, check["key"])]
    elif check.get("identity_regexp"):
        who = ["--certificate-identity-regexp", check["identity_regexp"]]
    else:
        who = ["--certificate-identity", check["identity"]]
    if not check.get("key"):
        who += ["--certificate-oidc-issuer", check["issuer"]]
    root = os.path.join(FIXTURES, check.get("trusted_root", case["trusted_root"]))
    return [*who, *check.get("extra_flags", []), "--trusted-root", root, "--offline"]


def row(name, home):
    case = json.load(open(os.path.join(FIXTURES, name, "case.json")))
    check = case["checks"][0]
    repository, _, tag = check["reference"].rpartition(":")
    layouts = {r["name"]: Layout(os.path.join(FIXTURES, name, r["layout"])) for r in case["repositories"]}
    server = Server(layouts, case["registry_kind"] == "referrers-api")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target = f"127.0.0.1:{server.server_port}/{repository}:{tag}"
    ours, theirs = [], []
    for _ in range(runs):
        measured(server, [cosign, "verify", target, *flags(case, check)], home, theirs)
        measured(server, [sigscope, "verify", target, *flags(case, check), "--no-cache"], home, ours)
    server.shutdown()
    median = lambda seen, i: statistics.median(run[i] for run in seen)
    wall, memory = (median(theirs, 1), median(ours, 1)), (max(r[2] for r in theirs), max(r[2] for r in ours))
    requests = (theirs[-1][3], ours[-1][3])
    verdicts = ("pass" if theirs[-1][0] == 0 else f"fail ({theirs[-1][0]})", WORDS.get(ours[-1][0], str(ours[-1][0])))
    print(f"| {name.removeprefix('enix-')} | {verdicts[0]} | {verdicts[1]} | {wall[0] * 1000:.0f} | {wall[1] * 1000:.0f} | {wall[0] / wall[1]:.1f} | "
          f"{memory[0]:.0f} | {memory[1]:.0f} | {memory[1] / memory[0]:.2f} | {requests[0]} | {requests[1]} |", flush=True)
    return wall, memory, requests


print("| case | cosign | sigscope | cosign ms | sigscope ms | times faster | cosign MiB | sigscope MiB | share | cosign requests | sigscope requests |")
print("|---|---|---|---|---|---|---|---|---|---|---|")
with tempfile.TemporaryDirectory() as home:
    rows = [row(name, home) for name in CASES]
walls, memories, requests = zip(*rows)
print(f"| **all** | | | {sum(w[0] for w in walls) * 1000:.0f} | {sum(w[1] for w in walls) * 1000:.0f} | "
      f"{sum(w[0] for w in walls) / sum(w[1] for w in walls):.1f} | {max(m[0] for m in memories):.0f} | {max(m[1] for m in memories):.0f} | "
      f"{max(m[1] for m in memories) / max(m[0] for m in memories):.2f} | {sum(r[0] for r in requests)} | {sum(r[1] for r in requests)} |")
