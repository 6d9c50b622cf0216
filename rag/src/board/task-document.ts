import { createHash } from "node:crypto";
import { z } from "zod";
import type { SourceDocument } from "../corpus/document.ts";

/** 16,000 characters: ten screens, as much as a code block may have; of a task that says more the oldest notes are left out. */
const MAX_CHARS = 16_000;

const text = z.string().nullable();
/** Written by people and agents: an entry without a text says nothing. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .nullable()
    .transform((items) => (items ?? []).flatMap((one) => item.safeParse(one).data ?? []));

export const taskRow = z.object({
  id: z.uuid(),
  number: z.int(),
  title: z.string(),
  description: text,
  class: text,
  status: z.string(),
  priority: z.string(),
  risk: z.string(),
  project: z.string(),
  phase: text,
  labels: listOf(z.string()),
  acceptance: listOf(z.object({ text: z.string() })),
  closing_note: text,
  author: text,
  updated_at: z.date(),
  notes: listOf(z.object({ kind: z.string(), agent: text, body: z.string() })),
  verdicts: listOf(z.object({ verdict: z.string(), agent: text, evidence: text })),
  receipts: listOf(z.object({ ref: z.string(), title: z.string(), symptom: text, closing_note: text })),
});
export type TaskRow = z.infer<typeof taskRow>;

/** How the whole text of a task is cited. */
export function citeOf(id: string): string {
  return `board:os_tasks/${id}`;
}

/** Where a task's document stands in the index. */
export function taskPath(number: number): string {
  return `board/tasks/${number}`;
}

/** The number in such a path; null when it is none. */
export function taskNumber(path: string): number | null {
  const digits = /^board\/tasks\/(\d{1,9})$/.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** A task as one searchable text: what it is, what it wants, what was said and found, newest first. Pure; equal rows give equal bytes. */
export function toTaskDocument(row: TaskRow): SourceDocument {
  const content = renderTask(row);
  return {
    collection: "board",
    path: taskPath(row.number),
    cite: citeOf(row.id),
    content,
    sha256: createHash("sha256").update(content).digest("hex"),
    meta: {
      title: `#${row.number} ${oneLine(row.title)}`,
      // The portal looks a hit's project up by this tag before it shows it.
      tags: [`project:${row.project}`, ...row.labels],
      supersedes: [],
      supersededBy: null,
      agent: row.author,
      project: row.project,
      type: row.class,
      status: row.status,
      atMs: row.updated_at.getTime(),
      evergreen: false,
    },
  };
}

function renderTask(row: TaskRow): string {
  const facts = [row.status, row.priority, `risk ${row.risk}`, row.class, `project ${row.project}`];
  if (row.phase !== null) facts.push(`phase ${row.phase}`);
  const head = [
    `# #${row.number} ${oneLine(row.title)}`,
    facts.filter((fact) => fact !== null).join(" · "),
    ...(row.labels.length === 0 ? [] : [`Labels: ${row.labels.join(", ")}`]),
    ...said(row.description),
    ...section("Acceptance", [row.acceptance.map((item) => `- ${oneLine(item.text)}`).join("\n")]),
    ...section("Closing note", said(row.closing_note)),
    ...section(
      "Receipts",
      row.receipts.map((one) =>
        [`${one.ref} ${one.title}`, ...said(one.symptom), ...said(one.closing_note)].join("\n"),
      ),
    ),
  ];
  const spoken = [
    ...section(
      "Verdicts",
      row.verdicts.map((one) => `${one.verdict} by ${one.agent ?? "a steward"}: ${said(one.evidence).join("")}`),
    ),
    ...section(
      "Notes",
      row.notes.map((one) => `${one.kind} by ${one.agent ?? "a steward"}: ${one.body.trim()}`),
    ),
  ];
  return fit([...head, ...spoken].join("\n\n"));
}

function section(title: string, parts: readonly string[]): readonly string[] {
  const told = parts.filter((part) => part.trim() !== "");
  return told.length === 0 ? [] : [`## ${title}`, ...told];
}

function said(value: string | null): readonly string[] {
  return value === null || value.trim() === "" ? [] : [value.trim()];
}

function oneLine(value: string): string {
  return value.trim().replace(/\s+/g, " ");
}

/** Cut between lines where that is possible. */
function fit(whole: string): string {
  if (whole.length <= MAX_CHARS) return whole;
  const end = whole.lastIndexOf("\n", MAX_CHARS);
  return whole.slice(0, end > MAX_CHARS / 2 ? end : MAX_CHARS).trimEnd();
}
