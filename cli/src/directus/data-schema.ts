/** Shapes of the JSON files in directus/: what the migrate phase makes true of Directus, as data. */
import { z } from "zod";

const jsonObject = z.record(z.string(), z.json());

/** The Studio's names for a collection; without them it makes "Os Tasks" of the table's name. */
const translations = z.array(
  z.strictObject({
    language: z.literal("en-US"),
    translation: z.string(),
    singular: z.string().optional(),
    plural: z.string().optional(),
  }),
);

/** Directus's own meta of a collection; every key is compared and, when it differs, patched. */
const collectionMeta = z.strictObject({
  icon: z.string(),
  color: z.string().regex(/^#[0-9A-F]{6}$/),
  translations,
  note: z.string().min(1),
  display_template: z.string(),
  group: z.string(),
  sort: z.int().positive(),
  sort_field: z.string().nullable(),
  archive_field: z.string().nullable(),
  archive_value: z.string().nullable(),
  unarchive_value: z.string().nullable(),
  archive_app_filter: z.boolean(),
  /** null: Directus records neither activity nor revisions; for tables that the board writes often. */
  accountability: z.enum(["all", "activity"]).nullable(),
  hidden: z.literal(false),
  singleton: z.literal(false),
  /** Promoting a version may name another user as the writer, so board collections have none. */
  versioning: z.literal(false),
});

/** Left-out keys get Directus's defaults, so that a key removed from a file is also removed from Directus. */
const fieldSchema = z.strictObject({
  field: z.string().regex(/^[a-z][a-z_]*$/),
  special: z.array(z.string()).nullable().default(null),
  interface: z.string().nullable().default(null),
  options: jsonObject.nullable().default(null),
  display: z.string().nullable().default(null),
  display_options: jsonObject.nullable().default(null),
  note: z.string().nullable().default(null),
  width: z.enum(["half", "full", "fill"]).default("full"),
  readonly: z.boolean().default(false),
  hidden: z.boolean().default(false),
  required: z.boolean().default(false),
  /** Name of the group field that holds it on the form. */
  group: z.string().nullable().default(null),
  translations: z.array(jsonObject).nullable().default(null),
});

const relationSchema = z.strictObject({
  field: z.string(),
  meta: z.strictObject({
    /** Name of the list field on the other side, or null for none. */
    one_field: z.string().nullable(),
    one_deselect_action: z.literal("nullify"),
    sort_field: z.string().nullable().default(null),
  }),
});

export const collectionFileSchema = z.strictObject({
  collection: z.string().startsWith("os_"),
  meta: collectionMeta,
  /** In the order of the form. */
  fields: z.array(fieldSchema).min(1),
  /** One per foreign key of the table. */
  relations: z.array(relationSchema),
});

/** Folders of the Studio's navigation: no table, and not counted by the licence. */
export const foldersSchema = z.array(
  z.strictObject({
    collection: z.string().startsWith("muster_"),
    meta: z.strictObject({
      icon: z.string(),
      color: z.string(),
      translations,
      note: z.string(),
      sort: z.int().positive(),
      collapse: z.enum(["open", "closed", "locked"]),
    }),
  }),
);

const roleKey = z.enum(["steward", "agent"]);
const idsByKey = z.strictObject({ steward: z.guid(), agent: z.guid() });

/** The same in every instance, so that the law and the documentation can name them. */
export const idsSchema = z.strictObject({ roles: idsByKey, policies: idsByKey, access: idsByKey });

const ACTIONS = ["create", "read", "update"] as const;

export const rolesSchema = z.strictObject({
  roles: z.array(
    z.strictObject({ key: roleKey, name: z.string(), icon: z.string(), description: z.string(), policy: roleKey }),
  ),
  policies: z.array(
    z.strictObject({
      key: roleKey,
      name: z.string(),
      icon: z.string(),
      description: z.string(),
      /** True takes one of the three Studio seats per active user of the free tier. */
      app_access: z.boolean(),
      /** Whole collections only: the free tier refuses filters, field lists, presets and validation. There is no delete. */
      grants: z.array(
        z.strictObject({ actions: z.array(z.enum(ACTIONS)).min(1), collections: z.array(z.string()).min(1) }),
      ),
    }),
  ),
});

const settingValue = z.union([z.string(), z.boolean(), z.null()]);

/** Rows of directus_settings by the phase that sets them; what a phase does not name it leaves alone. */
export const settingsSchema = z.strictObject({
  migrate: z.record(z.string(), settingValue),
  wire: z.record(z.string(), settingValue),
});

export const promptsSchema = z.array(
  z.strictObject({
    name: z.string().regex(/^[a-z][a-z-]*$/),
    description: z.string(),
    system_prompt: z.string(),
    messages: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), text: z.string() })),
  }),
);

const layoutSchema = z.strictObject({
  collection: z.string().startsWith("os_"),
  layout: z.enum(["tabular", "kanban"]),
  layout_query: jsonObject,
  layout_options: jsonObject,
});

/** What the Studio shows: how each collection opens, bookmarks for everybody, and one dashboard with its panels. */
export const studioSchema = z.strictObject({
  /** The first look at a collection, for everybody who has not chosen another. */
  defaults: z.array(layoutSchema),
  /** Found again by collection and name. */
  bookmarks: z.array(
    layoutSchema.extend({
      bookmark: z.string(),
      icon: z.string(),
      color: z.string(),
      filter: jsonObject.nullable(),
      /** Seconds; null: not by itself. */
      refresh_interval: z.int().positive().nullable().default(null),
    }),
  ),
  dashboard: z.strictObject({ id: z.guid(), name: z.string(), icon: z.string(), color: z.string(), note: z.string() }),
  panels: z.array(
    z.strictObject({
      id: z.guid(),
      name: z.string(),
      icon: z.string(),
      color: z.string(),
      note: z.string(),
      type: z.enum(["metric", "metric-list", "list", "bar-chart", "pie-chart"]),
      show_header: z.boolean(),
      /** Units of the Studio's grid, from 1. */
      position_x: z.int().positive(),
      position_y: z.int().positive(),
      width: z.int().positive(),
      height: z.int().positive(),
      options: jsonObject,
    }),
  ),
});

export type CollectionFile = z.infer<typeof collectionFileSchema>;
export type FieldData = z.infer<typeof fieldSchema>;
export type Studio = z.infer<typeof studioSchema>;
export type Ids = z.infer<typeof idsSchema>;
export type Prompt = z.infer<typeof promptsSchema>[number];

export interface DirectusData {
  readonly collections: readonly CollectionFile[];
  readonly folders: z.infer<typeof foldersSchema>;
  readonly ids: Ids;
  readonly roles: z.infer<typeof rolesSchema>;
  readonly settings: z.infer<typeof settingsSchema>;
  readonly prompts: readonly Prompt[];
  readonly studio: Studio;
}
