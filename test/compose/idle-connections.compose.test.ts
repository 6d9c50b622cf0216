/** The proxy gives idle connections up before the services do: a write on one that is just being closed would be lost, and nobody may send it twice. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { askByName } from "../support/ask-by-name.ts";
import { startDoor } from "../support/caddy-door.ts";
import { startEventUpstream } from "../support/event-upstream.ts";
import { fixtureStack } from "../support/fixture-stack.ts";
import { freePorts } from "../support/ports.ts";
import { eventually } from "../support/processes.ts";
import { findTlsTools } from "../support/tls-tools.ts";

const tools = findTlsTools();
const title = "holds a connection for the next request, and gives it up before Node would";

it.skipIf(tools.kind === "none")(tools.kind === "none" ? `${title} (${tools.why})` : title, async () => {
  if (tools.kind === "none") return;
  const root = mkdtempSync(join(tmpdir(), "muster-idle-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [portal, studio] = [await startEventUpstream("portal"), await startEventUpstream("studio")];
  onTestFinished(() => Promise.all([portal.stop(), studio.stop()]).then(() => undefined));
  const [directusPort = 0, ragPort = 0, portalPort = 0] = await freePorts(3);
  const ports = { directusPort: `${directusPort}`, ragPort: `${ragPort}`, portalPort: `${portalPort}` };
  const { config, paths } = fixtureStack(root, { driver: "compose", tls: "off", ...ports });
  const door = await startDoor({
    ...{ caddy: tools.caddy, config, folder: join(root, "door"), data: join(paths.root, "caddy") },
    upstreams: { portal: portal.port, directus: studio.port },
  });
  onTestFinished(() => door.stop());

  const nodeGivesUpMs = createServer().keepAliveTimeout;
  for (const [port, upstream] of [
    [portalPort, portal],
    [directusPort, studio],
    [ragPort, portal],
  ] as const) {
    for (let turn = 0; turn < 2; turn += 1) await askByName({ name: "127.0.0.1", port });
    expect(await upstream.countConnections(), "the second request came on the connection of the first").toBe(1);
    const isGivenUp = async () => (await upstream.countConnections()) === 0;
    await eventually("the connection is given up", isGivenUp, nodeGivesUpMs - 500);
  }
});
