import { ownerOf } from "../../directus/agents.ts";
import { counted } from "../../output/counted.ts";
import { directusUrl } from "../../stack/directus-admin.ts";
import { chosenProfile } from "../../stack/profile.ts";
import { queryRows } from "../../stack/sql.ts";
import { tokenNames } from "../../wiring/token-names.ts";
import { wiredAgents } from "../../wiring/wired-files.ts";
import { type Check, fail, pass } from "../check.ts";

interface AgentRow {
  readonly name: string;
  readonly user: string | null;
  readonly status: string;
}

/** WIRE-01. A suspended agent's token must be refused; everybody else's must open exactly its own user. */
export const agentsWired: Check = {
  id: "WIRE-01",
  title: "Each agent has its own user, and its token opens that user and no other",
  severity: "error",
  dependsOn: ["ID-02", "PG-03"],
  timeoutMs: 20_000,
  async probe(stack, signal) {
    const rows = await queryRows<AgentRow & Record<string, unknown>>(stack.connections, "postgres", "agents.list");
    const wanted = chosenProfile(stack).manifest.agents.filter((agent) => agent.status === "active");
    const missing = wanted.find((agent) => !stack.secrets.has(tokenNames(agent.name).secret));
    if (missing !== undefined) return fail(`agent ${missing.name} of the profile has no token`);
    for (const name of wiredAgents(stack)) {
      const row = rows.find((candidate) => candidate.name === name);
      if (row === undefined || row.user === null) return fail(`agent ${name} has a token and no user on the board`);
      const token = stack.secrets.read(tokenNames(name).secret).reveal();
      const owner = await ownerOf({ url: directusUrl(stack), token, signal });
      const expected = row.status === "suspended" ? null : row.user;
      if (owner !== expected) {
        return fail(`secrets/${tokenNames(name).secret} opens ${owner ?? "nothing"}`, {
          expected: expected ?? "nothing: suspended",
          actual: owner ?? "nothing",
        });
      }
    }
    return pass(`${counted(wiredAgents(stack).length, "agent")}: ${wiredAgents(stack).join(", ")}`);
  },
  fix: { summary: "elk-os wire sets each token again from secrets/" },
};
