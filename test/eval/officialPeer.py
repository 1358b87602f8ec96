"""The design of the official HumanEval tool (openai/human-eval, MIT): a process for each sample, verdicts by its rules.

Written anew as a peer for tests: same program text, same guard, same alarm, same swallowed output, same words for
results. Usage: python officialPeer.py problems.jsonl samples.jsonl results.jsonl [workers] [timeout]
"""

import contextlib
import faulthandler
import gzip
import io
import json
import multiprocessing
import os
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed


class TimeoutException(Exception):
    pass


class WriteOnlyStringIO(io.StringIO):
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
def swallow_io():
    stream = WriteOnlyStringIO()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), redirect_stdin(stream):
        yield


@contextlib.contextmanager
def time_limit(seconds):
    def handler(signum, frame):
        raise TimeoutException("Timed out!")

    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def chdir(root):
    cwd = os.getcwd()
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(cwd)


@contextlib.contextmanager
def create_tempdir():
    with tempfile.TemporaryDirectory() as dirname, chdir(dirname):
        yield dirname


def reliability_guard(maximum_memory_bytes=None):
    if maximum_memory_bytes is not None:
        import resource

        # The official tool would limit the stack too, which breaks threads; it limits nothing unless asked.
        resource.setrlimit(resource.RLIMIT_AS, (maximum_memory_bytes, maximum_memory_bytes))
    faulthandler.disable()
    import builtins

    builtins.exit = None
    builtins.quit = None
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in (
        "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace"
        " unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir"
    ).split():
        setattr(os, name, None)
    import shutil

    for name in ("rmtree", "move", "chown"):
        setattr(shutil, name, None)
    import subprocess

    subprocess.Popen = None
    builtins.help = None
    for name in ("ipdb", "joblib", "resource", "psutil", "tkinter"):
        sys.modules[name] = None


def unsafe_execute(problem, completion, timeout, memory, result):
    with create_tempdir():
        import shutil

        kept = shutil.rmtree, os.rmdir, os.chdir, os.unlink, os.getcwd
        reliability_guard(memory)
        check_program = (
            problem["prompt"] + completion + "\n" + problem["test"] + "\n" + f"check({problem['entry_point']})"
        )
        try:
            exec_globals = {}
            with swallow_io():
                with time_limit(timeout):
                    exec(check_program, exec_globals)
            result.append("passed")
        except TimeoutException:
            result.append("timed out")
        except BaseException as e:
            result.append(f"failed: {e}")
        shutil.rmtree, os.rmdir, os.chdir, os.unlink, os.getcwd = kept


def check_correctness(problem, completion, timeout, memory, index):
    manager = multiprocessing.Manager()
    result = manager.list()
    p = multiprocessing.Process(target=unsafe_execute, args=(problem, completion, timeout, memory, result))
    p.start()
    p.join(timeout=timeout + 1)
    if p.is_alive():
        p.kill()
    if not result:
        result.append("timed out")
    return index, result[0]


def lines(file):
    with (gzip.open if file.endswith(".gz") else open)(file, "rt") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def main():
    problems_file, samples_file, results_file = sys.argv[1:4]
    workers = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    timeout = float(sys.argv[5]) if len(sys.argv) > 5 else 3.0
    # The official tool sets no limit; a test does, so as not to take the machine's memory.
    memory = int(sys.argv[6]) if len(sys.argv) > 6 else None
    problems = {problem["task_id"]: problem for problem in lines(problems_file)}
    samples = lines(samples_file)
    with ThreadPoolExecutor(max_workers=workers) as executor:
        futures = [
            executor.submit(check_correctness, problems[s["task_id"]], s["completion"], timeout, memory, index)
            for index, s in enumerate(samples)
        ]
        for future in as_completed(futures):
            index, result = future.result()
            samples[index]["result"] = result
            samples[index]["passed"] = result == "passed"
    with open(results_file, "w") as stream:
        for sample in samples:
            stream.write(json.dumps(sample) + "\n")


if __name__ == "__main__":
    main()
