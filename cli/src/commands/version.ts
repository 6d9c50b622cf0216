import { EXIT } from "../errors/catalog.ts";
import { buildId } from "../stack/build-id.ts";
import { readVersion } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  summary: "Say which release this is and what it runs on",
  help: "Works before anything is installed or started.",
  async run({ loaded }) {
    const facts = {
      version: readVersion(loaded.checkout),
      build: buildId(loaded.checkout),
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    };
    return {
      exit: EXIT.ok,
      data: { ok: true, ...facts },
      lines: [`Muster ${facts.version}  build ${facts.build}  node ${facts.node}  ${facts.platform}`],
    };
  },
};
