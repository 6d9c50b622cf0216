import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { WorkerAnswer, WorkerSetup } from "./worker-protocol.ts";

/** A thread that dies more often than this within ten minutes is left dead: each start costs a second and the model's memory. */
const RESTARTS = { most: 5, withinMs: 600_000 } as const;
/** A model of 100 MB loads within seconds; a slow disk is given time. */
const LOAD_MS = 60_000;
/** Eight passages take a second on a slow machine. */
const ANSWER_MS = 60_000;

interface Asked {
  resolve(vectors: Float32Array): void;
  reject(error: Error): void;
}

/** The embedding thread, started again when it died. One question at a time is worked on; others wait in the thread. */
export class EmbedThread {
  private readonly setup: WorkerSetup;
  private worker: Promise<Worker> | null = null;
  private readonly asked = new Map<number, Asked>();
  private starts: number[] = [];
  private next = 0;
  private isClosed = false;

  constructor(setup: WorkerSetup) {
    this.setup = setup;
  }

  /** @throws Error when the model cannot be loaded, or the thread died or does not answer */
  async ask(texts: readonly string[]): Promise<Float32Array> {
    const worker = await this.running();
    const id = this.next++;
    return new Promise<Float32Array>((resolve, reject) => {
      const timer = setTimeout(() => void worker.terminate(), ANSWER_MS);
      const settle =
        <T>(how: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.asked.delete(id);
          how(value);
        };
      this.asked.set(id, { resolve: settle(resolve), reject: settle(reject) });
      worker.postMessage({ id, texts });
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await (await this.worker?.catch(() => null))?.terminate();
  }

  private running(): Promise<Worker> {
    if (this.isClosed) return Promise.reject(new Error("The model was closed."));
    this.worker ??= this.start();
    return this.worker;
  }

  private async start(): Promise<Worker> {
    const now = performance.now();
    this.starts = this.starts.filter((at) => now - at < RESTARTS.withinMs);
    if (this.starts.length >= RESTARTS.most) {
      this.worker = null;
      throw new Error(`The model's thread died ${RESTARTS.most} times within ten minutes.`);
    }
    this.starts.push(now);
    try {
      await this.preload();
      return await this.spawn();
    } catch (error) {
      this.worker = null;
      throw error;
    }
  }

  /** The runtime of the older library registers itself once a process: a second thread fails unless the first was this one. */
  private async preload(): Promise<void> {
    if (this.setup.library !== "@xenova/transformers") return;
    const { resolve } = createRequire(path.join(this.setup.runtime, "package.json"));
    await import(pathToFileURL(resolve("onnxruntime-node")).href);
  }

  private spawn(): Promise<Worker> {
    const worker = new Worker(new URL("./embed-worker.ts", import.meta.url), { workerData: this.setup });
    worker.unref();
    return new Promise<Worker>((resolve, reject) => {
      const timer = setTimeout(() => void worker.terminate(), LOAD_MS);
      worker.on("message", (answer: WorkerAnswer) => {
        if ("ready" in answer) {
          clearTimeout(timer);
          resolve(worker);
        } else if ("vectors" in answer) this.asked.get(answer.id)?.resolve(answer.vectors);
        else this.asked.get(answer.id)?.reject(new Error(answer.error));
      });
      let cause: unknown = null;
      worker.on("error", (error) => {
        cause = error;
      });
      worker.on("exit", (code) => {
        clearTimeout(timer);
        this.worker = null;
        const why = cause instanceof Error ? cause.message : `code ${code}`;
        const error = new Error(`The model's thread ended: ${why}`, { cause });
        reject(error);
        for (const one of [...this.asked.values()]) one.reject(error);
      });
    });
  }
}
