import { expect, it } from "vitest";
import { toCsv } from "./csv.ts";

const one = (value: string) => toCsv([{ value }], { value: (row) => row.value }).split("\r\n")[1];

it("quotes what would break a row", () => {
  expect(one('say "no", twice')).toBe('"say ""no"", twice"');
});

it.each(["=1+1", "+1", "-1", "@sum", "\tx"])("takes the formula out of %j", (value) => {
  expect(one(value)).toBe(`'${value}`);
});

it("writes instants in full, lists with spaces, and nothing for nothing", () => {
  const rows = [{ at: new Date("2026-11-22T10:00:00Z"), labels: ["a", "b"], none: null }];
  expect(toCsv(rows, { at: (row) => row.at, labels: (row) => row.labels, none: (row) => row.none })).toBe(
    "at,labels,none\r\n2026-11-22T10:00:00.000Z,a b,\r\n",
  );
});
