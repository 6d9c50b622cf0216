import { expect, test } from "vitest";
import { fixtureCheck } from "../../../test/support/fixture-check.ts";
import { groupOf, selectChecks } from "./select-checks.ts";

const registry = ["PORT-01", "PORT-02", "PORT-UI-01", "PG-01", "PG-04"].map((id) => fixtureCheck({ id }));

test.each([
  [null, ["PORT-01", "PORT-02", "PORT-UI-01", "PG-01", "PG-04"]],
  ["PG-04", ["PG-04"]],
  ["pg", ["PG-01", "PG-04"]],
  ["PORT", ["PORT-01", "PORT-02"]],
  ["PORT-UI", ["PORT-UI-01"]],
  ["pg-04, port-ui", ["PG-04", "PORT-UI-01"]],
])("selects %j as %j", (only, ids) => {
  expect(selectChecks(registry, only)).toEqual(ids);
});

test.each([
  ["PG-05", 'There is no check or group "PG-05"', "did you mean PG-01?"],
  ["pgg", 'There is no check or group "pgg"', "did you mean PG?"],
  ["", 'There is no check or group ""', "every check: elk-os doctor --list"],
  ["PG-01,", 'There is no check or group ""', "every check: elk-os doctor --list"],
  ["WEATHER", 'There is no check or group "WEATHER"', "every check: elk-os doctor --list"],
])("refuses %j and says what is near", (only, message, hint) => {
  expect(() => selectChecks(registry, only)).toThrow(
    expect.objectContaining({
      code: "USAGE_INVALID",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    }),
  );
});

test("takes the number off an id to name its group", () => {
  expect([groupOf("PORT-UI-01"), groupOf("PG-12")]).toEqual(["PORT-UI", "PG"]);
});
