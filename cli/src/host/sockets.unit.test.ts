import { expect, test } from "vitest";
import { coversLoopback, occupies, parseListeners } from "./sockets.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

test("a listening IPv4 row gives address, port, owner and inode", () => {
  const table = `${HEAD}\n   0: 0100007F:D431 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 12345 1 0 100 0 0 10 0`;
  expect(parseListeners(table, 4)).toEqual([{ address: "127.0.0.1", port: 54321, uid: 999, inode: 12345 }]);
});

test("a connection that is not listening is left out", () => {
  const table = `${HEAD}\n   0: 0100007F:D431 0100007F:0016 01 00000000:00000000 00:00000000 00000000   999        0 12345 1`;
  expect(parseListeners(table, 4)).toEqual([]);
});

test.each([
  ["00000000000000000000000000000000", "::"],
  ["00000000000000000000000001000000", "::1"],
  ["0000000000000000FFFF00000100007F", "127.0.0.1"],
  ["B80D0120000000000000000001000000", "2001:0db8:0000:0000:0000:0000:0000:0001"],
])("the IPv6 words %s mean %s", (words, address) => {
  const table = `${HEAD}\n   0: ${words}:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1`;
  expect(parseListeners(table, 6)[0]?.address).toBe(address);
});

test.each([
  ["127.0.0.1", true],
  ["127.0.0.53", true],
  ["0.0.0.0", true],
  ["::", true],
  ["::1", true],
  ["10.0.0.5", false],
])("a listener on %s takes loopback connections: %s", (address, covers) => {
  expect(coversLoopback(address)).toBe(covers);
});

test.each([
  ["10.0.0.4", "10.0.0.4", true],
  ["0.0.0.0", "10.0.0.4", true],
  ["::", "10.0.0.4", true],
  ["127.0.0.1", "10.0.0.4", false],
  ["10.0.0.5", "10.0.0.4", false],
  ["2001:0db8:0000:0000:0000:0000:0000:0007", "2001:db8::7", true],
  ["10.0.0.5", null, true],
])("a listener on %s keeps others from %s: %s", (address, wanted, does) => {
  expect(occupies(address, wanted)).toBe(does);
});
