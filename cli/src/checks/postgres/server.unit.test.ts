import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeUpkeep, judgeVersion, type UpkeepFacts } from "./server.ts";

test("the one major version passes, an older and a newer one are red", () => {
  expect(judgeVersion(180_004, "b C.UTF-8")).toMatchObject({
    status: "pass",
    evidence: "Postgres 18.4, locale b C.UTF-8",
  });
  expectRed("PG-02", judgeVersion(170_009, "b C.UTF-8"), /^Postgres 17\.9, locale b C\.UTF-8$/);
  expectRed("PG-02", judgeVersion(190_000, "b C.UTF-8"), /^Postgres 19\.0/);
});

const well: UpkeepFacts = {
  data_checksums: "on",
  checksum_failures: 0,
  password_encryption: "scram-sha-256",
  autovacuum: "on",
  has_launcher: true,
  xid_age: 750,
};

test("a server that is kept up passes", () => {
  expect(judgeUpkeep(well)).toMatchObject({ status: "pass" });
});

test.each<[Partial<UpkeepFacts>, RegExp]>([
  [{ data_checksums: "off" }, /data_checksums off/],
  [{ checksum_failures: 1 }, /1 failures/],
  [{ password_encryption: "md5" }, /passwords md5/],
  [{ autovacuum: "off" }, /autovacuum off/],
  [{ has_launcher: false }, /no launcher lives/],
  [{ xid_age: 1_000_000_000 }, /oldest transaction id 1000000000 ago/],
])("PG-08 warns of %j", (change, evidence) => {
  expectRed("PG-08", judgeUpkeep({ ...well, ...change }), evidence);
});
