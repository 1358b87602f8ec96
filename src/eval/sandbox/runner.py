"""Runs one sample against its tests, inside an interpreter that is thrown away afterwards.

The program, its globals, the guard, the swallowed output and the time limit are those of the official HumanEval tool
(openai/human-eval, execution.py, MIT), because they are part of its verdicts. What is added:

- Before anything of the sample runs, its syntax tree is judged (see `judge`), and the judgement is sent. A "plain"
  sample uses nothing that could reach the interpreter, the runner or the operators that the tests compare with, so its
  own process can be believed. Any other sample that passes has to pass again with the tests in another process, to
  which it can only send data (see `serve` and `confirm`).
- The verdict has a kind, a type and a line.

What is written to the channel by a sample that is not plain proves nothing: the host knows that and acts on it.
"""

import ast
import builtins
import contextlib
import io
import json
import os
import re
import signal
import sys
import threading
import types

IN_WASM = sys.platform == "emscripten"
MESSAGE_LIMIT = 1 << 26
OUTPUT_LIMIT = 1 << 20
PLAIN_ITEMS_LIMIT = 1 << 20


class TimeoutException(Exception):
    pass


# --- the channel: one line of JSON a message, over a descriptor that the sample is not told of ---


def open_channel():
    """Returns (read descriptor, write descriptor)."""
    if IN_WASM:
        return 100, 100
    read, write = os.dup(0), os.dup(1)
    with open(os.devnull, "r+b", buffering=0) as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    return read, write


def send(channel, message, write=os.write):
    data = (json.dumps(message) + "\n").encode()
    while data:
        data = data[write(channel[1], data):]


def receive(channel, read=os.read):
    parts = []
    size = 0
    while True:
        part = read(channel[0], 1 << 16)
        size += len(part)
        parts.append(part)
        if not part or size > MESSAGE_LIMIT:
            raise EOFError("the host closed the channel")
        if part.endswith(b"\n"):
            return json.loads(b"".join(parts))


# --- the official guard ---

GUARDED = {
    "os": "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace"
    " unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir",
    "shutil": "rmtree move chown",
    "subprocess": "Popen",
}
FORBIDDEN_MODULES = "ipdb joblib resource psutil tkinter"


def apply_guard():
    """`reliability_guard` of the official tool: these become None, and a sample that calls them fails."""
    import faulthandler
    import shutil  # noqa: F401 (guarded below)
    import subprocess  # noqa: F401

    faulthandler.disable()
    builtins.exit = None
    builtins.quit = None
    builtins.help = None
    os.environ["OMP_NUM_THREADS"] = "1"
    for module, names in GUARDED.items():
        for name in names.split():
            setattr(sys.modules[module], name, None)
    for name in FORBIDDEN_MODULES.split():
        sys.modules[name] = None


class SwallowedOutput(io.StringIO):
    """Takes what is printed and cannot be read from; keeps no more than a part, so that printing fills no memory."""

    def write(self, text):
        if self.tell() < OUTPUT_LIMIT:
            return super().write(text)
        if not isinstance(text, str):
            raise TypeError("string argument expected, got %r" % type(text).__name__)
        return len(text)

    def read(self, *args, **kwargs):
        raise OSError

    def readline(self, *args, **kwargs):
        raise OSError

    def readlines(self, *args, **kwargs):
        raise OSError

    def readable(self, *args, **kwargs):
        return False


class redirect_stdin(contextlib._RedirectStream):
    _stream = "stdin"


@contextlib.contextmanager
def swallowed_output():
    stream = SwallowedOutput()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), redirect_stdin(stream):
        yield


@contextlib.contextmanager
def time_limit(seconds):
    """The official alarm. In WebAssembly the host's clock raises SIGALRM from the moment the judgement is sent."""

    def on_alarm(number, frame):
        raise TimeoutException("Timed out!")

    if not hasattr(signal, "SIGALRM"):  # Windows: the host ends the process instead
        yield
        return
    signal.signal(signal.SIGALRM, on_alarm)
    if IN_WASM:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# --- judging a sample before it runs ---

# Modules that give no way to the interpreter's insides, apart from the attributes refused below.
SAFE_MODULES = """
__future__ array base64 binascii bisect calendar cmath collections collections.abc copy datetime decimal difflib fractions
functools hashlib heapq itertools json math numbers operator queue random re secrets statistics string struct
textwrap threading time typing unicodedata zlib
""".split()

# Attributes of `sys` that only inform, or end the program.
SAFE_SYS = set(
    "maxsize maxunicode float_info int_info version version_info byteorder platform argv getsizeof exit"
    " getrecursionlimit setrecursionlimit set_int_max_str_digits get_int_max_str_digits intern".split()
)
# Names that evaluate text, reach objects by name, or open something.
REFUSED_NAMES = set(
    "exec eval compile globals locals vars getattr setattr delattr open input breakpoint help exit quit memoryview"
    " super dir".split()
)
REFUSED_ATTRIBUTES = set(
    "settrace setprofile settrace_all_threads setprofile_all_threads excepthook modules get_type_hints ForwardRef"
    " singledispatch singledispatchmethod Formatter get_field vformat attrgetter methodcaller mro gettrace getprofile"
    " SystemRandom".split()
)
# With these a sample can make objects that compare as it likes, or change functions that the tests use.
DOUBTFUL_MODULES = {"abc", "enum", "dataclasses"}
DOUBTFUL_NAMES = {"type", "__class__", "wraps", "update_wrapper", "NamedTupleMeta", "NewType", "dispatch_table"}
REFUSED_PREFIXES = ("gi_", "cr_", "ag_", "f_", "tb_", "co_", "func_", "im_")
SAFE_DUNDERS = {"__name__", "__doc__", "__debug__", "__len__", "__init__", "__contains__", "__getitem__"}


def unsafe_members():
    """Public names under which a safe module holds another, unsafe one (`typing.sys`), and all their private names."""
    found = set()
    for name in SAFE_MODULES:
        if name == "__future__":
            continue
        module = __import__(name, fromlist=["*"])
        for key, value in vars(module).items():
            private = key.startswith("_") and not key.startswith("__")
            unsafe = isinstance(value, types.ModuleType) and value.__name__ not in SAFE_MODULES
            if private or unsafe:
                found.add(key)
    return found


class Judge(ast.NodeVisitor):
    """Collects why a syntax tree is not plain."""

    def __init__(self, unsafe):
        self.unsafe = unsafe
        self.reaching = None  # could reach the interpreter or the process
        self.doubtful = None  # could only fool the tests
        self.sys_names = set()

    def reach(self, node, why):
        self.reaching = self.reaching or "%s (line %d)" % (why, getattr(node, "lineno", 0))

    def doubt(self, node, why):
        self.doubtful = self.doubtful or "%s (line %d)" % (why, getattr(node, "lineno", 0))

    def member(self, node, name):
        if name in DOUBTFUL_NAMES:
            self.doubt(node, name)
        elif name.startswith("__") and name.endswith("__"):
            if name not in SAFE_DUNDERS:
                self.reach(node, name)
        elif name in REFUSED_ATTRIBUTES or name in self.unsafe or name.startswith(REFUSED_PREFIXES):
            self.reach(node, name)

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name == "sys":
                self.sys_names.add(alias.asname or "sys")
            elif alias.name in DOUBTFUL_MODULES:
                self.doubt(node, "import " + alias.name)
            elif alias.name not in SAFE_MODULES:
                self.reach(node, "import " + alias.name)

    def visit_ImportFrom(self, node):
        module = node.module or ""
        for alias in node.names:
            if module == "sys":
                if alias.name not in SAFE_SYS:
                    self.reach(node, "sys." + alias.name)
            elif module in DOUBTFUL_MODULES:
                self.doubt(node, "import " + module)
            elif module not in SAFE_MODULES or node.level:
                self.reach(node, "import " + module)
            elif alias.name != "*" and module != "__future__":
                self.member(node, alias.name)

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.value.id in self.sys_names:
            if node.attr not in SAFE_SYS or not isinstance(node.ctx, ast.Load):
                self.reach(node, "sys." + node.attr)
            return
        if not isinstance(node.ctx, ast.Load):
            self.doubt(node, "." + node.attr + " = ")
        self.member(node, node.attr)
        self.generic_visit(node)

    def visit_Name(self, node):
        name = node.id
        if name in self.sys_names:
            self.reach(node, name)
        elif name in DOUBTFUL_NAMES:
            self.doubt(node, name)
        elif name in REFUSED_NAMES or (name.startswith("__") and name not in SAFE_DUNDERS):
            self.reach(node, name)

    def visit_Call(self, node):
        # getattr with a written name is an attribute.
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) >= 2:
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                self.member(node, name.value)
                for argument in node.args:
                    self.visit(argument)
                return
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        self.doubt(node, "class " + node.name)
        self.generic_visit(node)

    def visit_MatchClass(self, node):
        for name in node.kwd_attrs:
            self.member(node, name)
        self.generic_visit(node)

    def visit_arg(self, node):
        if node.arg.startswith("__"):
            self.reach(node, node.arg)
        self.generic_visit(node)


def bound_names(tree, after_line):
    """Module-level names that the statements after a line bind, and all names that a function declares global."""
    bound = set()

    def collect(node, top):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if top and node.lineno > after_line:
                bound.add(node.name)
            top = False
        elif isinstance(node, ast.Lambda):
            top = False
        elif isinstance(node, ast.Global):
            bound.update(node.names)
        elif isinstance(node, ast.Name) and top and not isinstance(node.ctx, ast.Load) and node.lineno > after_line:
            bound.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and top and node.lineno > after_line:
            bound.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and top and node.name:
            bound.add(node.name)
        elif type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping") and top:
            bound.update(name for name in (getattr(node, "name", None), getattr(node, "rest", None)) if name)
        for child in ast.iter_child_nodes(node):
            collect(child, top)

    collect(tree, True)
    return bound


# Words that a sample may not hold to be plain at first sight.
REFUSED_WORDS = REFUSED_NAMES | REFUSED_ATTRIBUTES | DOUBTFUL_NAMES | set("import class global sys match check".split())
DANGEROUS_PREFIX = re.compile(r"\b(?:%s)" % "|".join(REFUSED_PREFIXES))
WORD = re.compile(r"\w+")


def is_plain_at_first_sight(request, unsafe):
    """The common case without a syntax tree: ASCII, only indented lines after the prompt (so nothing is bound beside the
    function), and none of the words that the tree is searched for, not even in a text or a comment."""
    completion = request["completion"]
    return (
        completion.isascii()
        and "\r" not in completion
        and "\f" not in completion
        and not completion.rstrip().endswith("\\")
        and "__" not in completion
        and '"""' not in completion
        and "'''" not in completion
        and all(line[:1] in ("", " ", "\t", "#") for line in completion.split("\n"))
        and DANGEROUS_PREFIX.search(completion) is None
        and REFUSED_WORDS.isdisjoint(words := WORD.findall(completion))
        and unsafe.isdisjoint(words)
    )


def judge(request, unsafe):
    """Returns (level, reason): plain | doubtful | reaching."""
    if is_plain_at_first_sight(request, unsafe):
        return "plain", ""
    sample = request["prompt"] + request["completion"]
    try:
        tree = ast.parse(sample)
    except (SyntaxError, ValueError):
        return "doubtful", "the sample is no program without the tests"
    except (RecursionError, MemoryError):
        return "reaching", "the sample is too deeply nested to be judged"
    judgement = Judge(unsafe)
    # The aliases of sys first: a use may stand above its import.
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            judgement.sys_names.update(alias.asname or "sys" for alias in node.names if alias.name == "sys")
    judgement.visit(tree)
    if judgement.reaching:
        return "reaching", judgement.reaching
    if judgement.doubtful:
        return "doubtful", judgement.doubtful
    words = set(re.findall(r"\w+", request["test"])) | {"check"}
    words.discard(request["entryPoint"])
    taken = bound_names(tree, request["prompt"].count("\n")) & words
    # Parameters and locals of the tests are not looked up in the module.
    taken -= {"candidate", "METADATA"}
    if taken:
        return "doubtful", "binds %s, which the tests name" % ", ".join(sorted(taken))
    return "plain", ""


# --- loops without an end ---

# What a condition may be made of, so that it depends on its names' values and on nothing else.
PURE_NODES = (
    ast.Name, ast.Load, ast.Constant, ast.Compare, ast.cmpop, ast.BoolOp, ast.boolop, ast.UnaryOp, ast.unaryop, ast.BinOp,
    ast.operator, ast.Subscript, ast.Slice,
)  # fmt: skip
UNCHANGING = (int, float, bool, str, bytes, complex, type(None), range)
CATCHING = (ast.Try, ast.With, ast.AsyncWith, ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await)
CATCHING += tuple(getattr(ast, name) for name in ("TryStar",) if hasattr(ast, name))
# They bind names that stand in no ast.Name.
BINDING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BINDING += tuple(getattr(ast, name) for name in ("MatchAs", "MatchStar", "MatchMapping") if hasattr(ast, name))


def names_of_pure(condition):
    """Names that a condition reads, or None where it could depend on more than their values."""
    names = set()

    def is_pure(node):
        if isinstance(node, ast.Call):
            named_len = isinstance(node.func, ast.Name) and node.func.id == "len" and not node.keywords
            return named_len and len(node.args) == 1 and is_pure(node.args[0])
        if isinstance(node, ast.Name):
            names.add(node.id)
        return isinstance(node, PURE_NODES) and all(is_pure(child) for child in ast.iter_child_nodes(node))

    return names if is_pure(condition) else None


def leaves(statements):
    """Whether statements hold a way out of the loop that they are the body of, apart from an exception."""
    for node in statements:
        if isinstance(node, (ast.Break, ast.Return)):
            return True
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            continue  # a return in there leaves the function in there
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, (ast.For, ast.While)):
            # A break in there leaves the loop in there; one in its `else` leaves this one.
            inner = [child for child in ast.walk(node) if isinstance(child, ast.Return)]
            if inner or leaves(node.orelse):
                return True
            continue
        if leaves(children):
            return True
    return False


def catches(tree):
    """Whether a program may catch an exception."""
    for node in ast.walk(tree):
        # What consumes an iterator takes StopIteration for its end, so that exception is caught too.
        ends_iterator = isinstance(node, ast.Name) and node.id in ("next", "StopIteration", "StopAsyncIteration")
        if isinstance(node, CATCHING) or ends_iterator or isinstance(node, ast.Attribute) and node.attr == "__next__":
            return True
    return False


def hopeless_loops(tree):
    """(first line, last line, names, condition) of loops that only an exception can leave once the condition is true, as
    long as the values of those names cannot change themselves: the condition reads these names alone, and the body binds
    none of them."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.While) or leaves(node.body):
            continue
        names = names_of_pure(node.test)
        if names is None:
            continue
        inside = [inner for statement in node.body for inner in ast.walk(statement)]
        if any(isinstance(inner, BINDING) for inner in inside):
            continue
        bound = {inner.id for inner in inside if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)}
        # In the frame of a lambda its parameters stand under those names.
        bound |= {inner.arg for inner in inside if isinstance(inner, ast.arg)}
        if not names & bound:
            condition = compile(ast.Expression(node.test), "<condition>", "eval")
            found.append((node.lineno, node.body[-1].end_lineno, names, condition))
    return found


def is_stuck(frame, loops):
    """Whether a program that catches nothing can only go on until its time is over: it runs inside a loop that only an
    exception can leave."""
    while frame is not None:
        if frame.f_code.co_filename == "<string>":
            values = frame.f_locals
            for first, last, names, condition in loops:
                fixed = all(name in values and type(values[name]) in UNCHANGING for name in names - {"len"})
                if first <= frame.f_lineno <= last and fixed and eval(condition, {"len": len}, dict(values)):
                    return True
        frame = frame.f_back
    return False


# Statements and expressions that read and bind local names and do nothing else, when all values are of built-in types.
CLOSED_NODES = PURE_NODES + (
    ast.Store, ast.Tuple, ast.List, ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.Assign, ast.AugAssign, ast.Expr, ast.If,
    ast.While, ast.For, ast.Pass, ast.Break, ast.Continue, ast.Return,
)  # fmt: skip
CLOSED_CALLS = set(
    "abs all any bin bool chr divmod enumerate float hex int len list max min oct ord pow range reversed round set sorted"
    " str sum tuple zip".split()
)
CLOSED_METHODS = set(
    "count endswith find get index isalnum isalpha isdecimal isdigit islower isnumeric isspace isupper items join keys"
    " lower lstrip replace rfind rindex rstrip split startswith strip swapcase title upper values zfill".split()
)
# Trace events that a look takes at most, about 20 ms, and frames that it may be below the program's first.
WATCHED_EVENTS = 2000
WATCHED_DEPTH = 200


def all_bound_names(tree):
    """Every name that a program binds anywhere."""
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, BINDING):  # by a pattern
            bound.update(name for name in (getattr(node, "name", None), getattr(node, "rest", None)) if name)
    return bound


def closed_loops(tree, bound):
    """(first line, last line, names read, names bound) of loops whose next turn depends on the values of these local names
    and on nothing else. A `return` or `break` in there does no harm: it depends on them too."""

    def is_closed(node, read, stored):
        if isinstance(node, ast.Call):
            if node.keywords:
                return False
            if isinstance(node.func, ast.Name):
                called = node.func.id in CLOSED_CALLS and node.func.id not in bound
            else:
                called = isinstance(node.func, ast.Attribute) and node.func.attr in CLOSED_METHODS
                called = called and is_closed(node.func.value, read, stored)
            return called and all(is_closed(argument, read, stored) for argument in node.args)
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            return False
        elif isinstance(node, ast.Compare) and any(isinstance(operator, (ast.Is, ast.IsNot)) for operator in node.ops):
            # Equal numbers and texts need not be the same object.
            if not (isinstance(node.comparators[-1], ast.Constant) and node.comparators[-1].value in (None, True, False)):
                return False
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read.add(node.target.id)
        return isinstance(node, CLOSED_NODES) and all(is_closed(child, read, stored) for child in ast.iter_child_nodes(node))

    found = []
    for node in ast.walk(tree):
        # The condition on a line of its own: that line is then reached once for each time that it is asked.
        if isinstance(node, ast.While) and node.test.end_lineno == node.lineno < node.body[0].lineno:
            read, stored = set(), set()
            if all(is_closed(child, read, stored) for child in [node.test, *node.body]):
                found.append((node.lineno, node.body[-1].end_lineno, read, stored))
    return found


def frozen(value, may_hold_lists):
    """What tells a value of built-in types from every other; ValueError for other types."""
    kind = type(value)
    if kind is float:
        return kind, value.hex()
    if kind in UNCHANGING and kind is not complex:
        return kind, value
    if kind is tuple or may_hold_lists and kind in (list, set, frozenset):
        return kind, tuple(frozen(item, may_hold_lists) for item in value)
    if may_hold_lists and kind is dict:
        return kind, tuple(frozen(pair, True) for pair in value.items())
    raise ValueError("not a value of a built-in type")


def watch(frame, loops):
    """Looks at a number of turns of the loops in which a frame is. One that comes back to a state in which it was will do so
    for ever, when its next turn depends on nothing else."""
    here = [loop for loop in loops if loop[0] <= frame.f_lineno <= loop[1]]
    depth, outer = 0, frame
    while outer is not None:
        depth, outer = depth + 1, outer.f_back
    known = set(frame.f_code.co_varnames) - set(frame.f_code.co_cellvars)
    here = [loop for loop in here if loop[2] | loop[3] <= known]
    if frame.f_code.co_filename != "<string>" or depth > WATCHED_DEPTH or not here:
        return
    events = 0
    # For each loop: the state to come back to, turns since, turns until the next is taken, whether its body was entered.
    states = {loop[0]: [None, 0, 1, False] for loop in here}

    def on_event(at, event, _):
        nonlocal events
        if at is not frame:
            return None
        events += 1
        if event != "line" or events > WATCHED_EVENTS:
            sys.settrace(None)
            return None
        stuck = False
        try:
            for first, last, read, stored in here:
                kept = states[first]
                if not first <= at.f_lineno <= last:
                    kept[:] = [None, 0, 1, False]
                elif at.f_lineno > first:
                    kept[3] = True
                elif kept[3] or kept[0] is None:
                    values = at.f_locals
                    state = [
                        (name, frozen(values[name], name not in stored)) for name in sorted(read | stored) if name in values
                    ]
                    if kept[0] == state:
                        stuck = True
                        break
                    kept[1] += 1
                    kept[3] = False
                    if kept[1] == kept[2]:
                        kept[:] = [state, 0, 2 * kept[2], False]
        except BaseException:  # a value that cannot be told from others, or no room left
            sys.settrace(None)
            return None
        if stuck:
            sys.settrace(None)
            raise TimeoutException("Timed out!")
        return on_event

    frame.f_trace = on_event
    sys.settrace(on_event)


@contextlib.contextmanager
def ended_when_stuck(request, level):
    """The host's clock raises SIGUSR1 now and then before the time is over: a plain sample that is stuck need not wait,
    when neither it nor its tests catch an exception. It cannot pass any more."""

    def on_check(number, frame):
        try:
            stuck = False
            sample = request["prompt"] + request["completion"]
            tree = ast.parse(sample)
            if not re.search(r"\b(try|with|raises)\b", request["test"]) and not catches(tree):
                bound = all_bound_names(tree) | all_bound_names(ast.parse(request["test"]))
                stuck = "len" not in bound and is_stuck(frame, hopeless_loops(tree))
                if not stuck:
                    watch(frame, closed_loops(tree, bound))
        except TimeoutException:
            raise
        except BaseException:  # there is no room left to find out: the time limit will do
            return
        if stuck:
            raise TimeoutException("Timed out!")

    if IN_WASM and level == "plain":
        signal.signal(signal.SIGUSR1, on_check)
    yield


# --- verdicts ---


def one_line(error):
    try:
        return str(error)[:1000]
    except BaseException:
        return "<a message that cannot be printed>"


def describe(error, sample_lines):
    """What an exception of the program means. `line` counts from 1 in prompt + completion."""
    line = None
    in_test = True
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<string>":
            in_test = trace.tb_lineno > sample_lines
            if not in_test:
                line = trace.tb_lineno
        trace = trace.tb_next
    kind = "exception"
    if isinstance(error, TimeoutException):
        kind = "timeout"
    elif isinstance(error, MemoryError):
        kind = "memory"
    elif type(error) is AssertionError and in_test:
        kind = "wrong"
    return {"kind": kind, "type": type(error).__name__, "message": one_line(error), "line": line}


def program_of(request):
    return (
        request["prompt"] + request["completion"] + "\n" + request["test"] + "\n" + "check(%s)" % request["entryPoint"]
    )


def run(request, level):
    """The official `unsafe_execute`: the program runs to its end, or it failed."""
    sample_lines = (request["prompt"] + request["completion"]).count("\n") + 1
    try:
        exec_globals = {}
        with swallowed_output():
            with time_limit(request["timeoutSeconds"]), ended_when_stuck(request, level):
                try:
                    code = compile(program_of(request), "<string>", "exec")
                except (SyntaxError, ValueError) as error:
                    line = getattr(error, "lineno", None)
                    return {"kind": "syntax", "type": type(error).__name__, "message": one_line(error), "line": line}
                exec(code, exec_globals)
        return {"kind": "passed"}
    except BaseException as error:
        return describe(error, sample_lines)


# --- confirmation: the tests in one process, the sample in another, plain data between them ---


class NotPlainData(Exception):
    pass


class Encoder:
    def __init__(self):
        self.items = 0

    def encode(self, value, depth=0):
        self.items += 1
        if self.items > PLAIN_ITEMS_LIMIT or depth > 200:
            raise NotPlainData("too large")
        kind = type(value)
        nested = lambda items: [self.encode(item, depth + 1) for item in items]
        if value is None:
            return ["n"]
        if kind is bool:
            return ["b", value]
        # A subclass is sent as what it is of, by that class's own methods: how it compares is not the tests' affair.
        if isinstance(value, int):
            return ["i", "%x" % int.__add__(value, 0)]
        if isinstance(value, float):
            return ["f", float.hex(value)]
        if isinstance(value, str):
            return ["s", str.__str__(value)]
        if kind is complex:
            return ["c", value.real.hex(), value.imag.hex()]
        if isinstance(value, bytes):
            return ["y", bytes.hex(value)]
        if isinstance(value, bytearray):
            return ["Y", bytearray.hex(value)]
        if isinstance(value, list):
            return ["l", nested(list.__iter__(value))]
        if isinstance(value, tuple):
            return ["t", nested(tuple.__iter__(value))]
        if isinstance(value, set):
            return ["S", nested(set.__iter__(value))]
        if isinstance(value, frozenset):
            return ["Z", nested(frozenset.__iter__(value))]
        if isinstance(value, dict):
            return ["d", [nested(pair) for pair in dict.items(value)]]
        if kind is range:
            return ["r", value.start, value.stop, value.step]
        if kind.__name__ == "deque" and kind.__module__ == "collections":
            return ["q", nested(value)]
        if kind.__name__ == "Fraction" and kind.__module__ == "fractions":
            return ["F", "%x" % value.numerator, "%x" % value.denominator]
        if kind.__name__ == "Decimal" and kind.__module__ == "decimal":
            return ["D", str(value)]
        if hasattr(value, "__next__"):
            return ["g", nested(value)]
        raise NotPlainData("a value of type %s" % kind.__name__)


def decode(data):
    import collections
    import decimal
    import fractions

    tag = data[0]
    if tag == "n":
        return None
    if tag == "b":
        return bool(data[1])
    if tag == "i":
        return int(data[1], 16)
    if tag == "f":
        return float.fromhex(data[1])
    if tag == "s":
        return str(data[1])
    if tag == "c":
        return complex(float.fromhex(data[1]), float.fromhex(data[2]))
    if tag in "yY":
        return (bytes if tag == "y" else bytearray).fromhex(data[1])
    if tag == "d":
        return {decode(key): decode(value) for key, value in data[1]}
    if tag == "r":
        return range(int(data[1]), int(data[2]), int(data[3]))
    if tag == "F":
        return fractions.Fraction(int(data[1], 16), int(data[2], 16))
    if tag == "D":
        return decimal.Decimal(str(data[1]))
    makers = {"l": list, "t": tuple, "S": set, "Z": frozenset, "q": collections.deque, "g": iter}
    return makers[tag]([decode(item) for item in data[1]])


def without_dangling_decorators(sample):
    """A sample that was cut after a decorator: in the official program it decorates the tests, which is harmless when
    the sample is right."""
    return re.sub(r"(\n@[^\n]*\s*)+\Z", "\n", sample)


def serve(request, channel):
    """The sample's side: defines the sample and answers calls with data until it is told to end."""
    reading, writing = os.read, os.write
    exec_globals = {}
    with swallowed_output(), time_limit(request["timeoutSeconds"]):
        try:
            exec(without_dangling_decorators(request["prompt"] + request["completion"]) + "\n", exec_globals)
            entry = exec_globals[request["entryPoint"]]
            answer = {"ready": True}
        except BaseException as error:
            answer = {"raised": [type(error).__name__, one_line(error)]}
        send(channel, answer, writing)
        while True:
            call = receive(channel, reading)
            if "end" in call:
                send(channel, {"done": True}, writing)
                return
            positional = [decode(item) for item in call["args"]]
            named = {key: decode(item) for key, item in call["named"].items()}
            try:
                result = entry(*positional, **named)
                answer = {"result": Encoder().encode(result), "args": [Encoder().encode(item) for item in positional]}
            except NotPlainData as error:
                answer = {"refused": one_line(error)}
            except BaseException as error:
                answer = {"raised": [type(error).__name__, one_line(error)]}
            send(channel, answer, writing)


def confirm(request, channel):
    """The tests' side: the reference solution's module, its entry point replaced by calls to the other process."""

    def ask(message):
        send(channel, message)
        answer = receive(channel)
        if "refused" in answer:
            raise NotPlainData(answer["refused"])
        if "raised" in answer:
            name, text = answer["raised"]
            kind = vars(builtins).get(str(name))
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                kind = Exception
            try:
                error = kind(text)
            except TypeError:
                error = Exception(text)
            raise error
        return answer

    def candidate(*args, **named):
        encoded = [Encoder().encode(item) for item in args]
        answer = ask({"args": encoded, "named": {key: Encoder().encode(item) for key, item in named.items()}})
        # A test may look at what became of its arguments.
        for mine, theirs in zip(args, answer["args"]):
            value = decode(theirs)
            if type(mine) is type(value) is list:
                mine[:] = value
            elif type(mine) is type(value) and type(mine) in (dict, set):
                mine.clear()
                mine.update(value)
        return decode(answer["result"])

    try:
        with swallowed_output():
            ask({"start": True})
            exec_globals = {}
            exec(request["prompt"] + request["canonicalSolution"] + "\n", exec_globals)
            exec_globals[request["entryPoint"]] = candidate
            exec(request["test"] + "\n", exec_globals)
            exec_globals["check"](candidate)
        return {"kind": "passed"}
    except BaseException as error:
        return describe(error, 0)


# --- threads and event loops where there are none ---


def emulate_threads():
    """WebAssembly here has no threads: a thread runs to its end when it is started, as one possible order of events."""
    import _thread
    import concurrent.futures

    idents = iter(range(2, 1 << 30))

    def start_now(function, args=(), kwargs=None):
        number = next(idents)
        try:
            function(*args, **(kwargs or {}))
        except SystemExit:
            pass
        return number

    current = threading.current_thread

    def bootstrap_now(self):
        # `Thread._bootstrap_inner` without the parts that need a second stack.
        self._started.set()
        threads.append(self)
        try:
            self.run()
        except BaseException as error:
            if isinstance(error, TimeoutException):
                raise
            if not isinstance(error, SystemExit):
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, self)))
        finally:
            threads.pop()
            self._is_stopped = True
            self._tstate_lock = None

    threads = []

    def start(self):
        if not self._initialized:
            raise RuntimeError("thread.__init__() not called")
        if self._started.is_set():
            raise RuntimeError("threads can only be started once")
        bootstrap_now(self)

    threading.Thread.start = start
    threading.current_thread = lambda: threads[-1] if threads else current()
    _thread.start_new_thread = start_now
    threading._start_new_thread = start_now

    def submit(self, function, /, *args, **kwargs):
        if self._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = concurrent.futures.Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(function(*args, **kwargs))
        except TimeoutException:
            raise
        except BaseException as error:
            future.set_exception(error)
        return future

    concurrent.futures.ThreadPoolExecutor.submit = submit


def replace_event_loop():
    """An event loop that waits by sleeping: there is nothing else to wait for."""
    import asyncio
    import time

    class Loop(asyncio.BaseEventLoop):
        def __init__(self):
            super().__init__()
            self._selector = self

        def select(self, timeout):
            if timeout is None:
                raise RuntimeError("the event loop waits for nothing")
            time.sleep(timeout)
            return []

        def _process_events(self, events):
            pass

        def _write_to_self(self):
            pass

    class Policy(asyncio.DefaultEventLoopPolicy):
        _loop_factory = Loop

    asyncio.set_event_loop_policy(Policy())


# --- the entry ---

# Imported before the interpreter's state is kept, so that samples do not pay for them.
PRELOADED = SAFE_MODULES + sorted(DOUBTFUL_MODULES) + ["asyncio", "concurrent.futures.thread"]


def prepare():
    """Everything that is the same for all samples."""
    for name in PRELOADED:
        __import__(name)
    unsafe = unsafe_members()
    if IN_WASM:
        emulate_threads()
        replace_event_loop()
        # 64-bit builds say this; a sample that takes it for infinity must meet the same number.
        sys.maxsize = 2**63 - 1
    apply_guard()
    if IN_WASM:
        warm_up(unsafe)
    return unsafe


def warm_up(unsafe):
    """Fills the caches that the first request would fill (patterns, code that adapts itself), so that they are in the
    state that every sample starts from."""
    body = "    if x != x: eval('1')\n    return x\n"
    test = "def check(candidate):\n    assert candidate(1) == 1\n"
    for completion in ("    # warm\n" + body.replace("eval('1')", "x"), body, "    return 0\n", "    return (\n"):
        request = {"prompt": "def f(x):\n", "completion": completion, "test": test, "entryPoint": "f"}
        request["timeoutSeconds"] = 3
        level, _ = judge(json.loads(json.dumps(request)), unsafe)
        deeper(FRAMES_BELOW, run, request, level)
    warm = ast.parse("def f(x):\n    while x:\n        x = x\n")
    is_stuck(sys._getframe(), hopeless_loops(warm))
    watch(sys._getframe(), closed_loops(warm, all_bound_names(warm)))


def deeper(levels, function, *args):
    """The official tool has this many more frames below the program (a pool's thread that forked)."""
    return function(*args) if levels == 0 else deeper(levels - 1, function, *args)


def answer_one_request(unsafe):
    channel = open_channel()
    request = receive(channel)
    if request["mode"] == "confirm":
        send(channel, {"verdict": confirm(request, channel)})
        return
    level, reason = judge(request, unsafe)
    send(channel, {"level": level, "reason": reason})
    if request["mode"] == "serve":
        serve(request, channel)
    else:
        send(channel, {"verdict": deeper(FRAMES_BELOW, run, request, level)})


FRAMES_BELOW = 10

if IN_WASM:
    unsafe_names = prepare()
elif __name__ == "__main__":
    answer_one_request(prepare())
