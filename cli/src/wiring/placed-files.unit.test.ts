import { describe, expect, it } from "vitest";
import { subtract } from "./placed-files.ts";

describe("what a file holds beyond ours", () => {
  it("is nothing when all of it is ours", () => {
    expect(subtract({ mcpServers: { board: { url: "a" } } }, { mcpServers: { board: { url: "a" } } })).toBeUndefined();
  });

  it("is the servers and settings of others", () => {
    const present = { mcpServers: { board: { url: "a" }, other: { command: "x" } }, model: "m" };
    expect(subtract(present, { mcpServers: { board: { url: "a" } } })).toEqual({
      mcpServers: { other: { command: "x" } },
      model: "m",
    });
  });

  it("is an entry as a whole when somebody changed it: half a server is of no use", () => {
    const changed = { mcpServers: { board: { type: "http", url: "b" } } };
    expect(subtract(changed, { mcpServers: { board: { type: "http", url: "a" } } })).toEqual(changed);
  });

  it("is the rest of a list", () => {
    expect(subtract({ names: ["board", "other"] }, { names: ["board", "muster"] })).toEqual({ names: ["other"] });
  });
});
