import { counted } from "../output/counted.ts";
import { applySeed } from "../seed/apply-seed.ts";
import { chosenProfile } from "../stack/profile.ts";
import type { Phase, Step } from "./phase.ts";

const rows: Step = {
  id: "seed/rows",
  title: "profile rows",
  timeoutMs: 5 * 60_000,
  proves: ["SEED-01"],
  input: (stack) => ({ profile: stack.config.profile, hashes: chosenProfile(stack).seed.hashes }),
  async run(stack) {
    const profile = chosenProfile(stack);
    const { changed } = await stack.connections.withClient("postgres", (client) => applySeed(client, profile));
    const { tasks, receipts } = profile.seed.rows;
    return {
      changed,
      detail: `${stack.config.profile}: ${counted(tasks.length, "task")}, ${counted(profile.manifest.agents.length, "agent")}, ${counted(receipts.length, "receipt")}`,
    };
  },
};

export const seed: Phase = {
  id: "seed",
  title: "Load the profile's rows",
  needs: ["migrate"],
  steps: [rows],
};
