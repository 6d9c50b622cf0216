/** From a release that pins one Directus to one that pins a patch of it, on a whole stack: other packages, Directus's own migrations, and back again. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { currentIdentity } from "../../cli/src/host/users.ts";
import { expectGreen, withSuperuser } from "../support/doctor.ts";
import { laterDirectus, whyNotToBeHad } from "../support/later-directus.ts";
import { linkCache } from "../support/linked-cache.ts";
import { makeReleasedCheckout } from "../support/released-checkout.ts";
import { CHECKOUT, raiseStack, type Stack } from "../support/stack.ts";
import { addTask, countTasks } from "../support/titled-tasks.ts";

/** The other Directus is downloaded and installed meanwhile: two minutes on two cores. */
const UPGRADE_TIMEOUT_MS = 900_000;
const BEFORE = "before the upgrade";
const AFTER = "after the upgrade";

const later = laterDirectus();
const obstacle = whyNotToBeHad(later);
const serverInfo = z.object({ data: z.looseObject({ version: z.string() }) });

describe.skipIf(obstacle !== null)(
  `from Directus ${later.from} to ${later.to}${obstacle === null ? "" : ` (${obstacle})`}`,
  () => {
    let folder: string;
    let stack: Stack;
    let newest: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "muster-directus-"));
      chmodSync(folder, 0o711);
      const checkout = makeReleasedCheckout(join(folder, "checkout"), currentIdentity());
      checkout.release("v0.2.0", { base: "base", version: "0.2.0", files: later.files });
      const cache = linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache"));
      const place = { stateDir: join(folder, "state"), cacheDir: cache.path };
      ({ stack } = await raiseStack({ checkout: checkout.folder, ...place }));
      await addTask(stack, BEFORE);
      newest = (await newestMigration()) ?? "";
      // Both have the same migrations. Without its newest one, which only edits a setting, the tables are those of an earlier Directus.
      await withSuperuser(stack, (db) => db.query("delete from directus_migrations where version = $1", [newest]));
    });
    afterAll(async () => {
      await stack?.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    async function versionOfDirectus(): Promise<string> {
      const headers = { authorization: `Bearer ${stack.secret("directus_admin_token")}` };
      const answer = await fetch(`${stack.urls.directus}/server/info`, { headers });
      return serverInfo.parse(await answer.json()).data.version;
    }
    function newestMigration(): Promise<string | null> {
      return withSuperuser(stack, async (db) => {
        const { rows } = await db.query<{ newest: string }>("select max(version) as newest from directus_migrations");
        return rows[0]?.newest ?? null;
      });
    }
    const counts = () => Promise.all([BEFORE, AFTER].map((title) => countTasks(stack, title)));

    it("is told that the packages are others, though the schema is the same", async () => {
      expect(await versionOfDirectus()).toBe(later.from);
      expect(await stack.run(["upgrade", "v0.2.0", "--dry-run", "--json"])).toMatchObject({
        exit: 9,
        json: { pending: true, to: { version: "0.2.0" }, migrations: [], changesPackages: true },
      });
    });

    it("ends green with every row on the other Directus, which has run its own migrations", {
      timeout: UPGRADE_TIMEOUT_MS,
    }, async () => {
      const went = await stack.run(["upgrade", "v0.2.0", "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
      expect(went, `${went.stdout}${went.stderr}`).toMatchObject({
        exit: 0,
        json: { ok: true, to: { version: "0.2.0" }, downtimeSeconds: { directus: expect.any(Number) } },
      });
      expect(await versionOfDirectus()).toBe(later.to);
      expect(await newestMigration()).toBe(newest);
      expect(await counts()).toEqual([1, 0]);
      await expectGreen(stack);
    });

    it("goes back to the Directus of before with the tables of before, and says what was written since", {
      timeout: UPGRADE_TIMEOUT_MS,
    }, async () => {
      await addTask(stack, AFTER);
      expect(await stack.run(["rollback", "--json"])).toMatchObject({
        exit: 12,
        json: { error: { facts: { restores: true, lostEvents: expect.any(Number) } } },
      });
      const back = await stack.run(["rollback", "--yes", "--json"], { timeoutMs: UPGRADE_TIMEOUT_MS });
      expect(back, `${back.stdout}${back.stderr}`).toMatchObject({ exit: 0, json: { ok: true } });
      expect(await versionOfDirectus()).toBe(later.from);
      expect(await counts()).toEqual([1, 0]);
      await expectGreen(stack);
    });
  },
);
