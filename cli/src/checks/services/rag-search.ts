import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Check, fail, pass } from "../check.ts";

const answerSchema = z.object({ hits: z.array(z.object({ path: z.string(), citation: z.string() })) });

/** A fact is found when its file is among the first three hits. */
const TOP = 3;

/** RAG-01. The question is the title of a memory that exists now, so the expected answer cannot be a constant. */
export const ragFindsFact: Check = {
  id: "RAG-01",
  title: "Search finds a remembered fact in its file",
  severity: "error",
  dependsOn: ["ID-03"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const fact = findFact(join(stack.checkout, "memory"));
    if (fact === null) return fail("memory/ holds no titled file to ask for");
    const response = await fetch(`http://127.0.0.1:${stack.config.ragPort}/search`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${stack.secrets.read("rag_key").reveal()}`,
      },
      body: JSON.stringify({ query: fact.title, limit: TOP }),
      signal,
    });
    if (!response.ok)
      return fail(`POST /search answered ${response.status}`, { expected: "200", actual: `${response.status}` });
    const { hits } = answerSchema.parse(await response.json());
    const rank = hits.findIndex((hit) => hit.path === fact.path);
    return rank >= 0
      ? pass(`"${fact.title}" is hit ${rank + 1}: ${hits[rank]?.citation}`)
      : fail(`"${fact.title}" is not among the first ${TOP} hits`, {
          expected: fact.path,
          actual: hits.map((hit) => hit.path).join(", ") || "no hit",
        });
  },
  fix: { summary: "elk-os logs rag; the index is rebuilt from memory/ and log/ at every start" },
};

/** The first memory by name that has a title. */
function findFact(folder: string): { readonly path: string; readonly title: string } | null {
  if (!existsSync(folder)) return null;
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(".md") || name === "README.md") continue;
    const title = /^# (.+)$/m.exec(readFileSync(join(folder, name), "utf8"))?.[1];
    if (title !== undefined) return { path: `memory/${name}`, title: title.trim() };
  }
  return null;
}
