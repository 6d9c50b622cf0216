/** Runs the door as a service: `node door-main.ts <settings file>`. A signal closes it, and nothing is left to run for. */
import { readFileSync } from "node:fs";
import { openDoor } from "./door.ts";

const door = await openDoor(JSON.parse(readFileSync(process.argv[2] ?? "door.json", "utf8")), (line) => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    door.close().catch(() => undefined);
  });
}
