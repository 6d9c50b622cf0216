import { during } from "../progress.ts";
import { MADE_SEED } from "./made-documents.ts";
import type { AddRow } from "./rows.ts";
import { startService } from "./service.ts";
import { CHUNKS_PER_FILE, endAfter, LOOK_MS, withFolder, writeMade } from "./service-runs.ts";

/** From the start of the process over files that it never saw, so that its own start counts. */
export async function measureCold(files: number, words: readonly string[], add: AddRow<"cold">): Promise<void> {
  await withFolder(async (folder) => {
    await writeMade(folder, words, files * CHUNKS_PER_FILE, MADE_SEED);
    await during(`cold: start over ${files} files`, async () => {
      const cold = await startService(folder);
      await endAfter(cold, async () => {
        await cold.until(async () => (await cold.facts()).indexed === files, LOOK_MS);
        const wordsMs = cold.ageMs();
        await cold.until(async () => (await cold.facts()).pending === 0, LOOK_MS);
        const wholeMs = cold.ageMs();
        const { chunks } = await cold.facts();
        add("whole", wholeMs / 1_000, { files, chunks });
        add("words", wordsMs / 1_000, { files, chunks });
      });
    });
  });
}
