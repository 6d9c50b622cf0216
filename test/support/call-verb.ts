/** The law's verbs as a service calls them: one function, one answer. */
import type pg from "pg";
import { z } from "zod";

const Answer = z.record(z.string(), z.json());
export type Answer = z.infer<typeof Answer>;

/** Calls `muster.<verb>(…)`; objects and lists go as jsonb. Rejects with the Postgres error. */
export async function callVerb(client: pg.Client, verb: string, ...args: readonly unknown[]): Promise<Answer> {
  const values = args.map((arg) => (typeof arg === "object" && arg !== null ? JSON.stringify(arg) : arg));
  const placeholders = values.map((_, index) => `$${index + 1}`).join(", ");
  const { rows } = await client.query<{ answer: unknown }>(`select muster.${verb}(${placeholders}) as answer`, values);
  return Answer.parse(rows[0]?.answer);
}
