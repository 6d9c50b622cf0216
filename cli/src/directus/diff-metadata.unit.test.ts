import { describe, expect, it } from "vitest";
import type { CollectionFile } from "./data-schema.ts";
import { collectionFileSchema } from "./data-schema.ts";
import { diffMetadata } from "./diff-metadata.ts";
import type { Meta, MetadataState } from "./metadata-state.ts";

const file: CollectionFile = collectionFileSchema.parse({
  collection: "os_demo",
  meta: {
    icon: "task",
    color: "#112233",
    translations: [{ language: "en-US", translation: "Demos" }],
    note: "A demo.",
    display_template: "{{title}}",
    group: "muster_board",
    sort: 1,
    sort_field: null,
    archive_field: null,
    archive_value: null,
    unarchive_value: null,
    archive_app_filter: true,
    accountability: null,
    hidden: false,
    singleton: false,
    versioning: false,
  },
  fields: [
    { field: "title", note: "Its title.", options: { a: 1, b: [2] } },
    { field: "project", special: ["m2o"] },
  ],
  relations: [{ field: "project", meta: { one_field: null, one_deselect_action: "nullify" } }],
});
const data = { collections: [file], folders: [] };

/** Directus as it is when everything was applied, with keys that are none of ours. */
function appliedState(): MetadataState {
  const [title, project] = file.fields.map(({ field: _, ...meta }, index) => ({ ...meta, sort: index + 1, id: index }));
  return {
    collections: new Map([["os_demo", { hasTable: true, meta: { ...file.meta, collapse: "open" } }]]),
    fields: new Map<string, Meta | null>([
      ["os_demo.title", { ...title, options: { b: [2], a: 1 } }],
      ["os_demo.project", project ?? null],
    ]),
    relations: new Map([["os_demo.project", { ...file.relations[0]?.meta, junction_field: null }]]),
  };
}

describe("diffMetadata", () => {
  it("finds nothing when Directus is as the data says, whatever else it knows and in whatever order of keys", () => {
    expect(diffMetadata(appliedState(), data)).toEqual([]);
  });

  it("names the key that somebody changed", () => {
    const state = appliedState();
    const fields = new Map(state.fields).set("os_demo.title", { ...state.fields.get("os_demo.title"), special: ["x"] });
    expect(diffMetadata({ ...state, fields }, data)).toEqual([
      expect.objectContaining({
        kind: "field",
        collection: "os_demo",
        field: "title",
        state: "differs",
        keys: ["special"],
      }),
    ]);
  });

  it("adopts a table of which Directus knows nothing yet", () => {
    const state = appliedState();
    const collections = new Map([["os_demo", { hasTable: true, meta: null }]]);
    expect(diffMetadata({ ...state, collections }, data)).toEqual([
      expect.objectContaining({ kind: "collection", state: "differs", keys: Object.keys(file.meta) }),
    ]);
  });

  it("reports a missing table and a dropped foreign key as absent, which no patch can mend", () => {
    const changes = diffMetadata({ ...appliedState(), collections: new Map(), relations: new Map() }, data);
    expect(changes.map(({ kind, state }) => `${kind} ${state}`)).toEqual(["collection absent", "relation absent"]);
  });
});
