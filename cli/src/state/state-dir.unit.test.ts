import { expect, test } from "vitest";
import { defaultInstance, defaultStateDir } from "./state-dir.ts";

test("names an instance after its checkout and the digest of the checkout's path", () => {
  expect(defaultInstance("/home/me/Muster")).toMatch(/^muster-[0-9a-f]{8}$/);
});

test("gives two checkouts of one name different instances", () => {
  expect(defaultInstance("/home/a/muster")).not.toBe(defaultInstance("/home/b/muster"));
});

test.each(["/srv/--Ümlaut & spaces", "/", "/srv/___", `/srv/${"long".repeat(40)}`, "/srv/日本"])(
  "makes a valid name out of %s",
  (checkout) => {
    expect(defaultInstance(checkout)).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
  },
);

test("keeps a plain user's state in the checkout, and root's where other users can reach it", () => {
  const place = { checkout: "/srv/muster", instance: "muster-1" };
  expect(defaultStateDir({ ...place, isRoot: false })).toBe("/srv/muster/.elk-os");
  expect(defaultStateDir({ ...place, isRoot: true })).toBe("/var/lib/elk-os/muster-1");
});
