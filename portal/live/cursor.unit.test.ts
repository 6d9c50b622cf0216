import { expect, test } from "vitest";
import { comparePlaces, formatCursor, parseCursor } from "./cursor.ts";

test("a cursor is the law's own text and reads back", () => {
  const place = { incarnation: 2, xid: 7_400_123n, id: 918n };
  expect(formatCursor(place)).toBe("Mjo3NDAwMTIzOjkxOA");
  expect(parseCursor(formatCursor(place))).toEqual(place);
});

test.each([null, "", "abc", "../../etc", "Mjo3", Buffer.from("1:2:3:4").toString("base64url"), "x".repeat(200)])(
  "%j is no cursor",
  (text) => expect(parseCursor(text)).toBeNull(),
);

test("the transaction orders before the id", () => {
  const place = (xid: bigint, id: bigint) => ({ incarnation: 1, xid, id });
  expect(comparePlaces(place(1n, 9n), place(2n, 1n))).toBeLessThan(0);
  expect(comparePlaces(place(2n, 2n), place(2n, 1n))).toBeGreaterThan(0);
  expect(comparePlaces(place(2n, 2n), place(2n, 2n))).toBe(0);
});
