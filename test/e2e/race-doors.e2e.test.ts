import { join } from "node:path";
import { expect, it } from "vitest";
import { runProgram } from "../support/run-program.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { CHECKOUT } from "../support/stack.ts";

const DOORS = ["native-mcp", "rest", "graphql", "muster-mcp", "sql", "sql-next"];

it("gives each of twenty tasks to one of twelve agents that come through six doors, and the history of each is sound", async () => {
  const { stack } = await sharedStack();
  const args = ["--doors", DOORS.join(","), "--agents", "12", "--tasks", "20", "--seed", "1", "--detail", "--json"];
  const ran = await runProgram(join(CHECKOUT, "scripts", "race.ts"), args, {
    cwd: CHECKOUT,
    environment: {
      ELK_OS_STATE_DIR: stack.stateDir,
      ELK_OS_POSTGRES_PORT: String(stack.ports.postgres),
      ELK_OS_DIRECTUS_PORT: String(stack.ports.directus),
    },
  });
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  const answer = JSON.parse(ran.stdout);
  expect(answer).toMatchObject({ tasks: 20, winners: { "1": 20 }, violations: [], callsPerSecond: expect.any(Number) });
  expect(Object.keys(answer.attemptsByDoor).toSorted()).toEqual(DOORS.toSorted());
  // Every attempt ended as a win or as a refusal of the law; the limiter's 503 was tried again, and the best is none when all are taken.
  const { "503": _, NOTHING_READY: nothing = 0, ...refusals } = answer.errors;
  expect(Object.keys(refusals).filter((code) => !code.startsWith("MUSTER_"))).toEqual([]);
  expect(Object.values<number>(refusals).reduce((sum, count) => sum + count, 0) + nothing).toBe(12 * 20 - 20);
});
