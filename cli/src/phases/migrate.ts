import { BoardError } from "@muster/board/errors";
import { runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import { ensureAccess } from "../directus/apply-access.ts";
import { ensureMetadata } from "../directus/apply-metadata.ts";
import { ensurePrompts } from "../directus/apply-prompts.ts";
import { ensureSettings } from "../directus/apply-settings.ts";
import { ensureStudio } from "../directus/apply-studio.ts";
import { fetchStewardRoles } from "../directus/steward-roles.ts";
import { CliError } from "../errors/cli-error.ts";
import { counted } from "../output/counted.ts";
import { openAdmin, wantedDirectus } from "../stack/directus-admin.ts";
import { queryRows } from "../stack/sql.ts";
import type { Phase, Step } from "./phase.ts";

const schema: Step = {
  id: "migrate/schema",
  title: "schema and law",
  timeoutMs: 5 * 60_000,
  proves: ["PG-03", "PG-04", "PG-11"],
  input: () => loadMigrations().map(({ id, name, checksum }) => ({ id, name, checksum })),
  async run({ connections, instance, version }) {
    const files = loadMigrations();
    const { applied } = await connections.withClient("postgres", (client) =>
      runMigrations(client, { files, cliVersion: version }).catch(refuse),
    );
    const [row] = await queryRows<{ made: boolean }>(connections, "postgres", "instance.ensure", [
      instance().instanceId,
    ]);
    return {
      changed: applied.length + (row?.made === true ? 1 : 0),
      detail: `${counted(files.length, "migration")}, ${applied.length} applied now`,
    };
  },
};

/** The runner's refusals say what is wrong and what to do; anything else passes as it came. */
function refuse(error: unknown): never {
  if (!(error instanceof BoardError)) throw error;
  throw new CliError("MIGRATION_REFUSED", {
    message: error.message,
    hint: `Nothing after the last sound migration was changed (${error.code}); elk-os doctor --only PG-03 shows the ledger.`,
    cause: error,
    facts: { boardCode: error.code },
  });
}

const access: Step = {
  id: "migrate/access",
  title: "roles and policies",
  timeoutMs: 2 * 60_000,
  proves: ["DIR-03"],
  input: (stack) => {
    const { ids, roles } = wantedDirectus(stack);
    return { ids, roles };
  },
  async run(stack, _progress, signal) {
    const wanted = wantedDirectus(stack);
    const client = openAdmin(stack, signal);
    const { changed } = await ensureAccess(client, wanted);

    const settings = {
      steward_roles: await fetchStewardRoles(client, wanted.ids),
      steward_role: wanted.ids.roles.steward,
      agent_role: wanted.ids.roles.agent,
      agent_policy: wanted.ids.policies.agent,
    };
    let set = 0;
    for (const [name, value] of Object.entries(settings)) {
      const [row] = await queryRows<{ changed: boolean }>(stack.connections, "postgres", "law.configure", [
        name,
        JSON.stringify(value),
      ]);
      if (row?.changed === true) set++;
    }
    return {
      changed: changed + set,
      detail: `${counted(wanted.roles.roles.length, "role")}, ${counted(wanted.roles.policies.length, "policy", "policies")}, stewards named to the law`,
    };
  },
};

const metadata: Step = {
  id: "migrate/metadata",
  title: "Directus metadata",
  timeoutMs: 10 * 60_000,
  proves: ["DIR-04", "DIR-05"],
  input: (stack) => {
    const { collections, folders } = wantedDirectus(stack);
    return { collections, folders };
  },
  async run(stack, _progress, signal) {
    const wanted = wantedDirectus(stack);
    const { changed } = await ensureMetadata(openAdmin(stack, signal), wanted);
    const fields = wanted.collections.reduce((sum, { fields: own }) => sum + own.length, 0);
    const relations = wanted.collections.reduce((sum, { relations: own }) => sum + own.length, 0);
    return {
      changed,
      detail: `${counted(wanted.collections.length, "collection")}, ${counted(fields, "field")}, ${counted(relations, "relation")} described`,
    };
  },
};

const settings: Step = {
  id: "migrate/settings",
  title: "settings, prompts",
  timeoutMs: 2 * 60_000,
  proves: ["DIR-06"],
  input: (stack) => {
    const { settings: wanted, prompts } = wantedDirectus(stack);
    return { settings: wanted.migrate, prompts };
  },
  async run(stack, _progress, signal) {
    const wanted = wantedDirectus(stack);
    const client = openAdmin(stack, signal);
    const { changed: patched } = await ensureSettings(client, wanted.settings.migrate);
    const { changed: written } = await ensurePrompts(client, wanted.prompts);
    return {
      changed: patched + written,
      detail: `${counted(Object.keys(wanted.settings.migrate).length, "setting")}, ${counted(wanted.prompts.length, "prompt")}`,
    };
  },
};

const studio: Step = {
  id: "migrate/studio",
  title: "the Studio's look",
  timeoutMs: 2 * 60_000,
  proves: ["DIR-09"],
  input: (stack) => wantedDirectus(stack).studio,
  async run(stack, _progress, signal) {
    const { studio: wanted } = wantedDirectus(stack);
    const { changed } = await ensureStudio(openAdmin(stack, signal), wanted);
    return {
      changed,
      detail: `${counted(wanted.bookmarks.length, "bookmark")}, ${counted(wanted.defaults.length, "layout")}, ${counted(wanted.panels.length, "panel")}`,
    };
  },
};

export const migrate: Phase = {
  id: "migrate",
  title: "Apply the board's schema and law, then Directus's metadata, roles and settings",
  needs: ["up"],
  steps: [schema, access, metadata, settings, studio],
};
