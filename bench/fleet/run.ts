/** npm run fleet -- --agents 8 --seed 1 --minutes 1: a scripted fleet drives the running stack through its real doors. */
import { parseArgs } from "node:util";
import { loadConfig } from "../../cli/src/config/load.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import { runFleet } from "./run-fleet.ts";

const { values } = parseArgs({
  options: {
    agents: { type: "string", default: "8" },
    tasks: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "1" },
  },
});
const number = (name: keyof typeof values) => {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0.`);
  return value;
};
const options = { agents: number("agents"), tasks: number("tasks"), seed: number("seed") };
const lastsMs = number("minutes") * 60_000;
const deeds = await withStack(loadConfig(), (stack) => runFleet(stack, { ...options, lastsMs }));
process.stdout.write(`${JSON.stringify({ seed: number("seed"), deeds }, null, 2)}\n`);
