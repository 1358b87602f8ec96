"""Mutation check of a problem file in HumanEval's format: do the tests of a problem tell right from wrong?

Usage: python3 checkProblems.py problems.jsonl [--min-kill 0.9] [--verbose]

For every problem it checks that
  1. the canonical solution passes, and so do the doctest examples of the prompt under it;
  2. a body of `pass` and bodies that return one of the arguments unchanged fail;
  3. of the mutants of the canonical solution (one syntax tree node changed: a flipped comparison or operator, a
     constant moved by one, a negated condition, a dropped statement, slice bound or `not`) at least 90 % fail.
Mutants listed in EQUIVALENT_MUTANTS compute the same as the original and are left out of the count.
Every program runs in a child process of its own with a time limit, because mutants loop for ever.
"""
import argparse
import ast
import copy
import doctest
import json
import multiprocessing
import sys

FLIPPED_COMPARISONS = {
    ast.Lt: [ast.LtE, ast.GtE], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.LtE], ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot], ast.IsNot: [ast.Is],
}
SWAPPED_OPERATORS = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Add], ast.Div: [ast.Mult], ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv], ast.Pow: [ast.Mult], ast.BitAnd: [ast.BitOr], ast.BitOr: [ast.BitAnd],
}
# Surviving mutants that were read and found to compute the same for every allowed input, for instance a start value
# that is overwritten before it is read, or `>=` for `>` in a running maximum. They do not count as mutants.
EQUIVALENT_MUTANTS = {
    "best_profit": 1, "calculate": 1, "card_is_valid": 3, "count_votes": 3, "day_of_year": 2, "expand_counts": 1,
    "format_table": 1, "join_with_and": 1, "longest_climb": 2, "longest_run": 1, "next_generation": 1,
    "ordered_sums": 1, "whole_root": 1,
}


def mutants_of(prompt, body):
    """Yields (description, source) for every single-node change of the code in `body`; the prompt stays as it is."""
    tree = ast.parse(prompt + body)
    first_line = prompt.count("\n") + 1
    count = len(list(ast.walk(tree)))
    for index in range(count):
        for variant in range(4):
            changed = copy.deepcopy(tree)
            node = list(ast.walk(changed))[index]
            if getattr(node, "lineno", 0) < first_line:
                continue
            what = change(node, variant)
            if what is None:
                break
            source = ast.unparse(ast.fix_missing_locations(changed))
            line = (prompt + body).split("\n")[node.lineno - 1].strip()
            yield f"{what} in: {line}", source


def change(node, variant):
    """Changes one node in place in the given way; returns what was done, or None when there is no such variant."""
    if isinstance(node, ast.Compare):
        choices = [(i, new) for i, op in enumerate(node.ops) for new in FLIPPED_COMPARISONS.get(type(op), [])]
        if variant < len(choices):
            position, new = choices[variant]
            node.ops[position] = new()
            return f"comparison -> {new.__name__}"
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        choices = SWAPPED_OPERATORS.get(type(node.op), [])
        if variant < len(choices):
            node.op = choices[variant]()
            return f"operator -> {choices[variant].__name__}"
    elif isinstance(node, ast.BoolOp) and variant == 0:
        node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        return "and <-> or"
    elif isinstance(node, ast.Constant) and type(node.value) is bool and variant == 0:
        node.value = not node.value
        return "bool flipped"
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and variant < 2:
        node.value += 1 if variant == 0 else -1
        return "constant + 1" if variant == 0 else "constant - 1"
    elif isinstance(node, ast.Constant) and type(node.value) is str and variant == 0:
        node.value += "~"
        return "text changed"
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and variant == 0:
        node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
        return "condition negated"
    elif isinstance(node, ast.UnaryOp) and variant == 0:
        replacement = node.operand
        node.op, node.operand = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not(), replacement
        if isinstance(node.op, ast.Not):
            node.operand = ast.UnaryOp(op=ast.Not(), operand=replacement)
        return "unary operator dropped"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and variant == 0:
        node.value = ast.Constant(value=None)
        return "call statement dropped"
    elif isinstance(node, (ast.Break, ast.Continue)) and variant == 0:
        node.__class__ = ast.Pass
        return "jump dropped"
    return None


def run_program(source, entry_point, test, queue):
    scope = {"__name__": "candidate"}
    try:
        exec(compile(source + "\n" + test + f"\ncheck({entry_point})", "<problem>", "exec"), scope)
        queue.put("passed")
    except BaseException as error:  # a wrong program may also call sys.exit
        queue.put(f"{type(error).__name__}: {error}"[:200])


def run_doctests(source, entry_point, queue):
    scope = {"__name__": "candidate"}
    exec(compile(source, "<problem>", "exec"), scope)
    runner = doctest.DocTestRunner(verbose=False)
    report = []
    for example in doctest.DocTestFinder(recurse=False).find(scope[entry_point], globs=scope, module=False):
        runner.run(example, out=report.append)
    queue.put("passed" if runner.failures == 0 else "".join(report))


def in_child(function, arguments, limit_seconds=2.0):
    """Runs function(*arguments, queue) in a child process and returns what it put, or 'timed out' or 'died'."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=function, args=(*arguments, queue), daemon=True)
    child.start()
    child.join(limit_seconds)
    if child.is_alive():
        child.kill()
        child.join()
        return "timed out"
    return "died" if queue.empty() else queue.get()


def check_problem(problem):
    """Returns (complaints, mutants, survivors) of one problem."""
    prompt, name, test = problem["prompt"], problem["entry_point"], problem["test"]
    complaints = []
    solution = prompt + problem["canonical_solution"]
    outcome = in_child(run_program, (solution, name, test))
    if outcome != "passed":
        return [f"canonical solution: {outcome}"], [], []
    outcome = in_child(run_doctests, (solution, name))
    if outcome != "passed":
        complaints.append(f"doctest: {outcome}")
    function = next(n for n in ast.parse(solution).body if isinstance(n, ast.FunctionDef) and n.name == name)
    lazy_bodies = ["    pass\n"] + [f"    return {argument.arg}\n" for argument in function.args.args]
    for body in lazy_bodies:
        if in_child(run_program, (prompt + body, name, test)) == "passed":
            complaints.append(f"the body {body.strip()!r} passes")
    mutants, survivors = [], []
    original = ast.unparse(ast.parse(solution))
    for what, source in mutants_of(prompt, problem["canonical_solution"]):
        if source == original or source in mutants:
            continue
        mutants.append(source)
        if in_child(run_program, (source, name, test), limit_seconds=1.0) == "passed":
            survivors.append(what)
    return complaints, mutants, survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--min-kill", type=float, default=0.9)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    total = killed = bad = 0
    with open(options.file, encoding="utf-8") as lines:
        problems = [json.loads(line) for line in lines]
    for problem in problems:
        complaints, mutants, survivors = check_problem(problem)
        changing = len(mutants) - EQUIVALENT_MUTANTS.get(problem["entry_point"], 0)
        dead = len(mutants) - len(survivors)
        total += changing
        killed += dead
        weak = dead < options.min_kill * changing
        if complaints or weak or (options.verbose and survivors):
            bad += bool(complaints or weak)
            print(f"{problem['task_id']} {problem['entry_point']}: {len(survivors)} of {len(mutants)} mutants survive")
            for line in complaints + survivors:
                print(f"    {line}")
    print(f"{len(problems)} problems, {total} mutants, {killed / max(total, 1):.1%} of those that change the behaviour killed, {bad} problems to look at")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
