import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testEmbedder } from "../../test/embedder-conformance.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./static-embedder.ts";

testEmbedder("the static model", () => {
  const { embedder } = loadStaticEmbedder(SHIPPED_MODEL);
  return embedder === null ? Promise.reject(new Error("The shipped model is missing.")) : Promise.resolve(embedder);
});

describe("a model that cannot be trusted", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "muster-model-"));
    for (const name of ["elk-static-v3.json", "elk-static-v3.bin"])
      copyFileSync(new URL(name, SHIPPED_MODEL), path.join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const stateOf = (): string => loadStaticEmbedder(pathToFileURL(path.join(folder, "elk-static-v3.json"))).state;
  const at = (name: string): string => path.join(folder, name);

  test("is not used: a flipped bit, a cut file, an absent one, another model's sentences", () => {
    expect(stateOf()).toBe("verified");
    const bytes = readFileSync(at("elk-static-v3.bin"));
    writeFileSync(at("elk-static-v3.bin"), bytes.with(5_000_000, 1));
    expect(stateOf()).toBe("unverified");
    writeFileSync(at("elk-static-v3.bin"), bytes.subarray(0, 1_000));
    expect(stateOf()).toBe("unverified");
    rmSync(at("elk-static-v3.bin"));
    expect(stateOf()).toBe("missing");
    writeFileSync(at("elk-static-v3.bin"), bytes);
    const card = readFileSync(at("elk-static-v3.json"), "utf8");
    writeFileSync(at("elk-static-v3.json"), card.replace("Zebra printer labels", "Quokkas in the wild"));
    expect(stateOf()).toBe("unverified");
    writeFileSync(at("elk-static-v3.json"), "{");
    expect(stateOf()).toBe("missing");
  });
});
