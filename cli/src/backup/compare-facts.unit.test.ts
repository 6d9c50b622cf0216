import { describe, expect, it } from "vitest";
import { compareFacts } from "./compare-facts.ts";
import type { DatabaseFacts } from "./manifest.ts";

const saved: DatabaseFacts = {
  tables: [{ name: "public.os_tasks", rows: "2", content: "17" }],
  sequences: [{ name: "public.os_tasks_number_seq", lastValue: "2" }],
  catalog: ["column os_tasks.title text", "trigger os_tasks_10_api"],
};

describe("what was restored, compared with what was saved,", () => {
  it("is the same when nothing differs", () => {
    expect(compareFacts(saved, saved)).toEqual([]);
  });

  it.each<[string, Partial<DatabaseFacts>, string]>([
    ["a lost row", { tables: [{ name: "public.os_tasks", rows: "1", content: "9" }] }, "has 1 rows, saved were 2"],
    ["a changed row", { tables: [{ name: "public.os_tasks", rows: "2", content: "18" }] }, "has other content"],
    ["a lost table", { tables: [] }, "public.os_tasks is missing"],
    ["a lost trigger", { catalog: ["column os_tasks.title text"] }, "missing: trigger os_tasks_10_api"],
    ["an added trigger", { catalog: [...saved.catalog, "trigger os_tasks_11"] }, "surplus: trigger os_tasks_11"],
    ["a sequence set back", { sequences: [{ name: "public.os_tasks_number_seq", lastValue: "1" }] }, "stands at 1"],
  ])("names %s", (_what, change, sentence) => {
    expect(compareFacts(saved, { ...saved, ...change }).join("\n")).toContain(sentence);
  });

  it("names a table that was not saved", () => {
    const restored = { ...saved, tables: [...saved.tables, { name: "public.extra", rows: "0", content: "0" }] };
    expect(compareFacts(saved, restored)).toEqual(["public.extra was not saved"]);
  });
});
