import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CATALOGUE_FILE, readCatalogue } from "../cli/src/models/model-catalogue.ts";
import { readModelCard } from "../rag/src/embedding/model-card.ts";

const models = readCatalogue(join(import.meta.dirname, "..", CATALOGUE_FILE));

test("every file of the shipped catalogue is named at a commit, so that its digest can hold", () => {
  const addresses = models.flatMap(({ files }) => files.map(({ name, url }) => ({ name, url })));
  for (const { name, url } of addresses) {
    expect(url).toMatch(/^https:\/\/[^/]+\/[^/]+\/[^/]+\/resolve\/[0-9a-f]{40}\//);
    expect(url.endsWith(`/${name}`)).toBe(true);
  }
});

test("a model that can be used names its weights among its files, and what it cannot is said of another", () => {
  for (const { run, files, limits } of models) {
    if (run === undefined) expect(limits).not.toBe("");
    else expect(files.map(({ name }) => name)).toContain(run.weights);
  }
});

test("what a pull writes of a model that can be used, search reads", () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-card-"));
  try {
    for (const model of models.filter(({ run }) => run !== undefined)) {
      writeFileSync(join(folder, "model.json"), JSON.stringify(model));
      expect(readModelCard(folder)).toMatchObject({ name: model.name, dims: model.dims });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
