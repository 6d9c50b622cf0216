import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RagFolder } from "../../rag/test/rag-process.ts";
import type { AddRow } from "./rows.ts";
import type { Service, ServiceHit } from "./service.ts";

/** The lines are cut here and compared with what was answered; the service's own look at all passages stands beside it. */
export async function measureCitations(
  folder: RagFolder,
  warm: Service,
  asked: number,
  one: (n: number) => Promise<readonly ServiceHit[]>,
  add: AddRow<"service">,
): Promise<void> {
  const wrong: string[] = [];
  let hits = 0;
  for (let n = 0; n < asked; n++)
    for (const { citation, text } of await one(n)) {
      hits += 1;
      const [, path = "", start, end] = /^(.+)#L(\d+)-L(\d+)$/.exec(citation) ?? [];
      const lines = path === "" ? [] : readFileSync(join(folder.root, path), "utf8").split("\n");
      if (lines.slice(Number(start) - 1, Number(end)).join("\n") !== text) wrong.push(citation);
    }
  add("cited", shareOf(hits, wrong.length), { hits, wrong: wrong.slice(0, 5) });
  const all = await warm.verify();
  add("verified", shareOf(all.checked, all.wrong), all);
}

/** Percent that are right; null of nothing. Not rounded up: one wrong of a million is not all. */
function shareOf(checked: number, wrong: number): number | null {
  return checked === 0 ? null : Math.floor((1 - wrong / checked) * 1_000_000) / 10_000;
}
