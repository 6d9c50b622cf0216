import type { RagFolder } from "../../rag/test/rag-process.ts";
import { quantile } from "./measure.ts";
import type { AddRow } from "./rows.ts";
import type { Service } from "./service.ts";

/** So much later a file that was not found is looked for again. */
const AGAIN_MS = 10;

/** Saves files, one after the other, and asks until each is found; `saves`: at most 20, for all are alike and must stand among fifty. */
export async function measureFreshness(
  folder: RagFolder,
  warm: Service,
  saves: number,
  add: AddRow<"service">,
): Promise<void> {
  const found: Record<"lexical" | "semantic", number[]> = { lexical: [], semantic: [] };
  for (let n = 0; n < saves; n++) {
    const path = `memory/fresh${n}.md`;
    await folder.write(path, `# Fresh ${n}\n\nquokka${n}xyz\n`);
    found.lexical.push(await warm.until(() => warm.finds(path, { query: `quokka${n}xyz` }), AGAIN_MS));
  }
  for (let n = 0; n < saves; n++) {
    const path = `memory/meaning${n}.md`;
    await folder.write(path, `# Lorry ${n}\n\nThe lorry left the motorway near exit ${n}.\n`);
    // By likeness alone: its words are in none of the question.
    const question = { query: "truck on a highway", mode: "dense", limit: 50 };
    found.semantic.push(await warm.until(() => warm.finds(path, question), AGAIN_MS));
  }
  for (const kind of ["lexical", "semantic"] as const) {
    const seconds = found[kind].map((ms) => ms / 1_000);
    add(kind, quantile(seconds, 0.95), { saves, p50: quantile(seconds, 0.5), max: quantile(seconds, 1) });
  }
}
