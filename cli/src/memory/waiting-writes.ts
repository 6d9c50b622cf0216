import { z } from "zod";

const line = z
  .string()
  .min(3)
  .max(120)
  .regex(/^[^\n\r]*\S[^\n\r]*$/);
const word = z
  .string()
  .max(60)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._/-]*$/u);
const text = z.string().max(12_000);

const id = z.string().regex(/^\d{13}-[0-9a-f]{16}$/);

/** What search asks its files' owner to write. The service is not trusted with more than it may ask for: a name below memory/, one line of title, a text. */
export const writeSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("memory"),
    path: z.string().regex(/^memory\/[a-z0-9][a-z0-9-]{0,79}\.md$/),
    title: line,
    body: text.regex(/\S/),
    tags: z.array(word).max(12),
    supersedes: z.array(z.string().min(1).max(200)).max(12),
    agent: word.nullable(),
    date: z.iso.date(),
    if_match: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
  }),
  z.object({ kind: z.literal("log"), title: line, body: text }),
]);

const waiting = z.object({ id, at: z.iso.datetime(), write: z.unknown() });
const refused = z.object({ at: z.string(), code: z.string(), message: z.string() });
const named = z.looseObject({ path: z.string().optional(), title: z.string().optional() });

/** What `GET /writes` answers. Each write is judged by itself, so that one that is none holds up no other. */
export const writesSchema = z.object({
  waiting: z.array(waiting),
  refused: z.array(waiting.extend({ refused, write: named })),
});

export type WaitingWrite = z.infer<typeof waiting>;
export type RefusedWrite = z.infer<typeof writesSchema>["refused"][number];
