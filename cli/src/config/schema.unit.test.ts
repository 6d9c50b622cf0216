import { expect, test } from "vitest";
import { CONFIG_KEYS, configSchema, environmentName } from "./schema.ts";

test.each([
  ["ragPort", "ELK_OS_RAG_PORT"],
  ["postgresSharedBuffersMb", "ELK_OS_POSTGRES_SHARED_BUFFERS_MB"],
  ["driver", "ELK_OS_DRIVER"],
] as const)("names %s %s in the environment", (key, name) => {
  expect(environmentName(key)).toBe(name);
});

test("gives every key a name of its own", () => {
  expect(new Set(CONFIG_KEYS.map(environmentName)).size).toBe(CONFIG_KEYS.length);
});

test.each(CONFIG_KEYS)("says what %s means", (key) => {
  expect(configSchema.shape[key].description).toMatch(/^[A-Z].{20,}\.$/);
});

test("needs nothing but the three places; everything else has a default or may be unset", () => {
  const parsed = configSchema.safeParse({ stateDir: "/s", cacheDir: "/c", instance: "i" });
  expect(parsed.success).toBe(true);
});

const withHosts = (portalHosts: string) =>
  configSchema.safeParse({ stateDir: "/s", cacheDir: "/c", instance: "i", portalHosts }).success;

test.each(["board.example.org", "board.example.org,b.example", "board, 10.0.0.7"])(
  "takes %s as host names",
  (hosts) => {
    expect(withHosts(hosts)).toBe(true);
  },
);

test.each(["", "https://board.example", "board.example:443", "a,,b", "*", "-a", "a b"])(
  "refuses %j as host names",
  (hosts) => expect(withHosts(hosts)).toBe(false),
);
