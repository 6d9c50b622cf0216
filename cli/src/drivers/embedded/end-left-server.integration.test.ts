import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startPostgres } from "../../../../test/support/postgres.ts";
import { processesOf } from "../../../../test/support/processes.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { endLeftServer } from "./end-left-server.ts";

test("the Postgres that a killed run left is ended with all of its processes", async () => {
  const postgres = await startPostgres([]);
  onTestFinished(() => postgres.stop());
  const folder = dirname(postgres.dataFolder);
  expect(processesOf(folder)).not.toEqual([]);
  await endLeftServer(folder);
  expect(processesOf(folder)).toEqual([]);
});

test("another one's goes on, even where its folder begins with the same name", async () => {
  const folder = join(temporaryFolder(), "scratch-a");
  const data = join(`${folder}b`, "data");
  mkdirSync(data, { recursive: true });
  const stranger = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)", data], { stdio: "ignore" });
  onTestFinished(async () => {
    const ended = once(stranger, "exit");
    if (stranger.kill("SIGKILL")) await ended;
  });
  await once(stranger, "spawn");
  await endLeftServer(folder);
  expect(stranger.signalCode ?? stranger.exitCode).toBeNull();
});
