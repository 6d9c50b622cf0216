import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type CatalogueModel, describeModel } from "./model-catalogue.ts";
import { pullModel } from "./pull-model.ts";

const weights = randomBytes(1_000_000);
const vocabulary = Buffer.from("one\ntwo\n");
const CONTENT: Readonly<Record<string, Buffer>> = { "/weights.onnx": weights, "/vocab.txt": vocabulary };

let folder: string;
let said: string[];
let ranges: (string | undefined)[];

beforeEach(() => {
  folder = join(temporaryFolder(), "models");
  said = [];
  ranges = [];
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === "/weights.onnx") ranges.push(request.headers.range);
    listener(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends at most `most` bytes of an answer and cuts the line; goes on in the middle unless `deaf`. */
function cutting(most: number, { deaf = false } = {}): RequestListener {
  return (request, response) => {
    const content = CONTENT[request.url ?? ""] ?? Buffer.alloc(0);
    const from = deaf ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = content.subarray(from);
    const headers = { "content-length": rest.length };
    if (from > 0)
      response.writeHead(206, { ...headers, "content-range": `bytes ${from}-${content.length - 1}/${content.length}` });
    else response.writeHead(200, headers);
    if (rest.length <= most) response.end(rest);
    else response.write(rest.subarray(0, most), () => response.destroy());
  };
}

function modelOf(origin: string, change: { sha256?: string; bytes?: number } = {}): CatalogueModel {
  const file = (name: string, content: Buffer) => ({
    name,
    url: `${origin}/${name}`,
    sha256: createHash("sha256").update(content).digest("hex"),
    bytes: content.length,
  });
  return {
    name: "test-model",
    title: "Test",
    licence: "MIT",
    dims: 4,
    limits: "",
    files: [{ ...file("weights.onnx", weights), ...change }, file("vocab.txt", vocabulary)],
  };
}

const pull = (model: CatalogueModel, source: string | null = null, signal = new AbortController().signal) =>
  pullModel(model, { folder, source, progress: (line) => void said.push(line), signal });

test("a transfer that is cut again and again is resumed where it stopped, and put in place as a whole", async () => {
  const model = modelOf(await serve(cutting(300_000)));
  expect(await pull(model)).toBe(true);
  expect(readFileSync(join(folder, "test-model", "weights.onnx"))).toEqual(weights);
  expect(ranges.length).toBeGreaterThanOrEqual(4);
  expect(ranges[0]).toBeUndefined();
  for (const range of ranges.slice(1)) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(said[0]).toMatch(/^weights\.onnx: cut at 0\.\d of 1\.0 MB, going on$/);
  expect(readdirSync(folder)).toEqual(["test-model"]);
  expect(await pull(model)).toBe(false);
});

test("a run that was stopped in the middle leaves nothing that is taken for a model, and the next run goes on", async () => {
  const origin = await serve(cutting(600_000));
  const stop = new AbortController();
  const model = modelOf(origin);
  const progress = (line: string): void => {
    said.push(line);
    stop.abort(new Error("stopped"));
  };
  await expect(pullModel(model, { folder, source: null, progress, signal: stop.signal })).rejects.toThrow();
  expect(describeModel(folder, model).state).toBe("absent");
  expect(await pull(model)).toBe(true);
  expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
  expect(describeModel(folder, model)).toEqual({ state: "pulled", wrong: [] });
});

test("a server that cannot go on in the middle begins again, and its bytes are not added to the old ones", async () => {
  const model = modelOf(await serve(cutting(10_000_000, { deaf: true })));
  const part = join(folder, ".test-model.part");
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, "weights.onnx"), weights.subarray(0, 4_000));
  expect(await pull(model)).toBe(true);
  expect(ranges).toEqual(["bytes=4000-"]);
  expect(describeModel(folder, model).state).toBe("pulled");
});

test("other bytes, or more of them, are refused by name and not kept", async () => {
  const origin = await serve(cutting(10_000_000));
  await expect(pull(modelOf(origin, { sha256: "0".repeat(64) }))).rejects.toMatchObject({ code: "MODEL_REFUSED" });
  await expect(pull(modelOf(origin, { bytes: 999_999 }))).rejects.toMatchObject({ code: "MODEL_REFUSED" });
  expect(existsSync(join(folder, "test-model"))).toBe(false);
  expect(readdirSync(join(folder, ".test-model.part"))).toEqual([]);
});

test("a part of an earlier run that was tampered with is found by its digest", async () => {
  const model = modelOf(await serve(cutting(10_000_000)));
  const part = join(folder, ".test-model.part");
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, "weights.onnx"), Buffer.alloc(4_000));
  await expect(pull(model)).rejects.toMatchObject({ code: "MODEL_REFUSED" });
  expect(await pull(model)).toBe(true);
});

test("without a network the files come from a folder, and a dead server is named with what to do", async () => {
  const stick = join(folder, "..", "stick");
  mkdirSync(stick, { recursive: true });
  for (const [name, content] of Object.entries(CONTENT)) writeFileSync(join(stick, name), content);
  const model = modelOf("http://127.0.0.1:9");
  await expect(pull(model)).rejects.toMatchObject({
    code: "MODEL_UNREACHABLE",
    hint: expect.stringContaining("file://"),
  });
  expect(await pull(model, `file://${stick}`)).toBe(true);
  expect(describeModel(folder, model).state).toBe("pulled");
});

test("a pulled model that was damaged is called so and pulled again", async () => {
  const model = modelOf(await serve(cutting(10_000_000)));
  await pull(model);
  writeFileSync(join(folder, "test-model", "vocab.txt"), "one\nowt\n");
  expect(describeModel(folder, model)).toEqual({ state: "damaged", wrong: ["vocab.txt"] });
  expect(await pull(model)).toBe(true);
});
