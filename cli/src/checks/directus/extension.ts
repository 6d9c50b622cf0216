import { provokeConflict } from "../../directus/conflict-probe.ts";
import { identifyService } from "../../identity/service-identity.ts";
import { directusUrl } from "../../stack/directus-admin.ts";
import { queryRows } from "../../stack/sql.ts";
import { tokenNames } from "../../wiring/token-names.ts";
import { wiredAgents } from "../../wiring/wired-files.ts";
import { type Check, fail, pass, skip } from "../check.ts";

/**
 * DIR-07. Without the hook the law still holds, but its refusals reach agents as 500 with SQL in them. It does not stand on ID-02:
 * a Directus without the extension fails there as well, and this check is the one that says why. A token still goes to our own
 * process alone.
 */
export const extensionLoaded: Check = {
  id: "DIR-07",
  title: "The extension is loaded: a deliberate claim conflict answers 409 with the board's code, not 500",
  severity: "error",
  dependsOn: ["PG-03"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const { answer, verdict, unsigned } = await identifyService(stack, "directus", signal);
    const isMute = verdict === "UNREACHABLE" && unsigned === 404;
    if (answer === null && !isMute) return skip(`Directus is not there to be asked: ${verdict}, which ID-02 is about`);
    const rows = await queryRows<{ name: string; status: string }>(stack.connections, "postgres", "agents.list");
    const agent = wiredAgents(stack).find((name) => rows.find((row) => row.name === name)?.status === "active");
    if (agent === undefined) return skip("no active agent is wired");
    const token = stack.secrets.read(tokenNames(agent).secret).reveal();
    const { status, code, message } = await provokeConflict({ url: directusUrl(stack), token, signal });
    if (status === 401) return skip(`the token of ${agent} is refused, which WIRE-01 is about`);
    if (status === 404 && code === "MUSTER_NOT_FOUND")
      return skip("no task is ready or held, so there is nothing to conflict over");
    return status === 409 && code === "MUSTER_CLAIM_CONFLICT"
      ? pass(`409 ${code} as ${agent}`)
      : fail(`${status} ${code}: ${message}`, { expected: "409 MUSTER_CLAIM_CONFLICT", actual: `${status} ${code}` });
  },
  fix: {
    summary: "elk-os logs directus says why it was not loaded; elk-os down, then elk-os up starts Directus with it",
  },
};
