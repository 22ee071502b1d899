import json
import subprocess


class Dbfixture:
    """One process for all commands: dbfixture = Dbfixture("-d", "test.db"); dbfixture("reset")."""

    def __init__(self, *options):
        self.process = subprocess.Popen(["dbfixture", "serve", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        encoding="utf-8", start_new_session=True)

    def __call__(self, *words, input=None):
        print(json.dumps({"argv": words, "stdin": input}), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        if answer["status"] != 0:
            raise RuntimeError(answer["result"])
        return answer["output"]

    def close(self):
        """It ends, and with it its connection to a server."""
        self.process.communicate()
