import { completionScript, SHELLS, type Shell } from "../completion/scripts.ts";
import { placesOf } from "../completion/words.ts";
import { EXIT } from "../errors/catalog.ts";
import type { Command } from "./command.ts";

export const completion: Command = {
  name: "completion",
  summary: "Print the completion script of a shell",
  help: `  eval "$(elk-os completion bash)"
  eval "$(elk-os completion zsh)"
  elk-os completion fish | source`,
  arguments: [{ name: "<shell>", description: "which shell", choices: SHELLS }],
  async run({ args }) {
    // The registry names this command, so a static import would close a circle.
    const { COMMANDS } = await import("./index.ts");
    const { GLOBAL_OPTIONS } = await import("../program.ts");
    const shell = args[0] as Shell;
    const script = completionScript(shell, placesOf(COMMANDS, GLOBAL_OPTIONS));
    return { exit: EXIT.ok, data: { ok: true, shell, script }, lines: script.trimEnd().split("\n") };
  },
};
