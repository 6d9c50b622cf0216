import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { identifyService } from "../identity/service-identity.ts";
import { crawl } from "../portal-snapshot/crawl.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";

const MOST = 5_000;

export const portalSnapshot: Command = {
  name: "portal snapshot",
  summary: "Save the portal as a folder of pages that open without it",
  help: `Reads the running portal, after it proved who it is, all of it at one instant, and writes it below DIR with its styles and
fonts: every view, every task, every receipt and release, lists to their end. No script, relative links. What the portal does not show
is not in the archive, nor are filters and searches: their links are taken out. No ember glows, because nobody knows who works now.
At most ${MOST} pages are read; how many were left out is said.

  elk-os portal snapshot /tmp/board`,
  arguments: [{ name: "<dir>", description: "an empty or absent folder" }],
  options: [],
  run: ({ args, loaded, signal }) => {
    const target = resolve(args[0] ?? "");
    if (existsSync(target) && readdirSync(target).length > 0) {
      throw new CliError("DESTRUCTIVE_REFUSED", {
        message: `${target} is not empty.`,
        hint: "Name an empty or absent folder; an archive never mixes with other files.",
      });
    }
    return withStack(loaded, async (stack) => {
      const identity = await identifyService(stack, "portal", signal);
      if (identity.answer === null) {
        throw new CliError(identity.verdict === "UNREACHABLE" ? "BOARD_UNREACHABLE" : "IDENTITY_REFUSED", {
          message: `The portal on port ${identity.port} was not read: ${identity.verdict}, ${identity.evidence}.`,
          hint: "`elk-os doctor --only ID` says more; `elk-os up` starts the portal.",
        });
      }
      const archive = await crawl({
        origin: `http://127.0.0.1:${identity.port}`,
        most: MOST,
        signal,
        write: (file, content) => {
          const path = join(target, file);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, content);
        },
      });
      return {
        exit: 0,
        data: { schema: "muster.portal-snapshot/1", dir: target, ...archive },
        lines: [
          `${archive.pages} pages, ${archive.assets} assets, read at ${archive.at}  ${join(target, "index.html")}`,
          ...(archive.left > 0 ? [`${archive.left} further pages were left out: an archive holds ${MOST}`] : []),
        ],
      };
    });
  },
};
