import { describe, expect, it } from "vitest";
import { listPath, namedFilters, parseListFilter, withFacet } from "./list-filter.ts";

describe("the list's address", () => {
  it("says the same filters that it was read from", () => {
    const address = "/list?status=ready&agent=a01&label=ui&q=two%20words&order=changed&page=3";
    const query = Object.fromEntries(new URL(address, "http://portal").searchParams);
    expect(listPath(parseListFilter(query))).toBe(address);
  });

  it("is bare without filters", () => {
    expect(listPath(parseListFilter({}))).toBe("/list");
  });

  it("ignores a page, an order and a value that cannot be meant", () => {
    const filter = parseListFilter({ page: "0", order: "drop table", status: ["a", "b"], agent: "x".repeat(65) });
    expect(listPath(filter)).toBe("/list");
  });

  it("goes back to the first page when a filter changes", () => {
    const filter = parseListFilter({ page: "4", status: "ready" });
    expect(listPath(withFacet(filter, "status", "done"))).toBe("/list?status=done");
  });

  it("names every filter in force, for the page that finds nothing", () => {
    expect(namedFilters(parseListFilter({ status: "ready", q: "lease" }))).toEqual(["status ready", "words “lease”"]);
  });
});
