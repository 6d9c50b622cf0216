import { once } from "node:events";
import { forkWorker, type WorkerProcess } from "../host/fork-worker.ts";
import type { WorkerAnswer, WorkerQuestion, WorkerSetup } from "./worker-protocol.ts";

/** A process that dies more often than this within ten minutes is left dead: each start costs a second and the model's memory. */
const RESTARTS = { most: 5, withinMs: 600_000 } as const;
/** A model of 100 MB loads within seconds; a slow disk is given time. */
const LOAD_MS = 60_000;
/** Eight passages take a second on a slow machine. */
const ANSWER_MS = 60_000;

interface Asked {
  resolve(vectors: Float32Array): void;
  reject(error: Error): void;
}

/**
 * The model in a process of its own, started again when it died. One question at a time is worked on; others wait there. A thread would not do: nothing gives
 * up an inference, and a thread of onnxruntime that is ended in the middle of one aborts its whole process.
 */
export class EmbedProcess {
  private readonly setup: WorkerSetup;
  private worker: Promise<WorkerProcess> | null = null;
  private readonly asked = new Map<number, Asked>();
  private starts: number[] = [];
  private next = 0;
  private isClosed = false;

  constructor(setup: WorkerSetup) {
    this.setup = setup;
  }

  /** @throws Error when the model cannot be loaded, or the process died or does not answer */
  async ask(texts: readonly string[]): Promise<Float32Array> {
    const worker = await this.running();
    const id = this.next++;
    return new Promise<Float32Array>((resolve, reject) => {
      const timer = setTimeout(() => worker.kill("SIGKILL"), ANSWER_MS);
      const settle =
        <T>(how: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.asked.delete(id);
          how(value);
        };
      this.asked.set(id, { resolve: settle(resolve), reject: settle(reject) });
      // A process that is gone by now is told of by its exit.
      worker.send({ id, texts } satisfies WorkerQuestion, () => {});
    });
  }

  /** Once it returns the process is gone; what was asked and not answered is refused. */
  async close(): Promise<void> {
    this.isClosed = true;
    const worker = await this.worker?.catch(() => null);
    if (worker == null || worker.exitCode !== null || worker.signalCode !== null) return;
    worker.ref();
    const ended = once(worker, "exit");
    worker.kill("SIGKILL");
    await ended;
  }

  private running(): Promise<WorkerProcess> {
    if (this.isClosed) return Promise.reject(new Error("The model was closed."));
    this.worker ??= this.start();
    return this.worker;
  }

  private async start(): Promise<WorkerProcess> {
    const now = performance.now();
    this.starts = this.starts.filter((at) => now - at < RESTARTS.withinMs);
    if (this.starts.length >= RESTARTS.most) {
      this.worker = null;
      throw new Error(`The model's process died ${RESTARTS.most} times within ten minutes.`);
    }
    this.starts.push(now);
    try {
      return await this.spawn();
    } catch (error) {
      this.worker = null;
      throw error;
    }
  }

  private spawn(): Promise<WorkerProcess> {
    const worker = forkWorker(new URL("./embed-worker.ts", import.meta.url));
    return new Promise<WorkerProcess>((resolve, reject) => {
      const timer = setTimeout(() => worker.kill("SIGKILL"), LOAD_MS);
      let cause: string | null = null;
      worker.on("message", (answer: WorkerAnswer) => {
        if ("ready" in answer) {
          clearTimeout(timer);
          resolve(worker);
        } else if ("failed" in answer) cause = answer.failed;
        else if ("vectors" in answer) this.asked.get(answer.id)?.resolve(answer.vectors);
        else this.asked.get(answer.id)?.reject(new Error(answer.error));
      });
      const gone = (why: string): void => {
        clearTimeout(timer);
        this.worker = null;
        const error = new Error(`The model's process ended: ${why}`);
        reject(error);
        for (const one of [...this.asked.values()]) one.reject(error);
      };
      worker.on("error", (error) => gone(error.message));
      worker.on("exit", (code, signal) => gone(cause ?? signal ?? `code ${code}`));
      worker.send(this.setup, () => {});
    });
  }
}
