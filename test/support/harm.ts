/** A harm to a live stack, what it turns red, and what undoes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { CHECKS } from "../../cli/src/checks/index.ts";
import { type Board, expectGreen, expectOnlyRed, HEAL_TIMEOUT_MS, look, withSuperuser } from "./doctor.ts";
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

/** A harm that was taken back, while nobody has looked since. */
interface Undone {
  readonly harm: string;
  readonly red: readonly string[];
}

/**
 * Harms one after the other: does one, sees exactly its checks red, takes it back. The look that sees the next harm's checks red, and
 * no others, is also the one that sees the checks of this one pass again; where the next would hide any of them, or of what stands on
 * them, the whole board is looked at in between. `end` looks after the last, so that each removal has turned the board green.
 */
export class HarmsInTurn {
  #undone: Undone | null = null;

  async prove(stack: Stack, one: Case): Promise<void> {
    const { red, also = [], evidence, status = "fail", exit = 3, verdict = null } = one;
    const wanted = [red, ...also];
    if (this.#undone !== null && hides(wanted, this.#undone.red)) await this.end(stack);
    const undone = this.#undone;
    const heal = await one.do(stack);
    try {
      const board = await lookPast(stack, wanted, undone?.red ?? []);
      for (const id of undone?.red ?? [])
        expect(board.find(id).status, `${id}, after "${undone?.harm}" was taken back: ${board.find(id).evidence}`).toBe(
          "pass",
        );
      expectOnlyRed(
        board,
        board.checks.map(({ id }) => id).filter((id) => wanted.includes(id)),
      );
      expect(board.find(red)).toMatchObject({ status, verdict, evidence: expect.stringMatching(evidence) });
      expect(board.find(red).fix).toBeTruthy();
      expect(board.exit).toBe(exit);
    } finally {
      await heal();
      this.#undone = { harm: one.harm, red: wanted };
    }
  }

  /** Sees the whole board green. */
  async end(stack: Stack): Promise<void> {
    await expectGreen(stack);
    this.#undone = null;
  }
}

/** These checks and all that stand on them. */
function withDependents(ids: readonly string[]): ReadonlySet<string> {
  const found = new Set(ids);
  // What a check depends on stands above it in the registry.
  for (const { id, dependsOn } of CHECKS) if (dependsOn.some((above) => found.has(above))) found.add(id);
  return found;
}

function hides(red: readonly string[], before: readonly string[]): boolean {
  const dark = withDependents(red);
  return [...withDependents(before)].some((id) => dark.has(id));
}

/** A look that gives what was taken back the time to heal that `expectGreen` gives it, and nothing else any. */
async function lookPast(stack: Stack, wanted: readonly string[], before: readonly string[]): Promise<Board> {
  const healing = withDependents(before);
  const isHealing = ({ red }: Board) =>
    red.some((id) => healing.has(id)) && red.every((id) => healing.has(id) || wanted.includes(id));
  const deadline = performance.now() + HEAL_TIMEOUT_MS;
  let board = await look(stack);
  while (isHealing(board) && performance.now() < deadline) board = await look(stack);
  return board;
}

export const sql =
  (harm: string, heal: string): DoHarm =>
  async (stack) => {
    await withSuperuser(stack, (client) => client.query(harm));
    return () => withSuperuser(stack, (client) => client.query(heal));
  };

export const flipLastDigit = (text: string): string => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

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

/** Sets a setting of Directus and puts it back. */
export const sets =
  (key: string, value: (stack: Stack) => unknown): DoHarm =>
  async (stack) => {
    const before = (await asSteward(stack, "GET", "/settings")) as { readonly data: Record<string, unknown> };
    await asSteward(stack, "PATCH", "/settings", { [key]: value(stack) });
    return () => asSteward(stack, "PATCH", "/settings", { [key]: before.data[key] });
  };

export interface Listed<Row> {
  readonly data: readonly Row[];
}
