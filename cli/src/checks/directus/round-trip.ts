import { randomUUID } from "node:crypto";
import { z } from "zod";
import { openAdmin } from "../../stack/directus-admin.ts";
import { type Check, fail, pass } from "../check.ts";

const presetSchema = z.object({ id: z.number(), bookmark: z.string().nullable() });

/**
 * DIR-02. A preset of Directus's own is the probe, because nothing on the board may ever be deleted. It is removed
 * whatever happens in between.
 */
export const directusRoundTrip: Check = {
  id: "DIR-02",
  title: "Directus creates, reads, updates and deletes a probe row, and it is gone",
  severity: "error",
  dependsOn: ["SEC-07"],
  timeoutMs: 15_000,
  async probe(stack, signal) {
    const client = openAdmin(stack, signal);
    const name = `doctor-probe-${randomUUID()}`;
    const made = presetSchema.parse(
      await client.request("POST", "/presets", { body: { bookmark: name, collection: "os_tasks" } }),
    );
    const path = `/presets/${made.id}`;
    let read: z.infer<typeof presetSchema>;
    try {
      await client.request("PATCH", path, { body: { bookmark: `${name}-changed` } });
      read = presetSchema.parse(await client.request("GET", path));
    } finally {
      await client.request("DELETE", path);
    }
    if (read.bookmark !== `${name}-changed`) return fail(`the probe reads back as "${read.bookmark}"`);
    const left = await client.request("GET", "/presets", {
      params: { filter: { bookmark: { _starts_with: "doctor-probe-" } } },
    });
    const rest = z.array(presetSchema).parse(left);
    return rest.length === 0
      ? pass("created, changed, read and deleted a probe; none is left")
      : fail(`${rest.length} probe rows are left`);
  },
  fix: { summary: "elk-os logs directus; elk-os up --only up" },
};
