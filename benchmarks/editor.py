"""What an editor waits for: the language server, asked over its pipes.

    python benchmarks/editor.py [--turns N]

A change is timed from the message to the diagnostics of its version, and a burst of changes
from the last of them, by which all others are stale; an action from the
request to the answer, at another place each time; the analysis of a changed text, which
follows in another process, is shown beside them. Medians in milliseconds, and on Linux those of
the server's own processor time, which a busy machine hardly changes. Ends with status 1 where a
time is over its target.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

#: Keystrokes that are sent at once, as by a macro; their target is a delay that is hardly seen.
BURST = 20
LOAD = '    api = ctypes.PyDLL("libpython3.11.so")\n    api.PyErr_Clear()\n'
FUNCTION = '''def f{0}(a, b=None):
    """Return what number {0} has printed."""
    values = [a, b, {0}]
{1}    for value in values:
        print(value, sys.argv)
    return values
'''


def text_of(functions: int, loads: int) -> str:
    """Return a module of so many functions, of which the first ones open libpython."""
    parts = [FUNCTION.format(i, LOAD * (i < loads)) for i in range(functions)]
    return "import ctypes\nimport sys\n\n" + "\n".join(parts)


class Editor:
    """A client that does one thing at a time."""

    def __init__(self, folder: Path, *command: str, resolves: bool = True) -> None:
        self._folder = folder
        self._id = 0
        server = command or ("-m", "no_libpython_dlopen", "server")
        self._server = subprocess.Popen(
            [sys.executable, *server], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        support = {"codeAction": {"resolveSupport": {"properties": ["edit"]}}}
        folders: Any = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
        folders["applyEdit"] = True
        able = {"textDocument": support if resolves else {}, "workspace": folders}
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=able)
        self.tell("initialized")

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request and return its result."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._id and "method" not in message:
                return message.get("result")

    def open(self, name: str, text: str) -> str:
        """Open a document and wait for its diagnostics."""
        uri = (self._folder / name).as_uri()
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=item)
        self.diagnostics(uri, 1)
        return uri

    def type(self, uri: str, version: int, letter: str, line: int) -> None:
        """Insert a letter at the end of a comment."""
        place = {"line": line, "character": 0}
        change = {"range": {"start": place, "end": place}, "text": letter}
        document = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=[change])

    def diagnostics(self, uri: str, version: int) -> list[Any]:
        """Return the next diagnostics of a version."""
        while True:
            message = self._read()
            params = message.get("params", {})
            if params.get("uri") == uri and params.get("version") == version:
                return list(params["diagnostics"])

    def next_diagnostics(self, uri: str) -> list[Any]:
        """Return the next diagnostics of a document, of whatever version."""
        while True:
            params = self._read().get("params", {})
            if isinstance(params, dict) and params.get("uri") == uri:
                return list(params["diagnostics"])

    def processor_time(self) -> float:
        """Return the seconds that the server has run, without its child processes; 0 if unknown."""
        threads = Path(f"/proc/{self._server.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def kill(self) -> None:
        """End a server that does not answer."""
        self._server.kill()

    def close(self) -> None:
        """End the server as an editor does."""
        self.ask("shutdown")
        self.tell("exit")
        self._server.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._server.stdout
        length = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._server.stdout.read(length))
        return message

    def actions(self, uri: str, line: int) -> None:
        """Ask for the code actions in a line."""
        place = {"line": line, "character": 10}
        span, context = {"start": place, "end": place}, {"diagnostics": []}
        document = {"uri": uri}
        self.ask("textDocument/codeAction", textDocument=document, range=span, context=context)


def burst(editor: Editor, uri: str, version: int) -> tuple[float, float, float]:
    """Type without a pause.

    Returns the seconds from the last key to what is shown, those until it is analysed, and the
    server's processor time for all keys until the first.
    """
    before = editor.processor_time()
    for key in range(version, version + BURST):
        editor.type(uri, key, "#\n", 2)
    start = time.perf_counter()
    last = version + BURST - 1
    editor.diagnostics(uri, last)
    shown = time.perf_counter() - start
    used = editor.processor_time() - before
    editor.diagnostics(uri, last)
    return shown, time.perf_counter() - start, used


def actions_of_simple_editor(
    folder: Path, text: str, turns: int
) -> tuple[str, float, float, float]:
    """Return the row of an editor that cannot ask for the edit of an action later."""
    editor = Editor(folder, resolves=False)
    uri = editor.open("simple.py", text)
    times, used = [], []
    for line in range(9, 9 + turns):
        before, start = editor.processor_time(), time.perf_counter()
        editor.actions(uri, line)
        times.append(time.perf_counter() - start)
        used.append(editor.processor_time() - before)
    editor.close()
    what = "code actions in it without `resolveSupport`"
    return what, statistics.median(times), statistics.median(used), 60.0


def measure(turns: int) -> list[tuple[str, float, float, float]]:
    """Return the rows: what is done, medians in milliseconds (time, processor), and the target."""
    rows = []
    with TemporaryDirectory() as folder:
        editor = Editor(Path(folder))
        texts = {
            "a clean file of 2,000 lines": (text_of(285, 0).replace("ctypes", "types"), 15.0),
            "a file of 2,000 lines with 3 findings": (text_of(285, 3), 60.0),
            "a file with 330 findings": (text_of(330, 330), 60.0),
        }
        for number, (what, (text, target)) in enumerate(texts.items()):
            uri = editor.open(f"a{number}.py", text)
            keys, analyses, actions = [], [], []
            key_cpu, action_cpu = [], []
            for version in range(2, 2 + turns):
                before = editor.processor_time()
                start = time.perf_counter()
                editor.type(uri, version, "#\n", 2)
                editor.diagnostics(uri, version)
                keys.append(time.perf_counter() - start)
                key_cpu.append(editor.processor_time() - before)
                if target > 15:
                    editor.diagnostics(uri, version)
                    analyses.append(time.perf_counter() - start)
                before = editor.processor_time()
                start = time.perf_counter()
                editor.actions(uri, 9 + version)
                actions.append(time.perf_counter() - start)
                action_cpu.append(editor.processor_time() - before)
            median = statistics.median
            rows.append((f"a keystroke in {what}", median(keys), median(key_cpu), target))
            rows.append((f"code actions in {what}", median(actions), median(action_cpu), 60.0))
            if analyses:
                rows.append((f"until {what} is analysed", median(analyses), 0.0, 0.0))
                first = 2 + turns
                bursts = [
                    burst(editor, uri, version)
                    for version in range(first, first + BURST * (turns // 3 + 1), BURST)
                ]
                shown, analysed, used = (median(times) for times in zip(*bursts, strict=True))
                rows.append((f"after {BURST} keystrokes at once in {what}", shown, used, 200.0))
                rows.append((f"until {what} is analysed after them", analysed, 0.0, 0.0))
        editor.close()
        rows.append(actions_of_simple_editor(Path(folder), text, turns))
    return [(what, shown * 1000, used * 1000, target) for what, shown, used, target in rows]


def main() -> int:
    """Print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=15)
    late = False
    print("| what | ms | processor | target |\n|---|---|---|---|")
    for what, found, used, target in measure(parser.parse_args().turns):
        late |= bool(target) and found > target
        shown = (f"{value:.0f}" if value else "" for value in (found, used, target))
        print(f"| {what} | {' | '.join(shown)} |")
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
