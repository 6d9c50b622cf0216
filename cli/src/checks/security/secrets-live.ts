import { z } from "zod";
import { type Check, fail, pass } from "../check.ts";

const meSchema = z.object({ data: z.object({ email: z.string().nullable() }) });

/** SEC-07. PG-01 has shown the database passwords; here the API tokens that elk-os itself and its services use. */
export const secretsAreLive: Check = {
  id: "SEC-07",
  title: "The secrets in the files are the ones in force",
  severity: "error",
  dependsOn: ["PG-01", "ID-02", "ID-03"],
  timeoutMs: 10_000,
  async probe({ config, secrets }, signal) {
    const admin = await fetch(`http://127.0.0.1:${config.directusPort}/users/me?fields=email`, {
      headers: { authorization: `Bearer ${secrets.read("directus_admin_token").reveal()}` },
      signal,
    });
    if (!admin.ok)
      return fail(`Directus answered ${admin.status} to secrets/directus_admin_token`, {
        expected: "200",
        actual: `${admin.status}`,
      });
    const { email } = meSchema.parse(await admin.json()).data;
    const search = await fetch(`http://127.0.0.1:${config.ragPort}/search`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secrets.read("rag_key").reveal()}` },
      body: JSON.stringify({ query: "probe", limit: 1 }),
      signal,
    });
    await search.body?.cancel();
    if (!search.ok)
      return fail(`search answered ${search.status} to secrets/rag_key`, {
        expected: "200",
        actual: `${search.status}`,
      });
    return pass(`4 database passwords, the admin token (${email}) and the search key`);
  },
  fix: { summary: "elk-os secrets check --fix makes what the files hold the values in force" },
};
