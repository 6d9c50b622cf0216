import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runProgram } from "../../test/support/run-program.ts";
import { PATIENCE } from "../test/patience.ts";
import { makeRagApp, type RagApp } from "../test/rag-app.ts";
import { keepInStep } from "./keep-in-step.ts";

let rag: RagApp;
let step: { stop(): void } | null = null;

beforeEach(async () => {
  rag = await makeRagApp();
});

afterEach(async () => {
  step?.stop();
  await rag.close();
});

const folders = (): string[] => ["memory", "log"].map((name) => path.join(rag.folder.root, name));

test("a saved file is found by itself, in a new folder too, and a removed one is gone", async () => {
  step = keepInStep(rag.library, folders(), rag.app.log);
  await rag.folder.write("memory/one.md", "# One\n\nquokka\n");
  await rag.folder.write("memory/deep/er/two.md", "# Two\n\nquokka\n");
  const found = async () => (await rag.library.search({ query: "quokka", limit: 5 }))?.hits.length ?? 0;
  await vi.waitFor(async () => expect(await found()).toBe(2), PATIENCE);
  await rm(path.join(rag.folder.root, "memory/one.md"));
  await vi.waitFor(async () => expect(await found()).toBe(1), PATIENCE);
  expect((await rag.get("/health")).body).toMatchObject({ status: "ok", reasons: [] });
});

test("a folder that cannot be watched makes health say so", async () => {
  step = keepInStep(rag.library, [...folders(), path.join(rag.folder.root, "absent")], rag.app.log);
  await vi.waitFor(
    async () => expect((await rag.get("/health")).body).toMatchObject({ reasons: ["watcher_dead"] }),
    PATIENCE,
  );
});

test("a watch that runs out of watches while it lives dies, and says so", async ({ skip }) => {
  // In a user namespace of its own the kernel counts this user's watches from zero, against a limit that may be set.
  const few = ["unshare", "-Ur", "sh", "-c", 'echo 5 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh"];
  const tried = spawnSync(few[0] ?? "", [...few.slice(1), "true"], { encoding: "utf8" });
  if (tried.status !== 0) return skip(`no user namespace can be made here: ${tried.error?.message ?? tried.stderr}`);
  const fixture = path.join(import.meta.dirname, "../../test/fault/fixtures/watch-without-watches.ts");
  const ended = await runProgram(fixture, [path.join(rag.folder.root, "memory")], { wrapper: few });
  expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: '{"before":true,"after":false}' });
});
