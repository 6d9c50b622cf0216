import { parse } from "yaml";
import { z } from "zod";

/** What a file says of itself between two `---` lines. Unknown keys are allowed and not used. */
export interface FrontMatter {
  readonly title: string | null;
  readonly tags: readonly string[];
  /** Paths or file names of documents that this one replaces. */
  readonly supersedes: readonly string[];
  /** The document that replaces this one. */
  readonly supersededBy: string | null;
  readonly agent: string | null;
  readonly project: string | null;
  readonly type: string | null;
  readonly status: string | null;
  /** Milliseconds since 1970 of `date` or `valid_from`; null when it says none. */
  readonly atMs: number | null;
  /** True keeps the document out of every ageing. */
  readonly evergreen: boolean;
}

const names = z.union([z.string().transform((one) => [one]), z.array(z.coerce.string())]);
const moment = z.union([z.string(), z.date().transform((date) => date.toISOString())]);
const schema = z.object({
  title: z.string().nullable().catch(null).default(null),
  tags: names.catch([]).default([]),
  supersedes: names.catch([]).default([]),
  superseded_by: z.string().nullable().catch(null).default(null),
  agent: z.string().nullable().catch(null).default(null),
  project: z.string().nullable().catch(null).default(null),
  type: z.string().nullable().catch(null).default(null),
  status: z.string().nullable().catch(null).default(null),
  date: moment.nullable().catch(null).default(null),
  valid_from: moment.nullable().catch(null).default(null),
  evergreen: z.boolean().catch(false).default(false),
});

const NOTHING: FrontMatter = toFrontMatter(schema.parse({}));

/** Number of lines that the front matter takes, its two `---` lines included; 0 when there is none. */
export function frontMatterLength(lines: readonly string[]): number {
  if (lines[0]?.replace("\uFEFF", "").trimEnd() !== "---") return 0;
  const end = lines.findIndex((text, index) => index > 0 && text.trimEnd() === "---");
  return end < 0 ? 0 : end + 1;
}

/** Reads the front matter. One that is not valid YAML counts as none: `valid` says so, and `GET /stats` counts it. Pure. */
export function readFrontMatter(content: string): { readonly valid: boolean; readonly value: FrontMatter } {
  if (!/^\uFEFF?---/.test(content)) return { valid: true, value: NOTHING };
  const lines = content.split("\n");
  const length = frontMatterLength(lines);
  if (length === 0) return { valid: true, value: NOTHING };
  try {
    const parsed = schema.safeParse(parse(lines.slice(1, length - 1).join("\n")) ?? {});
    return parsed.success ? { valid: true, value: toFrontMatter(parsed.data) } : { valid: false, value: NOTHING };
  } catch {
    return { valid: false, value: NOTHING };
  }
}

function toFrontMatter(data: z.infer<typeof schema>): FrontMatter {
  const at = Date.parse(data.date ?? data.valid_from ?? "");
  return {
    title: data.title,
    tags: data.tags,
    supersedes: data.supersedes,
    supersededBy: data.superseded_by,
    agent: data.agent,
    project: data.project,
    type: data.type,
    status: data.status,
    atMs: Number.isNaN(at) ? null : at,
    evergreen: data.evergreen,
  };
}
