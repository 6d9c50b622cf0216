import { expect, test } from "vitest";
import { isOurHost } from "./host-check.ts";

test.each(["localhost", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST:80"])("%s is always ours", (host) => {
  expect(isOurHost(host, [])).toBe(true);
});

test.each([null, "", "evil.example", "127.0.0.1.evil.example:3000", "localhost:3000@evil.example", "a b", "[::1"])(
  "%j is not",
  (host) => expect(isOurHost(host, ["board.example"])).toBe(false),
);

test("a named host is ours on any port; without a list every well-formed name is", () => {
  expect(isOurHost("board.example:443", ["board.example"])).toBe(true);
  expect(isOurHost("board.example", null)).toBe(true);
  expect(isOurHost("no host", null)).toBe(false);
});
