import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CliError } from "../errors/cli-error.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import { CARD, type CatalogueModel, describeModel } from "./model-catalogue.ts";

type ModelFile = CatalogueModel["files"][number];

export interface PullOptions {
  /** Folder that holds one folder for each model. */
  readonly folder: string;
  /** Where the files lie instead of their catalogued addresses: an http(s) or file URL of a folder. */
  readonly source: string | null;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A line that is cut this often in a row, without a byte in between, is down. */
const FRUITLESS_ATTEMPTS = 4;
const RETRY_PAUSE_MS = 200;
/** A server that sends nothing for this long has hung up. */
const SILENCE_MS = 30_000;
const MEGABYTE = 1_048_576;

/**
 * Brings a model's files here: resumed after a cut, within one run and across runs; compared with their digests; put in place as a whole
 * folder by one rename. False when it was there. Nothing is trusted by its name, its length or its server.
 * @throws CliError MODEL_REFUSED when bytes are not those of the catalogue; MODEL_UNREACHABLE when they cannot be had
 */
export async function pullModel(model: CatalogueModel, options: PullOptions): Promise<boolean> {
  const final = join(options.folder, model.name);
  if (describeModel(options.folder, model).state === "pulled") return false;
  const draft = join(options.folder, `.${model.name}.part`);
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  for (const file of model.files) {
    const path = join(draft, file.name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    await pullFile(file, path, options);
  }
  writeFileAtomic(join(draft, CARD), `${JSON.stringify(model, null, 2)}\n`, 0o644);
  // What stands there is not whole, or it would have been taken above.
  rmSync(final, { recursive: true, force: true });
  renameSync(draft, final);
  return true;
}

async function pullFile(file: ModelFile, path: string, options: PullOptions): Promise<void> {
  const url = addressOf(file, options.source);
  let fruitless = 0;
  while (sizeOf(path) < file.bytes) {
    const before = sizeOf(path);
    try {
      await transfer(url, path, file, options.signal);
    } catch (cause) {
      options.signal.throwIfAborted();
      if (cause instanceof CliError) throw cause;
      fruitless = sizeOf(path) > before ? 0 : fruitless + 1;
      options.progress(`${file.name}: cut at ${megabytes(sizeOf(path))} of ${megabytes(file.bytes)} MB, going on`);
      if (fruitless >= FRUITLESS_ATTEMPTS) throw unreachable(url, cause);
      await sleep(RETRY_PAUSE_MS, undefined, { signal: options.signal });
    }
  }
  const actual = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (actual === file.sha256) return;
  // Its bytes are of no use: the next run begins anew.
  rmSync(path);
  throw new CliError("MODEL_REFUSED", {
    message: `${file.name} from ${url} is not the file of the catalogue: sha256 ${actual}, not ${file.sha256}.`,
    hint: "Nothing was kept. Get it from another place with --from, or correct the catalogue after reading both.",
    facts: { file: file.name, expected: file.sha256, actual },
  });
}

/** Adds what is missing of the file from where it ends. A server that cannot go on in the middle begins again. */
async function transfer(url: URL, path: string, file: ModelFile, signal: AbortSignal): Promise<void> {
  const have = sizeOf(path);
  const { body, from } = url.protocol === "file:" ? openFile(url, have) : await request(url, have, signal);
  const target = await open(path, from === 0 ? "w" : "a", 0o644);
  let size = from;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > file.bytes) {
        rmSync(path);
        throw new CliError("MODEL_REFUSED", {
          message: `${url} sends more than the ${file.bytes} bytes of the catalogue.`,
          hint: "Nothing was kept. Get it from another place with --from.",
        });
      }
      await target.writeFile(chunk);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  if (size < file.bytes) throw new Error(`the transfer ended at ${size} of ${file.bytes} bytes`);
}

interface Transfer {
  readonly body: AsyncIterable<Uint8Array>;
  /** Offset of the first byte that comes. */
  readonly from: number;
}

function openFile(url: URL, have: number): Transfer {
  return { body: createReadStream(fileURLToPath(url), { start: have }), from: have };
}

async function request(url: URL, have: number, signal: AbortSignal): Promise<Transfer> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(new Error("silence")), SILENCE_MS);
  const headers = have === 0 ? {} : { range: `bytes=${have}-` };
  const response = await fetch(url, { headers, signal: AbortSignal.any([signal, silence.signal]) });
  const isRest =
    response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${have}-`) === true;
  if (response.body === null || (response.status !== 200 && !isRest)) {
    clearTimeout(timer);
    throw new Error(`it answered ${response.status}`);
  }
  const { body } = response;
  return { body: watched(), from: isRest ? have : 0 };

  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(new Error("silence")), SILENCE_MS);
        yield chunk;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

function addressOf(file: ModelFile, source: string | null): URL {
  if (source === null) return new URL(file.url);
  const base = source.startsWith("/") ? new URL(`file://${source}`) : new URL(source);
  return new URL(`${base.href.replace(/\/$/, "")}/${file.name.split("/").map(encodeURIComponent).join("/")}`);
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);

function unreachable(url: URL, cause: unknown): CliError {
  return new CliError("MODEL_UNREACHABLE", {
    message: `${basename(url.pathname)} cannot be had from ${url.origin === "null" ? dirname(url.pathname) : url.origin}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: "Run the command again: it goes on where it stopped. Without a network: --from file:///folder with the files.",
    cause,
  });
}
