/** A harm to a live stack, what it turns red, and what undoes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { expectGreen, expectOnlyRed, look, withSuperuser } from "./doctor.ts";
import type { Stack } from "./stack.ts";

/** Does the harm and returns what undoes it. */
export type DoHarm = (stack: Stack) => Promise<() => unknown>;

export interface Case {
  readonly red: string;
  readonly harm: string;
  /** What else the same harm makes untrue, and stands on no other check. */
  readonly also?: readonly string[];
  readonly evidence: RegExp;
  /** Default: it fails, and doctor exits 3. */
  readonly status?: "fail" | "warn";
  readonly exit?: number;
  readonly verdict?: string;
  readonly do: DoHarm;
}

/** Harms, sees exactly these checks red, heals, and sees the board green. */
export async function proveRed(stack: Stack, one: Case): Promise<void> {
  const { red, also = [], evidence, status = "fail", exit = 3, verdict = null } = one;
  const heal = await one.do(stack);
  try {
    const board = await look(stack);
    const wanted = new Set([red, ...also]);
    expectOnlyRed(
      board,
      board.checks.map(({ id }) => id).filter((id) => wanted.has(id)),
    );
    expect(board.find(red)).toMatchObject({ status, verdict, evidence: expect.stringMatching(evidence) });
    expect(board.find(red).fix).toBeTruthy();
    expect(board.exit).toBe(exit);
  } finally {
    await heal();
  }
  await expectGreen(stack);
}

export const sql =
  (harm: string, heal: string): DoHarm =>
  async (stack) => {
    await withSuperuser(stack, (client) => client.query(harm));
    return () => withSuperuser(stack, (client) => client.query(heal));
  };

/** Changes a file's text and puts it back. */
export const edit =
  (file: string, change: (text: string) => string): DoHarm =>
  async (stack) => {
    const path = join(stack.stateDir, file);
    const before = readFileSync(path, "utf8");
    const after = change(before);
    expect(after, `the edit of ${file}`).not.toBe(before);
    writeFileSync(path, after);
    return () => writeFileSync(path, before);
  };

export async function asSteward(stack: Stack, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${stack.urls.directus}${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.secret("directus_admin_token")}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}

export interface Listed<Row> {
  readonly data: readonly Row[];
}
