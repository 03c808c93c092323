#!/usr/bin/env python3
"""The registry side beside crane, oras and cosign: the tables of faults and of listings in compared.md, and what an endless manifest costs.

usage: compare_registry.py SIGSCOPE SHARED [CRANE ORAS]

Faults: SHARED/tools/ocireg.py misbehaves as FAULTS.tsv describes. sigscope is run here; what the others answer is FAULTS.tsv, measured by
its makers; the right answers are FAULTS.right.tsv. Listings: the same server, in turns, medians of 15. Prints Markdown.
"""
import csv, os, socket, statistics, subprocess, sys, tempfile, threading, time

sigscope, shared = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
crane, oras = (sys.argv[3:] + [None, None])[:2]
sys.path.insert(0, os.path.join(shared, "tools"))
from ocireg import Layout, Server  # noqa: E402

FIXTURES = os.path.join(shared, "fixtures")
NAME = "enix/x509-certificate-exporter"
WHO = ["--certificate-identity", f"https://github.com/{NAME}/.github/workflows/release.yaml@refs/tags/v4.0.0",
       "--certificate-oidc-issuer", "https://token.actions.githubusercontent.com",
       "--trusted-root", os.path.join(FIXTURES, "trusted_root.json"), "--offline"]
WORDS = {0: "proved", 1: "refuted", 3: "undecided", 4: "absent"}
home = tempfile.TemporaryDirectory()
ENV = {"HOME": home.name, "PATH": os.environ["PATH"], **{f"XDG_{n}_HOME": home.name for n in ("CACHE", "DATA", "STATE", "CONFIG")}}


def serve(fault=None):
    server = Server({NAME: Layout(os.path.join(FIXTURES, "enix-native", "layout"))}, fault=fault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"127.0.0.1:{server.server_port}/{NAME}"


def once(argv):
    began = time.monotonic()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
    _, status, usage = os.wait4(child.pid, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - began, usage.ru_maxrss / 1024


def table(name):
    with open(os.path.join(FIXTURES, name)) as file:
        return list(csv.DictReader(file, delimiter="\t"))


def faults():
    others = {(row["fault"], row["client"]): row["exit_code"] for row in table("FAULTS.tsv")}
    print("| fault | right | sigscope | requests | cosign verify | crane | oras discover | regctl artifact list |")
    print("|---|---|---|---|---|---|---|---|")
    for row in table("FAULTS.right.tsv"):
        fault, verify = row["fault"], row["command"] == "verify"
        server, at = serve(None if fault == "-" else fault)
        argv = ["verify", at + ":4.0.0", *WHO, "--no-cache"] if verify else ["tags", at]
        code = once([sigscope, *argv])[0]
        server.shutdown()
        seen = lambda client: others.get((fault, client), "")
        ours = WORDS.get(code, str(code)) if verify else f"exit {code}"
        listing = "crane digest" if verify else "crane ls"
        print(f"| {fault} | {row['exit']} | {code} {ours if verify else ''} | {server.count} | {seen('cosign verify')} | {seen(listing)} | "
              f"{seen('oras discover')} | {seen('regctl artifact list')} |", flush=True)


def listings():
    server, at = serve()
    pairs = [("tags", [sigscope, "tags", at], [crane, "ls", at]),
             ("digest of a tag", [sigscope, "tags", at, "--digests", "--constraint", "=4.0.0", "--no-cache"], [crane, "digest", at + ":4.0.0"]),
             ("referrers", [sigscope, "inspect", at + ":4.0.0", *WHO[4:], "--no-cache"], [oras, "discover", "--plain-http", at + ":4.0.0"])]
    print("\n| what | sigscope ms | other ms | sigscope requests | other requests |\n|---|---|---|---|---|")
    for what, ours, theirs in pairs:
        if theirs[0] is None:
            continue
        took = {0: [], 1: []}
        count = {}
        for _ in range(15):
            for which, argv in enumerate((ours, theirs)):
                server.count = 0
                took[which].append(once(argv)[1])
                count[which] = server.count
        other = os.path.basename(theirs[0]) + " " + theirs[1]
        median = lambda which: statistics.median(took[which]) * 1000
        print(f"| {what}, `{other}` | {median(0):.1f} | {median(1):.1f} | {count[0]} | {count[1]} |", flush=True)
    server.shutdown()


def endless():
    """A manifest that never ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(stream):
        try:
            stream.recv(65536)
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while True:
                stream.sendall(b"{" * 65536)
        except OSError:
            pass

    def accept():
        while True:
            threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    code, wall, memory = once([sigscope, "verify", f"127.0.0.1:{listener.getsockname()[1]}/x:1", *WHO])
    print(f"\nA manifest without end: exit {code} after {wall * 1000:.0f} ms, {memory:.0f} MiB.")


faults()
listings()
endless()
