import { expect, test } from "vitest";
import { CLI_ERRORS, EXIT } from "./catalog.ts";
import { CliError, toCliError } from "./cli-error.ts";

test("carries the exit code of its catalogue entry", () => {
  const error = new CliError("LOCK_HELD", { message: "Held.", hint: "Wait." });
  expect(error.exit).toBe(6);
  expect(error.facts).toEqual({});
});

test("leaves a CliError as it is", () => {
  const error = new CliError("PORT_TAKEN", { message: "Taken.", hint: "Free it." });
  expect(toCliError(error)).toBe(error);
});

test.each([new TypeError("x is undefined"), "a string", undefined])(
  "reports %s as a bug and keeps the cause",
  (thrown) => {
    const error = toCliError(thrown);
    expect(error).toMatchObject({ code: "INTERNAL", exit: 1 });
    expect(error.cause).toBe(thrown);
  },
);

test.each(["ENOSPC", "EDQUOT", "53100"])("says of %s that a disk is full, and what to do", (code) => {
  const thrown = Object.assign(new Error("no space left on device, write"), { code });
  const error = toCliError(thrown);
  expect(error).toMatchObject({ code: "DISK_FULL", exit: 7, cause: thrown });
  expect(error.message).toContain("no space left on device, write");
});

test.each([
  new Error("Connection terminated unexpectedly"),
  new Error("Client has encountered a connection error and is not queryable"),
  Object.assign(new Error("terminating connection due to administrator command"), { code: "57P01" }),
  Object.assign(new Error("terminating connection because of crash of another server process"), { code: "57P02" }),
])("says of %s that Postgres went away, which is no bug", (thrown) => {
  const error = toCliError(thrown);
  expect(error).toMatchObject({ code: "BOARD_UNREACHABLE", exit: 8, cause: thrown });
  expect(error.message).toContain(thrown.message);
});

test("uses only exit codes that are stable, and a title for each code", () => {
  const known = new Set<number>(Object.values(EXIT));
  for (const [code, spec] of Object.entries(CLI_ERRORS)) {
    expect(known, code).toContain(spec.exit);
    expect(spec.title, code).toMatch(/^[A-Z].*[^.]$/);
  }
});
