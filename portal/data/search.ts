/**
 * Asks the search service in the reader's name. Who answers is proven before the key is sent, and each hit is looked at again: what the
 * index once took in may belong to a project that has become private.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { IDENTITY_PATH, parseServiceKey, verifyIdentity } from "@muster/board/identity";
import { z } from "zod";
import { isPublic, type SearchSettings, searchSettings } from "../env.ts";
import { hiddenReason, type Visible } from "../view/hit-visibility.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { TokenBucket } from "./token-bucket.ts";

const HitRow = z.object({
  path: z.string(),
  collection: z.string(),
  title: z.string(),
  citation: z.string(),
  text: z.string(),
  score: z.number(),
  tags: z.array(z.string()),
  at: z.coerce.date().nullable(),
  superseded_by: z.string().nullable(),
});
export type Hit = z.infer<typeof HitRow>;

const Answer = z.object({ hits: z.array(HitRow), mode: z.string(), took_ms: z.number() });

export type SearchProblem = "too_many" | "unconfigured" | "unreachable" | "not_ours" | "no_index" | "refused";

export type SearchAnswer =
  | { readonly problem: SearchProblem }
  | { readonly hits: readonly Hit[]; readonly hidden: number; readonly mode: string; readonly tookMs: number };

/** A search costs the service some milliseconds and this process two requests: 20 at once, then 4 a second, over all readers. */
const bucket = new TokenBucket({ size: 20, perSecond: 4 });

const TIMEOUT_MS = 3_000;
const HITS = 12;

/** Never throws for what the other side does. Throws when the board cannot be read: then no hit can be judged, and none is shown. */
export async function searchMemory(query: string): Promise<SearchAnswer> {
  if (!bucket.take()) return { problem: "too_many" };
  const settings = searchSettings();
  if (settings === null) return { problem: "unconfigured" };
  const problem = await findImpostor(settings);
  if (problem !== null) return { problem };
  const answer = await ask(settings, query);
  if ("problem" in answer) return answer;
  const visible = await readSnapshot((snapshot) => readVisible(snapshot, answer.hits));
  const hits = answer.hits.filter((hit) => hiddenReason(hit, visible) === null);
  return { hits, hidden: answer.hits.length - hits.length, mode: answer.mode, tookMs: answer.took_ms };
}

async function findImpostor({ url, identityKeyFile, instance }: SearchSettings): Promise<SearchProblem | null> {
  const nonce = randomBytes(24).toString("base64url");
  try {
    const key = parseServiceKey(await readFile(identityKeyFile, "utf8"));
    const response = await fetch(`${url}${IDENTITY_PATH}?nonce=${nonce}`, {
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { verdict } = verifyIdentity(key, await response.json(), { nonce, instance, service: "rag" });
    return verdict === "OK" || verdict === "DEGRADED" ? null : "not_ours";
  } catch (error) {
    return error instanceof SyntaxError ? "not_ours" : "unreachable";
  }
}

async function ask(
  { url, keyFile }: SearchSettings,
  query: string,
): Promise<z.infer<typeof Answer> | { readonly problem: SearchProblem }> {
  try {
    const key = (await readFile(keyFile, "utf8")).trim();
    const response = await fetch(`${url}/search`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ query, limit: HITS }),
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 503) return { problem: "no_index" };
    if (!response.ok) return { problem: "refused" };
    return Answer.parse(await response.json());
  } catch (error) {
    return { problem: error instanceof z.ZodError ? "refused" : "unreachable" };
  }
}

async function readVisible(snapshot: Snapshot, hits: readonly Hit[]): Promise<Visible> {
  const numbers = hits.flatMap(({ text, title, path }) =>
    [...`${path} ${title} ${text}`.matchAll(/#(\d{1,9})\b/g)].map(([, number]) => Number(number)),
  );
  const tasks = await snapshot.list("task.list-visible", z.object({ number: z.int() }), [[...new Set(numbers)]]);
  const projects = await snapshot.list("project.list-visible", z.object({ key: z.string() }));
  return {
    tasks: new Set(tasks.map(({ number }) => number)),
    projects: new Set(projects.map(({ key }) => key)),
    isPublic: isPublic(),
  };
}
