import { z } from "zod";
import { readSql } from "../drivers/embedded/read-sql.ts";
import type { Stack } from "../stack/stack.ts";
import { type BoardStanding, standingSchema } from "./record.ts";

/** First row of `cli/sql/<name>.sql`. @throws CliError BOARD_UNREACHABLE */
async function readRow({ connections }: Stack, name: string, values: readonly unknown[] = []): Promise<unknown> {
  const { rows } = await connections.withClient("postgres", (client) => client.query(readSql(name), [...values]));
  return rows[0];
}

export async function readStanding(stack: Stack): Promise<BoardStanding> {
  return standingSchema.parse(await readRow(stack, "upgrade.standing"));
}

/** Events that people and agents caused after that one. */
export async function countEventsAfter(stack: Stack, event: string): Promise<number> {
  return z.object({ count: z.int() }).parse(await readRow(stack, "events.count-after", [event])).count;
}

/** Bytes that the board takes on disk. */
export async function readBoardSize(stack: Stack): Promise<number> {
  return Number(z.object({ bytes: z.string() }).parse(await readRow(stack, "database.bytes")).bytes);
}
