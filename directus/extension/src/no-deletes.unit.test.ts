import { describe, expect, it } from "vitest";
import type { ExtensionContext, FilterMeta } from "./directus-api.ts";
import { noDeletes } from "./no-deletes.ts";

type Filter = (payload: unknown, meta: FilterMeta) => unknown;

function registeredFilter(): Filter {
  const filters = new Map<string, Filter>();
  const context = {} as ExtensionContext;
  noDeletes(
    { filter: (event, handler) => filters.set(event, handler), init: () => undefined, schedule: () => undefined },
    context,
  );
  const filter = filters.get("items.delete");
  if (filter === undefined) throw new Error("no filter on items.delete");
  return filter;
}

describe("deletes on the board", () => {
  it("are refused for every os_ collection", () => {
    const filter = registeredFilter();
    expect(() => filter(["k"], { collection: "os_tasks" })).toThrow(expect.objectContaining({ status: 403 }));
    expect(() => filter(["k"], { collection: "os_anything_new" })).toThrow(/never deleted/);
  });

  it("pass elsewhere with their keys", () => {
    expect(registeredFilter()(["k"], { collection: "articles" })).toEqual(["k"]);
  });
});
