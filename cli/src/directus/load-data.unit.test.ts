import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isAlias } from "./diff-metadata.ts";
import { loadDirectusData } from "./load-data.ts";

const data = loadDirectusData(join(import.meta.dirname, "..", "..", "..", "directus"));
const byName = new Map(data.collections.map((file) => [file.collection, file]));
/** Collections of Directus's free tier; tables past it lock the whole board. */
const COLLECTION_LIMIT = 25;

describe("directus/ as data", () => {
  it("describes 18 collections, within what the free tier allows", () => {
    expect(data.collections).toHaveLength(18);
    expect(data.collections.length).toBeLessThanOrEqual(COLLECTION_LIMIT);
  });

  it("names each field once, and only groups and folders that exist", () => {
    const folders = new Set(data.folders.map((folder) => folder.collection));
    for (const { collection, fields, meta } of data.collections) {
      expect(folders, collection).toContain(meta.group);
      const names = fields.map((field) => field.field);
      expect(new Set(names).size, collection).toBe(names.length);
      for (const { field, group } of fields)
        if (group !== null) expect(names, `${collection}.${field}`).toContain(group);
    }
  });

  it("gives every visible field that holds a value a note, because notes are how agents learn the board", () => {
    for (const { collection, fields } of data.collections) {
      const silent = fields.filter((f) => !f.hidden && f.note === null && f.special?.includes("no-data") !== true);
      expect(silent.map((f) => `${collection}.${f.field}`)).toEqual([]);
    }
  });

  it("pairs each many-to-one field with a relation, and each list with the relation that fills it", () => {
    const lists = data.collections.flatMap(({ fields }) =>
      fields.filter((f) => f.special?.includes("o2m")).map((f) => f.field),
    );
    const filled = data.collections.flatMap(({ relations }) => relations.flatMap(({ meta }) => meta.one_field ?? []));
    expect(filled.toSorted()).toEqual(lists.toSorted());
    for (const { collection, fields, relations } of data.collections) {
      const m2o = fields.filter((f) => f.special?.includes("m2o")).map((f) => f.field);
      expect(relations.map((r) => r.field).toSorted(), collection).toEqual(m2o.toSorted());
    }
  });

  it("keeps the specials by which Directus names the writer: without them the actor would be the client's word", () => {
    for (const { collection, fields } of data.collections) {
      const special = (name: string) => fields.find((f) => f.field === name)?.special ?? null;
      if (!fields.some((f) => f.field === "user_updated")) continue;
      expect(special("user_updated"), collection).toEqual(["user-updated"]);
      expect(special("date_updated"), collection).toEqual(["date-updated"]);
    }
    expect(byName.get("os_tasks")?.fields.some((f) => f.field === "user_updated")).toBe(true);
  });

  it("marks lists and groups as living in Directus alone", () => {
    const aliases = byName
      .get("os_tasks")
      ?.fields.filter(isAlias)
      .map((f) => f.field);
    expect(aliases).toEqual([
      "protocol",
      "claim_group",
      "work_group",
      "submission_group",
      "block_group",
      "notes",
      "dependencies",
    ]);
  });
});

describe("what agents may do", () => {
  const agent = data.roles.policies.find((policy) => policy.key === "agent");
  const mayDo = (action: "create" | "read" | "update") =>
    agent?.grants.filter((g) => g.actions.includes(action)).flatMap((g) => g.collections) ?? [];

  it("is to update tasks alone, create tasks and notes, and read the whole board", () => {
    expect(mayDo("update")).toEqual(["os_tasks"]);
    expect(mayDo("create").toSorted()).toEqual(["os_notes", "os_tasks"]);
    expect(
      mayDo("read")
        .filter((name) => name.startsWith("os_"))
        .toSorted(),
    ).toEqual([...byName.keys()].toSorted());
  });

  it("includes no user, setting or file of Directus", () => {
    expect(
      mayDo("read")
        .filter((name) => name.startsWith("directus_"))
        .toSorted(),
    ).toEqual(["directus_collections", "directus_fields", "directus_relations"]);
    expect(agent?.app_access).toBe(false);
  });

  it("never includes deleting through MCP", () => {
    expect(data.settings.migrate).toMatchObject({ mcp_allow_deletes: false, mcp_prompts_collection: "os_prompts" });
    expect(data.settings.migrate).not.toHaveProperty("mcp_enabled");
  });

  it("names in bookmarks, layouts and panels only fields that exist", () => {
    const { bookmarks, defaults, panels } = data.studio;
    const named = [
      ...[...bookmarks, ...defaults].flatMap(({ collection, layout_query, layout_options }) => [
        ...textsBelow(layout_query, "fields").map((field) => ({ collection, field })),
        ...textsBelow(layout_query, "sort").map((field) => ({ collection, field: field.replace(/^-/, "") })),
        ...Object.entries(z.object({ kanban: z.looseObject({}) }).safeParse(layout_options).data?.kanban ?? {})
          .filter(([name, value]) => name.endsWith("Field") && typeof value === "string")
          .map(([, field]) => ({ collection, field: String(field) })),
      ]),
      ...panels.flatMap(({ options }) => {
        const { collection, displayTemplate, ...rest } = panelOptions.parse(options);
        const inTemplate = [...(displayTemplate ?? "").matchAll(/\{\{(\w+)\}\}/g)].map(([, field]) => field ?? "");
        return [...inTemplate, ...Object.values(rest)].map((field) => ({ collection, field }));
      }),
    ];
    expect(named.length).toBeGreaterThan(50);
    for (const { collection, field } of named) {
      const fields = byName.get(collection)?.fields.map((one) => one.field);
      expect(fields, collection).toContain(field);
    }
  });

  it("lays out the dashboard without two panels in one place", () => {
    const cells = data.studio.panels.flatMap(({ name, position_x, position_y, width, height }) =>
      Array.from({ length: width * height }, (_, at) => ({
        cell: `${position_x + (at % width)} ${position_y + Math.floor(at / width)}`,
        name,
      })),
    );
    expect(new Set(cells.map(({ cell }) => cell)).size).toBe(cells.length);
  });
});

const panelOptions = z.object({
  collection: z.string(),
  displayTemplate: z.string().optional(),
  field: z.string().optional(),
  xAxis: z.string().optional(),
  yAxis: z.string().optional(),
  column: z.string().optional(),
  groupByField: z.string().optional(),
  sortField: z.string().optional(),
});

/** The texts of the lists called `name`, one level down. */
function textsBelow(value: object, name: string): readonly string[] {
  return Object.values(value)
    .flatMap((inner) => z.record(z.string(), z.unknown()).parse(inner)[name] ?? [])
    .map(String);
}
