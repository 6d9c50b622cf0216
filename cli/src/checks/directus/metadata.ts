import { diffAccess } from "../../directus/apply-access.ts";
import { findStalePrompts } from "../../directus/apply-prompts.ts";
import { diffSettings } from "../../directus/apply-settings.ts";
import { diffStudio } from "../../directus/apply-studio.ts";
import { diffMetadata } from "../../directus/diff-metadata.ts";
import { fetchMetadataState } from "../../directus/metadata-state.ts";
import { counted } from "../../output/counted.ts";
import { openAdmin, wantedDirectus } from "../../stack/directus-admin.ts";
import { queryRows } from "../../stack/sql.ts";
import { type Check, fail, pass } from "../check.ts";

const EXAMPLES = 3;

/** DIR-04. */
export const metadataCurrent: Check = {
  id: "DIR-04",
  title: "Directus describes every collection, field and relation as the checkout does",
  severity: "error",
  dependsOn: ["SEC-07", "PG-03"],
  timeoutMs: 20_000,
  async probe(stack, signal) {
    const wanted = wantedDirectus(stack);
    const changes = diffMetadata(await fetchMetadataState(openAdmin(stack, signal)), wanted);
    if (changes.length === 0) return pass(`${counted(wanted.collections.length, "collection")} as described`);
    const examples = changes
      .slice(0, EXAMPLES)
      .map(({ kind, collection, field }) => `${kind} ${collection}${field === null ? "" : `.${field}`}`);
    return fail(`${changes.length} differ: ${examples.join(", ")}`);
  },
  fix: { summary: "elk-os migrate" },
};

/** DIR-06. */
export const settingsCurrent: Check = {
  id: "DIR-06",
  title: "Directus's settings and the shipped prompts are those of the checkout; agents may not delete over MCP",
  severity: "error",
  dependsOn: ["SEC-07"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const { settings, prompts } = wantedDirectus(stack);
    const client = openAdmin(stack, signal);
    const drift = await diffSettings(client, settings.migrate);
    if (drift.length > 0) return fail(`settings differ: ${drift.join(", ")}`);
    const stale = await findStalePrompts(client, prompts);
    return stale.length === 0
      ? pass(
          `${counted(Object.keys(settings.migrate).length, "setting")}, mcp_allow_deletes false; ${counted(prompts.length, "prompt")}`,
        )
      : fail(`prompts are missing or differ: ${stale.map(({ prompt }) => prompt.name).join(", ")}`);
  },
  fix: { summary: "elk-os migrate" },
};

/** DIR-05. Without them Directus would let a client say who wrote a row, and the law would believe it. */
export const specialsPresent: Check = {
  id: "DIR-05",
  title: "os_tasks keeps the user-updated and date-updated specials that the law trusts",
  severity: "error",
  dependsOn: ["PG-01"],
  timeoutMs: 5_000,
  async probe({ connections }) {
    const rows = await queryRows<{ field: string; special: string | null }>(connections, "postgres", "specials.find");
    const wanted = { user_updated: "user-updated", date_updated: "date-updated" };
    for (const [field, special] of Object.entries(wanted)) {
      const actual = rows.find((row) => row.field === field)?.special ?? null;
      if (!(actual ?? "").split(",").includes(special)) {
        return fail(`os_tasks.${field} has special ${actual ?? "none"}`, {
          expected: special,
          actual: actual ?? "none",
        });
      }
    }
    return pass("user_updated is user-updated, date_updated is date-updated");
  },
  fix: { summary: "elk-os migrate, at once: until then claims can be forged through Directus" },
};

/** DIR-03. */
export const accessCurrent: Check = {
  id: "DIR-03",
  title: "Roles, policies and permissions are those of the checkout, and no agent may delete",
  severity: "error",
  dependsOn: ["SEC-07", "PG-03"],
  timeoutMs: 15_000,
  async probe(stack, signal) {
    const wanted = wantedDirectus(stack);
    const diff = await diffAccess(openAdmin(stack, signal), wanted);
    const entries = Object.entries(diff).flatMap(([kind, items]) =>
      Array.isArray(items) && items.length > 0 ? [`${items.length} ${kind}`] : [],
    );
    return entries.length === 0
      ? pass(
          `${counted(wanted.roles.roles.length, "role")}, ${counted(wanted.roles.policies.length, "policy", "policies")}`,
        )
      : fail(`differ: ${entries.join(", ")}`);
  },
  fix: { summary: "elk-os migrate" },
};

/** DIR-09. */
export const studioCurrent: Check = {
  id: "DIR-09",
  title: "The Studio opens with the checkout's board, bookmarks and dashboard",
  severity: "error",
  dependsOn: ["SEC-07", "PG-03"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const { studio } = wantedDirectus(stack);
    const changes = await diffStudio(openAdmin(stack, signal), studio);
    const [first] = changes;
    return first === undefined
      ? pass(
          `${counted(studio.bookmarks.length, "bookmark")}, ${counted(studio.defaults.length, "layout")}, ${counted(studio.panels.length, "panel")}`,
        )
      : fail(`${changes.length} differ, first ${first.name}`);
  },
  fix: { summary: "elk-os migrate" },
};
