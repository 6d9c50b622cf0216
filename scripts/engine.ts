/**
 * `npm run engine:start` and `engine:stop`: a real Docker engine with Compose v2 and stand-in base images, for a machine that has none.
 * Prints what a command needs in its environment. Never touches an engine that it did not start.
 */
import { say } from "./engine/command.ts";
import { findResidue, foreignEngine, startDaemon, stopDaemon } from "./engine/daemon.ts";
import { ensurePackages } from "./engine/packages.ts";
import { engineEnvironment, enginePlace } from "./engine/place.ts";
import { ensureStandIns } from "./engine/stand-ins.ts";

const place = enginePlace();
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;

async function start(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("An engine needs root: networks, mounts and control groups.");
  const foreign = foreignEngine(place);
  if (foreign !== null) {
    say(`Docker ${foreign} answers already: it is left alone, and no stand-in images are made.`);
    return;
  }
  ensurePackages(place);
  const isNew = await startDaemon(place);
  say(`dockerd ${isNew ? "started" : "runs"} (${seconds()})`);
  const made = await ensureStandIns(place);
  say(`${made.length === 0 ? "every base image is current" : `made ${made.join(", ")}`} (${seconds()})`);
  const lines = Object.entries(engineEnvironment(place)).map(([name, value]) => `export ${name}='${value}'`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function stop(): Promise<void> {
  const stopped = await stopDaemon(place);
  say(stopped ? `stopped (${seconds()})` : "no engine of ours ran");
  const residue = stopped ? findResidue(place) : [];
  if (residue.length > 0) throw new Error(`the engine left behind: ${residue.join(", ")}`);
}

const operation = process.argv[2];
try {
  if (operation === "start") await start();
  else if (operation === "stop") await stop();
  else throw new Error("usage: engine.ts start|stop");
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
