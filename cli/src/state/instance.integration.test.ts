import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { ensureInstance, findInstance, getInstance } from "./instance.ts";

const FACTS = { driver: "embedded", cliVersion: "0.1.0" } as const;

test("writes who this installation is once, and never again", () => {
  const path = join(temporaryFolder(), "instance.json");
  expect(findInstance(path)).toBeNull();
  expect(ensureInstance(path, FACTS)).toBe(true);
  const first = getInstance(path);
  expect(first).toMatchObject(FACTS);
  expect(ensureInstance(path, { driver: "compose", cliVersion: "9.9.9" })).toBe(false);
  expect(getInstance(path)).toEqual(first);
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test("says that a folder without it has not been initialised", () => {
  expect(() => getInstance(join(temporaryFolder(), "instance.json"))).toThrow(
    expect.objectContaining({ code: "STATE_UNREADABLE", message: "This state folder has not been initialised." }),
  );
});

test.each(["", "{ torn", "null", '{"instanceId":"not-a-uuid"}'])(
  "refuses a damaged record (%j) and leaves it alone",
  (text) => {
    const path = join(temporaryFolder(), "instance.json");
    writeFileSync(path, text);
    for (const read of [() => findInstance(path), () => getInstance(path), () => ensureInstance(path, FACTS)]) {
      expect(read).toThrow(expect.objectContaining({ code: "STATE_UNREADABLE", exit: 5 }));
    }
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);
