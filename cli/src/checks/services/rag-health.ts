import { openRag } from "../../rag-client/rag-client.ts";
import { type RagHealth, readSettledHealth, ruleOf } from "../../rag-client/rag-health.ts";
import type { Stack } from "../../stack/stack.ts";
import { type Check, type Finding, fail, pass, type Severity } from "../check.ts";

/** What the service says of itself; asked once per look. */
async function look(stack: Stack, severity: Severity, signal: AbortSignal): Promise<Finding> {
  const health = await stack.facts.once("rag:health", async () =>
    readSettledHealth(await openRag(stack, signal), signal),
  );
  return judgeHealth(health, severity);
}

/** By the table of reasons: those of this severity are a no. */
export function judgeHealth(health: RagHealth, severity: Severity): Finding {
  const { documents, chunks, vectors, model, watcher, kept } = health;
  const named = health.reasons.filter((reason) => ruleOf(reason).severity === severity);
  const facts = `${documents.indexed} of ${documents.on_disk} files, ${chunks} passages, ${vectors.held} vectors by ${model.id ?? "no model"} (${model.state}, ${vectors.index}), watcher ${watcher}, generation ${kept.generation}`;
  return named.length === 0
    ? pass(facts)
    : fail(`${named.map((reason) => `${reason} (${ruleOf(reason).next})`).join("; ")}: ${facts}`, {
        expected: "no degradation",
        actual: named.join(", "),
      });
}

/** RAG-02. */
export const ragHealthy: Check = {
  id: "RAG-02",
  title: "Search is complete: files, index, vectors, model, watcher and sources are as they should be",
  severity: "error",
  // The board's rows are searched, too: a board that is away is its own check's to say.
  dependsOn: ["ID-03", "PG-03"],
  timeoutMs: 20_000,
  probe: (stack, signal) => look(stack, "error", signal),
  fix: { summary: "elk-os rag status names each reason and its next step" },
};

/** RAG-03. What a person should mend, although nothing that can be searched is missing. */
export const ragWithoutLosses: Check = {
  id: "RAG-03",
  title: "Search skips no file, left no damaged index behind, and holds no write that is in no file",
  severity: "warning",
  dependsOn: ["ID-03"],
  timeoutMs: 20_000,
  probe: (stack, signal) => look(stack, "warning", signal),
  fix: { summary: "elk-os rag status; GET /stats names the files" },
};
