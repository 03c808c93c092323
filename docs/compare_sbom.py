#!/usr/bin/env python3
"""How long a reviewer waits for the SBOM explorer, in a real pseudo-terminal of 120x40.

usage: compare_sbom.py BIN SBOM [QUERY]

Opens `BIN ./SBOM` five times and prints, as medians and extremes:
  open       from starting the program to the first frame with a component on it
  query      from the last key of QUERY (default client-go; typed letter by letter, each after the frame of the one before) to the end of
             the frame that shows its hits
  page down  from the key to the end of its frame, 100 times after everything was unfolded as a list
  memory     the peak of the resident set

A frame ends with the last byte before 4 ms of silence; the silence is not counted. Standard library only.
"""
import fcntl, os, pty, re, select, statistics, struct, sys, termios, time

binary, document = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
query = sys.argv[3] if len(sys.argv) > 3 else "client-go"
SILENCE = 0.004

class Screen:
    def __init__(self):
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(binary, [binary, document])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.seen = b""

    def read(self, timeout):
        """One chunk and when it came; None where nothing comes in time."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return None
        self.seen += os.read(self.fd, 1 << 20)
        return time.perf_counter()

    def until(self, pattern, timeout=60):
        end = time.perf_counter() + timeout
        while not re.search(pattern, self.text()):
            if self.read(max(0.0, end - time.perf_counter())) is None:
                sys.exit(f"{pattern!r} never came; the last bytes: {self.seen[-400:]!r}")
        return self.settle(time.perf_counter())

    def text(self):
        return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", self.seen)

    def settle(self, last):
        while (at := self.read(SILENCE)) is not None:
            last = at
        return last

    def key(self, keys, pattern=None):
        self.seen = b""
        sent = time.perf_counter()
        os.write(self.fd, keys)
        if pattern:
            return self.until(pattern) - sent
        at = self.read(5)
        return (self.settle(at) if at else time.perf_counter()) - sent

    def peak(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024

    def end(self):
        self.key(b"q")
        os.waitpid(self.pid, 0)
        os.close(self.fd)

def row(name, seconds, unit=1000):
    seconds = sorted(seconds)
    p99 = seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)]
    print(f"{name:<10} p50 {statistics.median(seconds) * unit:8.1f}   p99 {p99 * unit:8.1f}   worst {seconds[-1] * unit:8.1f} ms   ({len(seconds)})")

opened, found, paged, peaks = [], [], [], []
for _ in range(5):
    screen = Screen()
    opened.append(screen.until(rb"tree of dependencies") - screen.started)
    screen.key(b"/")
    for letter in query[:-1]:
        screen.key(letter.encode())
    found.append(screen.key(query[-1].encode()))
    screen.key(b"\x1b", None)
    time.sleep(0.1)
    screen.key(b"t")
    paged += [screen.key(b"\x1b[6~") for _ in range(100)]
    peaks.append(screen.peak())
    screen.end()
row("open", opened)
row("query", found)
row("page down", paged)
print(f"{'memory':<10} {max(peaks):.0f} MiB for a document of {os.path.getsize(document) / 2**20:.0f} MiB")
