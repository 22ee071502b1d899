"""Runs the one job of a GitHub workflow file here: its `run` steps by a shell as GitHub's, actions/checkout as a fresh copy, actions/cache as a
folder, and of the expressions those that the file uses. An expression that is not known here is an error."""
import glob
import hashlib
import os
import re
import shutil
import subprocess

import yaml


def hash_files(folder, patterns):
    total = hashlib.sha256()
    for pattern in re.findall(r"'([^']*)'", patterns):
        for name in sorted(glob.glob(os.path.join(folder, pattern), recursive=True)):
            if os.path.isfile(name):
                with open(name, "rb") as file:
                    total.update(hashlib.sha256(file.read()).digest())
    return total.hexdigest()


class Job:
    """`ran` are the commands that were run, `output` is what they printed, `status` is that of the last."""

    def __init__(self, project, work, cache, environment):
        self.project, self.work, self.cache, self.environment = project, work, cache, dict(environment)
        self.outputs, self.ran, self.output, self.status, self.saved = {}, [], "", 0, None

    def value(self, expression):
        expression = expression.strip()
        if expression.startswith("hashFiles("):
            return hash_files(self.work, expression)
        if " != " in expression:
            left, right = expression.split(" != ")
            return self.value(left) != right.strip("'")
        if expression.startswith("steps."):
            _, step, _, name = expression.split(".")
            return self.outputs.get((step, name), "")
        return {"runner.os": os.uname().sysname, "runner.arch": os.uname().machine}[expression]

    def fill(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1])), text)

    def use(self, step):
        action = step["uses"].split("@")[0]
        if action == "actions/checkout":
            shutil.copytree(self.project, self.work)
        elif action == "actions/cache":
            kept = os.path.join(self.cache, self.fill(step["with"]["key"]))
            self.saved = (kept, os.path.join(self.work, step["with"]["path"]))
            if os.path.isdir(kept):
                shutil.copytree(*self.saved)
                self.outputs[(step["id"], "cache-hit")] = "true"
        else:
            raise LookupError("unknown action " + action)

    def shell(self, step):
        target = os.path.join(self.cache, "output")
        command = self.fill(step["run"])
        self.ran.append(command)
        done = subprocess.run(["bash", "-e", "-c", command], cwd=self.work, env={**self.environment, "GITHUB_OUTPUT": target}, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.output += done.stdout
        self.status = done.returncode
        if os.path.exists(target):
            with open(target, encoding="utf-8") as file:
                for name, value in (line.rstrip("\n").split("=", 1) for line in file):
                    self.outputs[(step["id"], name)] = value
            os.remove(target)

    def run(self, workflow):
        with open(workflow, encoding="utf-8") as file:
            (job,) = yaml.safe_load(file)["jobs"].values()
        self.environment.update(job["env"])
        for step in job["steps"]:
            if "if" in step and not self.value(step["if"]):
                continue
            self.use(step) if "uses" in step else self.shell(step)
            if self.status != 0:
                return self
        if self.saved and not os.path.isdir(self.saved[0]):
            shutil.copytree(self.saved[1], self.saved[0])
        return self
