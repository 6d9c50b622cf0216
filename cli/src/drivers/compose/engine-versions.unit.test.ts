import { expect, test } from "vitest";
import { judgeEngine } from "./engine-versions.ts";

test.each([
  ["25.0.0", "2.24.0"],
  ["26.1.5+dfsg1", "2.26.1-ds1-4"],
  ["100.1", "v3.0.0"],
])("an engine of %s with Compose %s runs compose.yaml", (engine, compose) => {
  expect(judgeEngine({ engine, compose })).toBeNull();
});

test.each([
  ["24.0.7", "2.30.0", "The Docker engine is 24.0.7; at least 25.0 is needed."],
  ["20.10.24+dfsg1", "2.23.3", "The Docker engine is 20.10.24+dfsg1; at least 25.0 is needed."],
  ["27.0.1", "2.23.3", "Docker Compose is 2.23.3; at least 2.24 is needed."],
  ["27.0.1", "1.29.2", "Docker Compose is 1.29.2; at least 2.24 is needed."],
  ["dev", "2.30.0", "The Docker engine is dev; at least 25.0 is needed."],
  ["", "2.30.0", "The Docker engine is of no known version; at least 25.0 is needed."],
  ["27.0.1", "dev", "Docker Compose is dev; at least 2.24 is needed."],
])(
  "an engine that says %j with Compose %j is refused, and the first that is too old is named",
  (engine, compose, message) => {
    expect(judgeEngine({ engine, compose })?.message).toBe(message);
  },
);
