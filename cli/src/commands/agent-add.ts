import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { agentName } from "../seed/profile-schema.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import { ensureWiredAgent } from "../wiring/ensure-wired-agent.ts";
import { tokenNames } from "../wiring/token-names.ts";
import { ensureFiles, wantedFiles } from "../wiring/wired-files.ts";
import type { Command } from "./command.ts";

/** One lower-case word: verification compares families as words, so "Claude" and "claude" must not differ. */
const FAMILY = /^[a-z][a-z0-9-]{0,38}$/;

export const agentAdd: Command = {
  name: "agent add",
  summary: "Add an agent: a Directus user, a token in the secrets folder, a row on the board",
  help: `The model family decides whose work the agent may verify: at medium and high risk it must differ from the
author's. The token is never shown; the answer names the variable and the file that hold it.

  elk-os agent add reviewer-1 --model-family mistral`,
  arguments: [{ name: "<name>", description: "short unique name: lower-case letters, digits, dashes" }],
  options: [
    {
      flags: "--model-family <family>",
      description: "family of the model behind the agent, such as claude, gpt, mistral",
    },
    { flags: "--model <model>", description: "exact model, for the record" },
    { flags: "--title <title>", description: "what the agent is for, for people" },
  ],
  run({ args, options, loaded, signal }) {
    const name = args[0] ?? "";
    const family = options["modelFamily"];
    if (!agentName.safeParse(name).success) {
      throw new CliError("AGENT_INVALID", {
        message: `"${name}" cannot be an agent's name.`,
        hint: "Use lower-case letters, digits and dashes, beginning with a letter, at most 39.",
      });
    }
    if (typeof family !== "string" || !FAMILY.test(family)) {
      throw new CliError("AGENT_INVALID", {
        message:
          family === undefined ? "An agent needs a model family." : `"${String(family)}" cannot be a model family.`,
        hint: `elk-os agent add ${name} --model-family claude (one lower-case word)`,
      });
    }
    return withStack(loaded, (stack) =>
      withLock({ path: stack.paths.lock, command: "agent add" }, async () => {
        stack.instance();
        const { model, title } = options;
        const made = await ensureWiredAgent(
          stack,
          {
            name,
            model_family: family,
            ...(typeof model === "string" ? { model } : {}),
            ...(typeof title === "string" ? { title } : {}),
          },
          signal,
        );
        ensureFiles(wantedFiles(stack));
        const { variable, secret } = tokenNames(name);
        const changed = made.changed || made.tokenMade;
        return {
          exit: EXIT.ok,
          data: {
            ok: true,
            changed: changed ? 1 : 0,
            name,
            modelFamily: family,
            userId: made.userId,
            tokenVariable: variable,
            tokenFile: `secrets/${secret}`,
          },
          lines: [
            `${changed ? "added" : "unchanged"}  ${name}  ${family}  user ${made.userId}`,
            `token  in ${stack.secrets.path(secret)}; clients read it from ${variable}`,
            `wire   elk-os wire --agent ${name} --into FOLDER`,
          ],
        };
      }),
    );
  },
};
