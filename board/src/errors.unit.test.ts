import { describe, expect, test } from "vitest";
import { BOARD_ERRORS, toMusterError } from "./errors.ts";
import { loadMigrations } from "./sql-files.ts";

const raised = (code: string, detail: object | string) => ({
  code,
  detail: typeof detail === "string" ? detail : JSON.stringify(detail),
  message: 'update "os_tasks" set "status" = $1',
});

describe("toMusterError", () => {
  test("keeps the law's code, message and facts", () => {
    const message = "Task #7 is claimed by a02. Claim another one.";
    expect(toMusterError(raised("MU409", { code: "MUSTER_CLAIM_CONFLICT", message, claim_epoch: 3 }))).toEqual({
      code: "MUSTER_CLAIM_CONFLICT",
      status: 409,
      message,
      extensions: { claim_epoch: 3 },
    });
  });

  test("falls back to the catalogue's words when the law sends no message", () => {
    expect(toMusterError(raised("MU403", { code: "MUSTER_SELF_REVIEW" })).message).toBe(
      "The author may not verify its own work. Leave the review to another agent.",
    );
  });

  test.each([
    ["23505", "MUSTER_DUPLICATE", 409],
    ["23503", "MUSTER_REFERENCE_UNKNOWN", 422],
    ["23514", "MUSTER_VALUE_INVALID", 422],
    ["23502", "MUSTER_VALUE_INVALID", 422],
    ["22P02", "MUSTER_VALUE_INVALID", 422],
    ["40P01", "MUSTER_BOARD_BUSY", 503],
    ["55P03", "MUSTER_BOARD_BUSY", 503],
    ["57014", "MUSTER_BOARD_UNAVAILABLE", 503],
    ["57P01", "MUSTER_BOARD_UNAVAILABLE", 503],
    ["42501", "MUSTER_INTERNAL", 500],
    ["42P01", "MUSTER_INTERNAL", 500],
    ["XX000", "MUSTER_INTERNAL", 500],
  ])("turns SQLSTATE %s into %s", (sqlstate, code, status) => {
    expect(toMusterError(raised(sqlstate, "Key (name)=(x) already exists."))).toMatchObject({ code, status });
  });

  test("asks to come back when the pool had no connection to give", () => {
    const full = Object.assign(new Error("Knex: Timeout acquiring a connection."), { name: "KnexTimeoutError" });
    expect(toMusterError(full)).toMatchObject({ code: "MUSTER_BOARD_BUSY", status: 503 });
  });

  test("names the column or constraint and no SQL", () => {
    const answer = toMusterError({
      ...raised("23514", "Failing row contains (1, secret)."),
      constraint: "os_tasks_status_check",
    });
    expect(answer.message).toContain("os_tasks_status_check");
    expect(JSON.stringify(answer)).not.toMatch(/update|secret/);
  });

  test.each([
    undefined,
    null,
    "boom",
    new Error("select secret"),
    raised("MU409", "no json"),
    raised("MU409", { code: "MUSTER_UNHEARD_OF" }),
    raised("MU403", { code: "MUSTER_CLAIM_CONFLICT", message: "wrong class" }),
    raised("MU999", "[]"),
  ])("answers MUSTER_INTERNAL and nothing else to %o", (error) => {
    expect(toMusterError(error)).toEqual({
      code: "MUSTER_INTERNAL",
      status: 500,
      message: "The board failed. Report it with the time; the cause is in the service's log.",
    });
  });
});

test("every entry says what happened and what to do next, in sentences", () => {
  for (const [code, { status, sqlstate, title, next }] of Object.entries(BOARD_ERRORS)) {
    expect(code).toMatch(/^MUSTER_[A-Z_]+$/);
    expect(title, code).toMatch(/^[A-Z].*\.$/);
    expect(next, code).toMatch(/^[A-Z].*[.]$/);
    if (sqlstate !== null) expect(sqlstate, code).toBe(`MU${status}`);
  }
});

test("SQL raises exactly the catalogue's law errors, each with its SQLSTATE", () => {
  const raised = new Set<string>();
  for (const { sql } of loadMigrations()) {
    for (const [, sqlstate, code] of sql.matchAll(/muster\.fail\('(MU\d{3})', '(MUSTER_[A-Z_]+)'/g))
      raised.add(`${sqlstate} ${code}`);
  }
  const catalogued = Object.entries(BOARD_ERRORS)
    .filter(([, { sqlstate }]) => sqlstate !== null)
    .map(([code, { sqlstate }]) => `${sqlstate} ${code}`);
  expect([...raised].sort()).toEqual(catalogued.sort());
});
