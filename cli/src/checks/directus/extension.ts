import { provokeConflict } from "../../directus/conflict-probe.ts";
import { directusUrl } from "../../stack/directus-admin.ts";
import { queryRows } from "../../stack/sql.ts";
import { tokenNames } from "../../wiring/token-names.ts";
import { wiredAgents } from "../../wiring/wired-files.ts";
import { type Check, fail, pass, skip } from "../check.ts";

/** DIR-07. Without the hook the law still holds, but its refusals reach agents as 500 with SQL in them. */
export const extensionLoaded: Check = {
  id: "DIR-07",
  title: "The extension is loaded: a deliberate claim conflict answers 409 with the board's code, not 500",
  severity: "error",
  dependsOn: ["WIRE-01"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const rows = await queryRows<{ name: string; status: string }>(stack.connections, "postgres", "agents.list");
    const agent = wiredAgents(stack).find((name) => rows.find((row) => row.name === name)?.status === "active");
    if (agent === undefined) return skip("no active agent is wired");
    const token = stack.secrets.read(tokenNames(agent).secret).reveal();
    const { status, code, message } = await provokeConflict({ url: directusUrl(stack), token, signal });
    if (status === 404 && code === "MUSTER_NOT_FOUND")
      return skip("no task is ready or held, so there is nothing to conflict over");
    return status === 409 && code === "MUSTER_CLAIM_CONFLICT"
      ? pass(`409 ${code} as ${agent}`)
      : fail(`${status} ${code}: ${message}`, { expected: "409 MUSTER_CLAIM_CONFLICT", actual: `${status} ${code}` });
  },
  fix: { summary: "elk-os up --only up starts Directus with the extension; elk-os logs directus" },
};
