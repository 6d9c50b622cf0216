import { ensureSettings } from "../directus/apply-settings.ts";
import { counted } from "../output/counted.ts";
import { openAdmin, wantedDirectus } from "../stack/directus-admin.ts";
import { chosenProfile } from "../stack/profile.ts";
import { ensureWiredAgent } from "../wiring/ensure-wired-agent.ts";
import { ensureFiles, filesFor, wantedFiles, wiredAgents } from "../wiring/wired-files.ts";
import { inputHash } from "./input-hash.ts";
import type { Phase, Step } from "./phase.ts";

const mcp: Step = {
  id: "wire/mcp",
  title: "native MCP",
  timeoutMs: 60_000,
  proves: ["WIRE-02"],
  input: (stack) => wantedDirectus(stack).settings.wire,
  async run(stack, _progress, signal) {
    const { changed } = await ensureSettings(openAdmin(stack, signal), wantedDirectus(stack).settings.wire);
    return { changed, detail: `http://127.0.0.1:${stack.config.directusPort}/mcp` };
  },
};

const agents: Step = {
  id: "wire/agents",
  title: "agents",
  timeoutMs: 5 * 60_000,
  proves: ["WIRE-01", "MCP-01"],
  input: (stack) => chosenProfile(stack).manifest.agents,
  async run(stack, _progress, signal) {
    const active = chosenProfile(stack).manifest.agents.filter((agent) => agent.status === "active");
    let changed = 0;
    for (const agent of active) {
      const made = await ensureWiredAgent(stack, agent, signal);
      if (made.changed || made.tokenMade) changed++;
    }
    return { changed, detail: `${counted(active.length, "agent")}, one user and one token each` };
  },
};

const clients: Step = {
  id: "wire/clients",
  title: "client files",
  timeoutMs: 60_000,
  proves: ["CON-01"],
  // Not the agents: one that `agent add` wires later has its files already, and CON-01 looks at all of them.
  input: (stack) => inputHash(filesFor(stack, "any", "/")),
  async run(stack) {
    const files = wantedFiles(stack);
    return {
      changed: ensureFiles(files),
      detail: `${counted(wiredAgents(stack).length, "folder")} in ${stack.paths.wire}`,
    };
  },
};

export const wire: Phase = {
  id: "wire",
  title: "Turn native MCP on, give each agent a user and a token, write client files and the constitution",
  needs: ["seed"],
  steps: [mcp, agents, clients],
};
