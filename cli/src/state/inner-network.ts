import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";

const schema = z.strictObject({
  /** "10.213.7.16/28" */
  subnet: z.cidrv4(),
  addresses: z.strictObject({
    postgres: z.ipv4(),
    directus: z.ipv4(),
    rag: z.ipv4(),
    portal: z.ipv4(),
    caddy: z.ipv4(),
  }),
});

/** The network that only the containers of one instance share. Recorded, so that an address outlives every restart. */
export type InnerNetwork = z.infer<typeof schema>;

/** Null where services are no containers. @throws CliError STATE_UNREADABLE */
export function readInnerNetwork(path: string): InnerNetwork | null {
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new CliError("STATE_UNREADABLE", {
      message: "network.json in the state folder is damaged.",
      hint: "Delete it while the stack is down; elk-os up --driver compose writes another.",
      cause,
    });
  }
}
