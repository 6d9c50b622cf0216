/** Everything that a stack keeps to itself, so that a test can look for each of it in what is served. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "./stack.ts";

/** Values by file: every secret, and the identity keys that its services run with. @throws Error for one that is too short to be looked for */
export function secretsOf({ stateDir }: Pick<Stack, "stateDir">): ReadonlyMap<string, string> {
  const files = [
    ...readdirSync(join(stateDir, "secrets")).map((name) => join("secrets", name)),
    ...globSync("run/*/*identity.key", { cwd: stateDir }),
  ];
  const secrets = new Map(files.map((file) => [file, readFileSync(join(stateDir, file), "utf8").trim()]));
  for (const [file, value] of secrets) if (value.length < 16) throw new Error(`${file} holds no secret.`);
  return secrets;
}

/** Files of the stack whose secret stands in the text. */
export function secretsIn(text: string, secrets: ReadonlyMap<string, string>): readonly string[] {
  return [...secrets].flatMap(([file, value]) => (text.includes(value) ? [file] : []));
}
