import { existsSync, readFileSync } from "node:fs";
import { counted } from "../../output/counted.ts";
import { recordedConfig } from "../../phases/init.ts";
import { findInstance } from "../../state/instance.ts";
import { type Check, fail, pass } from "../check.ts";

/** CONF-01. */
export const configRecorded: Check = {
  id: "CONF-01",
  title: "The settings in force are the recorded ones, and the instance has an id",
  severity: "error",
  dependsOn: ["HOST-06"],
  timeoutMs: 1_000,
  async probe({ paths, explicit }) {
    const instance = findInstance(paths.instance);
    if (instance === null) return fail("instance.json does not exist");
    if (!existsSync(paths.config)) return fail("config.json does not exist");
    if (readFileSync(paths.config, "utf8") !== recordedConfig(explicit)) {
      return fail("config.json differs from the settings in force", {
        expected: Object.keys(explicit).join(", ") || "no explicit setting",
      });
    }
    return pass(`instance ${instance.instanceId}, ${counted(Object.keys(explicit).length, "explicit setting")}`);
  },
  fix: { summary: "elk-os init records the settings in force" },
};
