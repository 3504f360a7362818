"""How long an editor waits for the language server, and what that costs.

    python3 benches/editor.py PROGRAM PROJECT FILE

prints, for a project and a file of it: the first findings after the start; from a keystroke after a pause to the first
answer, which has the syntax, and to all findings; processor time of such a keystroke; the share of a processor while
somebody types 200 keys at 150 ms, and the longest time without a publication meanwhile; memory before and after. Each with
its ratio to one `mcp-lint check` of the project by the same program, where that is a measure.
"""

import json
import os
import pathlib
import queue
import resource
import statistics
import subprocess
import sys
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, program: str, project: pathlib.Path) -> None:
        self.process = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.messages: queue.Queue = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        capabilities = {"workspace": {"inlayHint": {"refreshSupport": True}}, "textDocument": {"inlayHint": {}}}
        folders = [{"uri": project.as_uri(), "name": "project"}]
        self.send("initialize", {"capabilities": capabilities, "workspaceFolders": folders}, 1)
        self.until(lambda message: message.get("id") == 1 and "result" in message)
        self.send("initialized", {})

    def read(self) -> None:
        output = self.process.stdout
        while True:
            length = 0
            while line := output.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                return
            self.messages.put((time.monotonic(), json.loads(output.read(length))))

    def send(self, method: str, parameters: dict, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": parameters}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def until(self, wanted, patience: float = 120) -> float:
        while True:
            at, message = self.messages.get(timeout=patience)
            if wanted(message):
                return at

    def processor(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> dict[str, float]:
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        return {name: int(fields[name][0]) / 1024 for name in ("VmRSS", "VmHWM")}


def is_complete(message: dict) -> bool:
    return message.get("method") == "workspace/inlayHint/refresh"


def is_published(message: dict) -> bool:
    return message.get("method") == "textDocument/publishDiagnostics"


def main(program: str, project: pathlib.Path, file: pathlib.Path) -> None:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([program, "check", "--no-cache", str(project)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    check = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss / 1024
    print(f"check: {wall * 1000:.0f} ms, {check * 1000:.0f} ms of processors, {peak:.0f} MiB")

    started = time.monotonic()
    server = Server(program, project)
    text = file.read_text()
    document = {"uri": file.as_uri(), "languageId": "nix", "version": 1, "text": text}
    server.send("textDocument/didOpen", {"textDocument": document})
    first = server.until(is_complete) - started
    print(f"first findings: {first * 1000:.0f} ms ({first / wall:.2f} of a check)")
    memory = server.memory()
    print(f"memory: {memory['VmRSS']:.0f} MiB, at most {memory['VmHWM']:.0f}")

    version = 1

    def type_key(inserted: str, replaced: int = 0) -> float:
        nonlocal version
        version += 1
        start, end = {"line": 0, "character": 0}, {"line": 0, "character": replaced}
        change = {"range": {"start": start, "end": end}, "text": inserted}
        document = {"uri": file.as_uri(), "version": version}
        server.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return time.monotonic()

    syntax, complete, cost = [], [], []
    for _ in range(7):
        time.sleep(max(1.0, 5 * first))
        while not server.messages.empty():
            server.messages.get()
        spent, at = server.processor(), type_key("\n")
        syntax.append(server.until(is_published) - at)
        complete.append(server.until(is_complete) - at)
        cost.append(server.processor() - spent)
    median = statistics.median
    print(
        f"keystroke after a pause: syntax {median(syntax) * 1000:.0f} ms, findings {median(complete) * 1000:.0f} ms,"
        f" {median(cost) * 1000:.0f} ms of processors ({median(cost) / check:.2f} of a check)"
    )

    time.sleep(max(1.0, 5 * first))
    spent, started = server.processor(), time.monotonic()
    # Each tenth key leaves a line that does not parse until the next one.
    for key in range(200):
        if key % 10 == 9:
            type_key("", 1)
        else:
            type_key("(" if key % 10 == 8 else "\n")
        time.sleep(0.15)
    ended = time.monotonic()
    share = (server.processor() - spent) / (ended - started)
    published, analyses = [started], 0
    while not server.messages.empty():
        at, message = server.messages.get()
        if is_published(message) and at <= ended:
            published.append(at)
        analyses += is_complete(message)
    gaps = [later - earlier for earlier, later in zip(published, published[1:] + [ended])]
    print(
        f"typing 200 keys: {share * 100:.0f} % of a processor, {len(published) - 1} publications, {analyses} analyses,"
        f" at most {max(gaps) * 1000:.0f} ms without one"
    )
    memory = server.memory()
    print(f"memory: {memory['VmRSS']:.0f} MiB, at most {memory['VmHWM']:.0f} ({memory['VmHWM'] / peak:.2f} of a check)")
    server.process.kill()


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve())
