import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// One process for all commands: const dbfixture = serve("-d", "test.db"); await dbfixture("reset"); dbfixture.end().
export function serve(...options) {
  const child = spawn("dbfixture", ["serve", ...options], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const dbfixture = async (...words) => {
    child.stdin.write(JSON.stringify(words) + "\n");
    const { status, result, output } = JSON.parse((await answers.next()).value);
    if (status !== 0) throw new Error(JSON.stringify(result));
    return output;
  };
  dbfixture.end = () => child.stdin.end();
  return dbfixture;
}
