/**
 * Entry of the resident process: `node supervisor-main.ts <run folder> <source hash>`. It ends by itself when a
 * shutdown or release was carried out. SIGTERM and SIGINT mean shutdown; SIGHUP (a closed terminal) means nothing.
 */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { isAlive, nameProcess } from "../../../host/process-table.ts";
import { listenForControl } from "./control-server.ts";
import { openRecords } from "./records.ts";
import { chooseSocketPath, socketPathIn } from "./socket-path.ts";
import { createSupervisor } from "./supervisor.ts";

const [, , runDir, sourceHash] = process.argv;
if (runDir === undefined || sourceHash === undefined)
  throw new Error("supervisor-main needs a run folder and a source hash.");

const records = openRecords(runDir);
const earlier = records.readSupervisor();
if (earlier !== null && earlier.pid !== process.pid && isAlive(earlier)) {
  throw new Error(`A supervisor already runs as pid ${earlier.pid}.`);
}
const self = nameProcess(process.pid);
if (self === null) throw new Error("/proc does not show this process.");

const socket = chooseSocketPath(runDir);
const supervisor = createSupervisor(records);
const shutDown = () => void supervisor.handle({ op: "shutdown" });
process.on("SIGTERM", shutDown);
process.on("SIGINT", shutDown);
process.on("SIGHUP", () => undefined);

const server = await listenForControl(socket, (request) => supervisor.handle(request));
records.writeSupervisor({ ...self, socket, sourceHash, startedAt: new Date().toISOString() });

await supervisor.finished;
await server.close();
if (socket !== socketPathIn(runDir)) rmSync(dirname(socket), { recursive: true, force: true });
records.removeSupervisor();
