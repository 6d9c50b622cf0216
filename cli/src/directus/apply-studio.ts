/** The Studio's look: layouts, bookmarks and one dashboard, for everybody. What people made for themselves is left alone. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { DirectusClient } from "./client.ts";
import type { Studio } from "./data-schema.ts";

type Body = Readonly<Record<string, unknown>>;

/** One record that is absent or differs. */
export interface StudioChange {
  /** "bookmark In review", "layout of os_tasks", "panel Ready". */
  readonly name: string;
  /** Path of the collection's own requests. */
  readonly path: string;
  /** Null: it is made. */
  readonly id: string | number | null;
  readonly body: Body;
}

const presetRow = z.looseObject({ id: z.int(), collection: z.string(), bookmark: z.string().nullable() });
const row = z.looseObject({ id: z.string() });
const FOR_EVERYBODY = { user: { _null: true }, role: { _null: true } };

/** Three requests. Changes nothing. */
export async function diffStudio(client: DirectusClient, wanted: Studio): Promise<readonly StudioChange[]> {
  const query = { limit: -1, filter: FOR_EVERYBODY };
  const presets = z.array(presetRow).parse(await client.request("GET", "/presets", { params: query }));
  const preset = (name: string, body: Body & { readonly collection: string; readonly bookmark: string | null }) => {
    const found = presets.find((one) => one.collection === body.collection && one.bookmark === body.bookmark);
    return changeOf(name, "/presets", found, body);
  };
  const dashboards = await listRows(client, "/dashboards", ["id", "name", "icon", "color", "note"]);
  const panels = await listRows(client, "/panels", ["*"]);
  const { id: dashboard } = wanted.dashboard;
  return [
    ...wanted.defaults.flatMap((layout) => preset(`layout of ${layout.collection}`, { ...layout, bookmark: null })),
    ...wanted.bookmarks.flatMap((bookmark) => preset(`bookmark ${bookmark.bookmark}`, bookmark)),
    ...changeOf("dashboard", "/dashboards", dashboards.get(dashboard), wanted.dashboard),
    ...wanted.panels.flatMap((panel) =>
      changeOf(`panel ${panel.name}`, "/panels", panels.get(panel.id), { ...panel, dashboard }),
    ),
  ];
}

/** Makes or patches what differs. */
export async function ensureStudio(client: DirectusClient, wanted: Studio): Promise<{ readonly changed: number }> {
  const changes = await diffStudio(client, wanted);
  for (const { path, id, body } of changes) {
    if (id === null) await client.request("POST", path, { body });
    else await client.request("PATCH", `${path}/${id}`, { body });
  }
  return { changed: changes.length };
}

async function listRows(client: DirectusClient, path: string, fields: readonly string[]) {
  const rows = z.array(row).parse(await client.request("GET", path, { params: { limit: -1, fields } }));
  return new Map(rows.map((one) => [one.id, one]));
}

function changeOf(
  name: string,
  path: string,
  found: Readonly<{ id: string | number; [key: string]: unknown }> | undefined,
  body: Body,
): readonly StudioChange[] {
  if (found !== undefined && Object.entries(body).every(([key, value]) => isDeepStrictEqual(found[key], value)))
    return [];
  return [{ name, path, id: found?.id ?? null, body }];
}
