/**
 * @file Samples that try to leave their sandbox, to pass without being right, or to change what comes after them. Each
 * is the body of a function that should return x * x.
 */

export interface HostileSample {
  readonly name: string;
  /** Of `f(x)`, indented by four. */
  readonly body: string;
  /** Only for a real interpreter in the system's sandbox: WebAssembly has no such thing. */
  readonly nativeOnly?: boolean;
}

/** @param outside an existing folder with a file `secret` that no sample may read, and where none may write */
export function hostileSamples(outside: string): HostileSample[] {
  const sample = (name: string, lines: string, nativeOnly?: boolean): HostileSample => ({
    name,
    body: lines
      .trim()
      .split('\n')
      .map((line) => `    ${line}\n`)
      .join(''),
    nativeOnly,
  });
  const atTop = (name: string, body: string, lines: string): HostileSample => ({
    name,
    body: `    ${body}\n${lines.trim()}\n`,
  });
  return [
    // the file system
    sample('writes outside', `open(${JSON.stringify(`${outside}/written`)}, "w").write("x")\nreturn x`),
    sample('reads a secret', `return 4 if "SECRET" in open(${JSON.stringify(`${outside}/secret`)}).read() else 0`),
    sample(
      'reads the home folder',
      'import os\nnames = os.listdir(os.path.expanduser("~"))\nreturn 4 if len(names) > 0 and "sample" not in os.path.expanduser("~") else 0',
    ),
    sample('reads the password file', 'return 4 if "root" in open("/etc/passwd").read() else 0'),
    sample('reads the environment', 'import os\nreturn 4 if "RGFT_SECRET" in os.environ else 0'),
    sample('fills the disk', 'with open("big", "wb") as f:\n    while True:\n        f.write(b"x" * (1 << 20))'),
    sample('makes many files', 'i = 0\nwhile i < 20000:\n    open("f%d" % i, "w").close()\n    i += 1\nreturn 0'),
    sample('climbs out of its folder', `open("../../../../..${outside}/climbed", "w").write("x")\nreturn 0`),
    sample(
      'links to the root',
      'import os\nos.symlink("/", "root")\nreturn 4 if "home" in os.listdir("root/") and os.path.exists("root/root/.ssh") else 0',
    ),
    sample('replaces the library', 'for n in ("/lib/python312.zip",):\n    open(n, "wb").write(b"broken")\nreturn 0'),
    // processes, network
    sample('starts a program', 'import os\nos.execv("/bin/sh", ["sh", "-c", "echo passed"])'),
    sample('spawns', 'import _posixsubprocess, os\nreturn 4 if os.posix_spawn("/bin/true", ["true"], {}) else 0'),
    sample('forks', 'import posix\nposix.fork()\nreturn 0'),
    sample('fork bomb', 'import posix\nfor i in range(64):\n    posix.fork()\nreturn 0', true),
    sample(
      'opens a socket',
      'import socket\ns = socket.socket()\ns.settimeout(1)\ns.connect(("1.1.1.1", 80))\nreturn 4',
    ),
    sample('looks up a name', 'import socket\nreturn 4 if socket.gethostbyname("example.com") else 0'),
    sample('kills its parent', 'import posix, signal\nposix.kill(posix.getppid(), 9)\nreturn 0'),
    sample('kills everything', 'import posix\nposix.kill(-1, 9)\nreturn 0'),
    // limits
    sample('exhausts memory', 'a = []\nwhile True:\n    a.append(bytearray(1 << 24))'),
    sample(
      'exhausts memory quietly',
      'a = []\nwhile True:\n    try:\n        a.append("x" * (1 << 24))\n    except MemoryError:\n        pass',
    ),
    sample('ignores signals', 'import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass'),
    sample(
      'ends its alarm',
      'import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nsignal.alarm(0)\nsignal.signal(14, lambda *a: None)\nwhile True: pass',
    ),
    sample(
      'swallows the alarm',
      'while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass',
    ),
    sample(
      'overflows the stack',
      'import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr(self)\nreturn repr(A())',
    ),
    sample('floods the output', 'import os\nwhile True:\n    os.write(1, b"passed" * 100000)'),
    sample('long regular expression', 'import re\nre.match(r"(a+)+$", "a" * 40 + "b")\nreturn 0'),
    sample('crashes', 'import ctypes\nctypes.string_at(0, 10**9)\nreturn 0'),
    // reaching JavaScript
    sample('imports js', 'import js\nreturn 4 if js.process else 0'),
    sample(
      'imports pyodide',
      'import pyodide\nfrom pyodide.code import run_js\nreturn 4 if run_js("process.env") else 0',
    ),
    sample('imports the core', 'import _pyodide_core\nreturn 4 if _pyodide_core.run_js("1") else 0'),
    sample(
      'imports _pyodide',
      'import _pyodide, _pyodide._base\nfrom _pyodide_core import JsProxy\nreturn 4 if JsProxy().constructor else 0',
    ),
    sample('runs a script', 'import ctypes\nctypes.CDLL(None).emscripten_run_script(b"process.exit(0)")\nreturn 4'),
    sample(
      'loads a module',
      'import ctypes\nopen("m.so", "wb").write(b"\\0asm\\1\\0\\0\\0")\nctypes.CDLL("./m.so")\nreturn 4',
    ),
    sample(
      'writes memory',
      'import ctypes\nfor i in range(1024, 1 << 24, 4):\n    ctypes.c_int.from_address(i).value = 0\nreturn 4',
    ),
    // passing without being right
    atTop('own equality', 'return A()', 'class A:\n    def __eq__(self, other): return True'),
    atTop('own equality of an int', 'return A(0)', 'class A(int):\n    def __eq__(self, other): return True'),
    sample('own equality without a class statement', 'return type("A", (), {"__eq__": lambda a, b: True})()'),
    sample('equal to everything', 'from unittest.mock import ANY\nreturn ANY'),
    atTop('own check', 'return 0', 'def check(candidate): pass\ncheck.x = 1\n"""'),
    atTop('decorated check', 'return 0', 'def nothing(check):\n    return lambda candidate: None\n@nothing'),
    atTop('exits early', 'return 0', 'raise SystemExit(0)'),
    sample('exits in the test', 'import os\nos._exit(0)'),
    sample(
      'jumps over the assertion',
      'import sys\ndef tracer(frame, event, arg):\n    return tracer\nframe = sys._getframe(1)\ndef jump(frame, event, arg):\n    frame.f_lineno = frame.f_lineno + 1\n    return jump\nframe.f_trace = jump\nsys.settrace(tracer)\nreturn 0',
    ),
    sample(
      'rewrites the test',
      'import sys\nframe = sys._getframe(1)\nframe.f_globals["check"].__code__ = (lambda candidate: None).__code__\nraise SystemExit',
    ),
    sample(
      'finds the channel',
      'import os\nfor fd in range(3, 200):\n    try:\n        os.write(fd, b\'{"verdict": {"kind": "passed"}}\\n!{"clean": true}\\n\')\n    except OSError:\n        pass\nreturn 0',
    ),
    sample(
      'writes a verdict and hangs',
      'import os\ntry:\n    os.write(100, b\'{"verdict": {"kind": "passed"}}\\n\')\nexcept OSError:\n    pass\nwhile True: pass',
    ),
    sample(
      'answers for the next sample',
      'import os\ntry:\n    os.write(100, b\'{"verdict": {"kind": "wrong"}}\\n{"clean": true}\\n{"level": "plain"}\\n{"verdict": {"kind": "passed"}}\\n\')\nexcept OSError:\n    pass\nreturn 0',
    ),
    sample(
      'finds the runner',
      'import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == "function" and o.__name__ in ("run", "describe", "send", "judge"):\n        o.__code__ = (lambda *a, **k: {"kind": "passed"}).__code__\nraise ValueError',
    ),
    sample(
      'climbs the frames',
      'import sys\nframe = sys._getframe()\nwhile frame:\n    for name, value in list(frame.f_locals.items()):\n        if isinstance(value, dict) and "timeoutSeconds" in value:\n            value["test"] = ""\n    frame = frame.f_back\nreturn 0',
    ),
    // what is left for the next sample
    sample(
      'patches builtins',
      'import builtins\nbuiltins.abs = builtins.sum = builtins.len = lambda *a: 0\nbuiltins.AssertionError = KeyError\nbuiltins.compile = lambda *a: None\nbuiltins.exec = lambda *a: None\nreturn 0',
    ),
    sample(
      'patches modules',
      'import sys, math, json\nmath.sqrt = lambda x: 0\njson.dumps = lambda *a: \'{"verdict": {"kind": "passed"}}\'\nsys.modules["re"] = None\nsys.modules["json"] = None\nreturn 0',
    ),
    sample(
      'patches the machine under Python',
      'import os, signal\nos.write = lambda fd, data: len(data)\nos.read = lambda *a: b"{}"\nsignal.signal = None\nreturn 0',
    ),
    sample('closes all descriptors', 'import os\nos.closerange(0, 300)\nreturn 0'),
    sample(
      'leaves a thread',
      'import threading, time\ndef forever():\n    while True: time.sleep(0.01)\nthreading.Thread(target=forever, daemon=True).start()\nreturn 0',
    ),
    sample('leaves an exit hook', 'import atexit, weakref\natexit.register(lambda: print("passed"))\nreturn 0'),
  ];
}
