import { afterEach, expect, it, vi } from "vitest";
import { allowedHosts } from "./env.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ["embedded", "", []],
  ["embedded", "Board.example.org, b.example", ["board.example.org", "b.example"]],
  ["compose", "", null],
  ["compose", "board.example.org", ["board.example.org"]],
])("under the %s driver the names %j allow %j", (driver, names, hosts) => {
  vi.stubEnv("ELK_OS_DRIVER", driver);
  vi.stubEnv("ELK_OS_PORTAL_HOSTS", names);
  expect(allowedHosts()).toEqual(hosts);
});
