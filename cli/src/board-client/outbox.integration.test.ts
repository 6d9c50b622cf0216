import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { CliError } from "../errors/cli-error.ts";
import { BoardRefusal } from "./board-client.ts";
import { deliver, replayOutbox } from "./deliver.ts";
import { openOutbox } from "./outbox.ts";

const note = () => ({ op: randomUUID(), verb: "note" as const, args: { task: "1", body: "x" } });

const untold = () => undefined;

function unreachable(): never {
  throw new CliError("BOARD_UNREACHABLE", { message: "gone", hint: "" });
}

it("keeps what could not be delivered, in order, for its owner's eyes only", () => {
  const outbox = openOutbox(join(temporaryFolder(), "outbox"), "a01");
  const [first, second] = [note(), note()];
  outbox.keep(first);
  outbox.keep(second);
  expect(outbox.waiting()).toEqual([expect.objectContaining(first), expect.objectContaining(second)]);
  expect(statSync(outbox.path).mode & 0o777).toBe(0o600);
});

it("forgets only what the board has answered", () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  const [first, second] = [note(), note()];
  outbox.keep(first);
  outbox.keep(second);
  outbox.settle(first.op, "applied");
  expect(outbox.waiting().map(({ op }) => op)).toEqual([second.op]);
});

it("survives a line torn by a crash, and writes the next one below it", () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  const [first, second] = [note(), note()];
  outbox.keep(first);
  appendFileSync(outbox.path, '{"op":"half');
  outbox.keep(second);
  expect(outbox.waiting().map(({ op }) => op)).toEqual([first.op, second.op]);
});

it("refuses a line that is whole but no operation, by its number", () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  outbox.keep(note());
  appendFileSync(outbox.path, '{"verb":"claim"}\n');
  expect(() => outbox.waiting()).toThrow(
    expect.objectContaining({ code: "OUTBOX_DAMAGED", message: expect.stringContaining("Line 2") }),
  );
});

it("keeps an operation under the id by which it was sent, so that a lost answer is no second write", async () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  const keys: unknown[] = [];
  const board = {
    call: async (_verb: string, args: Readonly<Record<string, unknown>>) => {
      keys.push(args["key"]);
      return unreachable();
    },
  };
  await expect(deliver(board, outbox, "note", { task: "1", body: "x" }, untold)).rejects.toMatchObject({
    code: "BOARD_UNREACHABLE",
    facts: { kept: true, op: expect.any(String) },
  });
  expect(outbox.waiting().map(({ op }) => op)).toEqual(keys);
});

it("keeps nothing that the law refused", async () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  const board = {
    call: async () => {
      throw new BoardRefusal("note", 404, "MUSTER_NOT_FOUND", "No such task.", {});
    },
  };
  await expect(deliver(board, outbox, "note", {}, untold)).rejects.toMatchObject({ code: "BOARD_REFUSED" });
  expect(outbox.waiting()).toEqual([]);
});

it("goes on after a refusal, stops when the board is gone again, and sends nothing twice", async () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  const operations = [note(), note(), note()];
  for (const operation of operations) outbox.keep(operation);
  const sent: unknown[] = [];
  let left = 2;
  const board = {
    call: async (_verb: string, { op }: Readonly<Record<string, unknown>>) => {
      if (left === 0) return unreachable();
      left -= 1;
      sent.push(op);
      return { result: sent.length === 1 ? "rejected" : "applied" };
    },
  };
  await expect(replayOutbox(board, outbox)).rejects.toMatchObject({ code: "BOARD_UNREACHABLE" });
  expect(outbox.waiting()).toHaveLength(1);
  left = 5;
  await replayOutbox(board, outbox);
  expect(sent).toEqual(operations.map(({ op }) => op));
  expect(outbox.waiting()).toEqual([]);
  expect(readFileSync(outbox.path, "utf8").split("\n")).toHaveLength(7);
});

it("sends nothing before what waits: that goes first, or the new one waits behind it", async () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  const earlier = note();
  outbox.keep(earlier);
  const sent: unknown[] = [];
  let isAway = true;
  const board = {
    call: async (verb: string, { op, key }: Readonly<Record<string, unknown>>) => {
      if (isAway) return unreachable();
      sent.push([verb, op ?? key]);
      return { result: "rejected" };
    },
  };
  const release = { task: "1", fence: 1, reason: "x" };
  await expect(deliver(board, outbox, "release", release, untold)).rejects.toMatchObject({ facts: { kept: true } });
  isAway = false;
  const [, later] = outbox.waiting();
  const key = randomUUID();
  const told: unknown[] = [];
  await deliver(board, outbox, "note", { task: "1", body: "y", key }, (replayed) => told.push(...replayed));
  expect(sent).toEqual([
    ["replay", earlier.op],
    ["replay", later?.op],
    ["note", key],
  ]);
  expect(told).toMatchObject([{ op: earlier.op, result: "rejected" }, { verb: "release" }]);
  expect(outbox.waiting()).toEqual([]);
});

it("sends nothing while a line of the outbox cannot be read", async () => {
  const outbox = openOutbox(temporaryFolder(), "a01");
  outbox.keep(note());
  appendFileSync(outbox.path, '{"verb":"claim"}\n');
  const board = { call: async () => Promise.reject(new Error("It was sent.")) };
  await expect(deliver(board, outbox, "note", {}, untold)).rejects.toMatchObject({ code: "OUTBOX_DAMAGED" });
});
