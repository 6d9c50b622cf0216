import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeRagApp, type RagApp } from "../test/rag-app.ts";
import { keepInStep } from "./keep-in-step.ts";

let rag: RagApp;
let step: { stop(): void } | null = null;
let looks: number;

beforeEach(async () => {
  rag = await makeRagApp();
  looks = 0;
  // The watch itself goes on in real time; only what waits for a minute is hurried.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(async () => {
  step?.stop();
  vi.useRealTimers();
  await rag.close();
});

async function keep(...places: readonly string[]): Promise<void> {
  const { library } = rag;
  const sync: typeof library.sync = () => {
    looks += 1;
    return library.sync();
  };
  const kept = keepInStep({ ...library, sync }, places, rag.app.log);
  step = kept;
  await kept.firstLook;
}

test("with a watch that lives everything is looked at once a minute all the same", async () => {
  await keep(path.join(rag.folder.root, "memory"));
  expect(looks).toBe(1);
  await vi.advanceTimersByTimeAsync(59_900);
  expect(looks).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  await vi.waitFor(() => expect(looks).toBe(2));
});

test("without a watch everything is looked at each five seconds, and after the end never", async () => {
  await keep(path.join(rag.folder.root, "absent"));
  const before = looks;
  await vi.advanceTimersByTimeAsync(5_100);
  await vi.waitFor(() => expect(looks).toBe(before + 1));
  step?.stop();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(looks).toBe(before + 1);
});
