import { counted } from "../../output/counted.ts";
import { isWritten, wantedFiles, wiredAgents, wiredConstitution } from "../../wiring/wired-files.ts";
import { type Check, fail, pass } from "../check.ts";

/** CON-01. */
export const constitutionCurrent: Check = {
  id: "CON-01",
  title: "Every agent's client files and constitution are the current ones, by content",
  severity: "error",
  dependsOn: ["CONF-01"],
  timeoutMs: 5_000,
  async probe(stack) {
    const files = wantedFiles(stack);
    if (files.length === 0) return fail("no agent is wired");
    const stale = files.find((file) => !isWritten(file));
    if (stale !== undefined) return fail(`${stale.path} is absent or differs`);
    const { version, sha256 } = wiredConstitution(stack);
    return pass(
      `${counted(wiredAgents(stack).length, "agent")}, ${counted(files.length, "file")}; constitution ${version} sha256 ${sha256.slice(0, 12)}`,
    );
  },
  fix: { summary: "elk-os wire writes them again" },
};
