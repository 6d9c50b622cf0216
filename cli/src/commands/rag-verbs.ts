import { z } from "zod";
import { EXIT } from "../errors/catalog.ts";
import { counted } from "../output/counted.ts";
import { openRag } from "../rag-client/rag-client.ts";
import { COPY_BEHIND, type RagHealth, readSettledHealth, ruleOf } from "../rag-client/rag-health.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";

export const ragStatus: Command = {
  name: "rag status",
  summary: "Say what the search service stands on: files, index, model, watcher, sources",
  help: `Asks the service itself, after it proved who it is; what would pass within seconds is waited for. Exit 3 when it names a
degradation, 8 when nobody answers, 10 when somebody else does.`,
  run: ({ loaded, signal }) =>
    withStack(loaded, async (stack) => {
      const rag = await openRag(stack, signal);
      const health = await readSettledHealth(rag, signal);
      const { verdict, evidence, port } = rag.identity;
      const stale = await stack.driver.staleCopies();
      const findings = [
        ...health.reasons.map((reason) => ({ reason, ...ruleOf(reason) })),
        ...(stale.length === 0 ? [] : [{ reason: "copy_behind", ...COPY_BEHIND, files: stale }]),
      ];
      return {
        exit: findings.length === 0 ? EXIT.ok : EXIT.doctorRed,
        data: { ok: findings.length === 0, verdict, evidence, port, health, findings },
        lines: [
          `search    ${health.status.padEnd(9)} ${health.version} on 127.0.0.1:${port}, ${evidence}, since ${health.started_at}, ${health.rss_mb} MB`,
          ...factLines(health),
          ...findings.map(({ reason, severity, next }) => `${severity.padEnd(9)} ${reason}: ${next}`),
          ...stale.map((path) => `older     ${path} is not what the checkout holds`),
        ],
      };
    }),
};

function factLines(health: RagHealth): readonly string[] {
  const { documents, kept, model, vectors, sources, writes } = health;
  const held = kept.on_disk ? `generation ${kept.generation}` : "in memory only";
  return [
    `files     ${documents.on_disk} on disk, ${documents.indexed} indexed, watcher ${health.watcher}, last look ${health.last_sync_at ?? "never"}`,
    `index     ${held}, ${health.chunks} passages${kept.failure === null ? "" : `, not kept: ${kept.failure}`}`,
    `model     ${model.id ?? "none"} ${model.state}, ${vectors.held} vectors, ${vectors.pending} waiting`,
    ...(writes.waiting + writes.refused === 0
      ? []
      : [
          `writes    ${writes.waiting} wait to be taken in, the oldest for ${Math.round(writes.oldest_waiting_ms / 1000)} s; ${writes.refused} refused`,
        ]),
    ...sources.map(({ name, reachable, cursor_lag_ms }) => {
      const lag = cursor_lag_ms === null ? "never read" : `${cursor_lag_ms} ms behind`;
      return `${name.padEnd(9)} ${reachable ? "reachable" : "unreachable"}, ${lag}`;
    }),
  ];
}

const verified = z.looseObject({
  ok: z.boolean(),
  documents: z.object({ on_disk: z.number(), indexed: z.number() }),
  citations: z.object({ checked: z.number(), wrong: z.number() }),
  kept: z.object({ generation: z.number() }),
  problems_total: z.number(),
  problems: z.array(z.string()),
});

export const ragVerify: Command = {
  name: "rag verify",
  summary: "Compare the kept index with its digests, and every document and citation with its file",
  help: "Reads everything again and changes nothing. Exit 3 when anything differs; `elk-os rag rebuild` mends it.",
  run: ({ loaded, signal }) =>
    withStack(loaded, async (stack) => {
      const answer = verified.parse(await (await openRag(stack, signal)).call("GET", "/index/verify"));
      const { documents, citations, kept, problems, problems_total } = answer;
      const more = problems_total - problems.length;
      return {
        exit: answer.ok ? EXIT.ok : EXIT.doctorRed,
        data: answer,
        lines: [
          ...problems.map((problem) => `problem   ${problem}`),
          ...(more > 0 ? [`problem   and ${more} more`] : []),
          `${counted(documents.on_disk, "file")}, ${documents.indexed} indexed, ${counted(citations.checked, "citation")} checked, ${citations.wrong} wrong, generation ${kept.generation}`,
        ],
      };
    }),
};

const rebuilt = z.looseObject({
  documents: z.number(),
  chunks: z.number(),
  generation: z.number(),
  took_ms: z.number(),
  failure: z.string().nullable(),
});

export const ragRebuild: Command = {
  name: "rag rebuild",
  summary: "Make the index anew from the files and swap it in",
  help: "The old index answers until the new generation is whole. Files are never touched.",
  run: ({ loaded, signal }) =>
    withStack(loaded, async (stack) => {
      const answer = rebuilt.parse(await (await openRag(stack, signal)).call("POST", "/index/rebuild", {}));
      const { documents, chunks, generation, took_ms, failure } = answer;
      return {
        exit: failure === null ? EXIT.ok : EXIT.doctorRed,
        data: { ok: failure === null, ...answer },
        lines: [
          `rebuilt   generation ${generation}: ${documents} documents, ${chunks} passages in ${took_ms} ms`,
          ...(failure === null ? [] : [`not kept  ${failure}`]),
        ],
      };
    }),
};
