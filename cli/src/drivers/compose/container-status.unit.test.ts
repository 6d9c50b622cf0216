import { expect, test } from "vitest";
import { getService } from "../../services/index.ts";
import { toServiceStatus } from "./container-status.ts";
import type { Container } from "./containers.ts";
import type { Project } from "./project.ts";

const project = { inner: { addresses: { postgres: "10.1.2.3" } } } as unknown as Project;

/** What the engine says of the portal's container, of which nothing runs unless `Pid` says so. */
const container = (State: Partial<Container["State"]>) =>
  ({
    RestartCount: 0,
    Config: { Labels: { "com.docker.compose.service": "portal" } },
    NetworkSettings: { Networks: {}, Ports: {} },
    State: { Status: "exited", Pid: 0, OOMKilled: false, ExitCode: 0, StartedAt: "2026-11-30T12:00:00Z", ...State },
  }) as unknown as Container;
const stateOf = (...containers: readonly Container[]) => {
  const { state, reason } = toServiceStatus(getService("portal"), "portal", 3000, containers, project);
  return `${state}: ${reason}`;
};

test.each([
  [[], "stopped: it has no container"],
  [[container({})], "stopped: its container is exited, last exit code 0"],
  [[container({ ExitCode: 137 })], "failed: its container is exited, last exit code 137"],
  [[container({ Status: "restarting", ExitCode: 1 })], "starting: its container is restarting, last exit code 1"],
  [[container({ Status: "created" })], "stopped: its container is created, last exit code 0"],
  [[container({ Status: "running", Pid: process.pid })], "starting: its health check says nothing"],
  [
    [container({ Status: "running", Pid: process.pid, Health: { Status: "starting" } })],
    "starting: its health check says starting",
  ],
  [
    [container({ Status: "running", Pid: process.pid, Health: { Status: "unhealthy" } })],
    "failed: its health check says unhealthy",
  ],
])("a service whose container does not run or is not healthy is not running: %j", (containers, told) => {
  expect(stateOf(...containers)).toBe(told);
});

test("one whose container runs and is healthy is running", () => {
  expect(stateOf(container({ Status: "running", Pid: process.pid, Health: { Status: "healthy" } }))).toBe(
    "running: null",
  );
});
