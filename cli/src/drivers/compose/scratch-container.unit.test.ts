import { expect, test } from "vitest";
import { scratchArgv } from "./scratch-container.ts";

const argv = scratchArgv({
  project: "muster-x-0123",
  image: "postgres:18.1",
  folder: "/state/scratch-abc",
  memoryMb: 384,
});
const text = argv.join(" ");

test("a scratch server is closed as the instance's Postgres is, and has no network at all", () => {
  for (const option of [
    "--network none",
    "--pull never",
    "--user 999:999",
    "--read-only",
    "--cap-drop ALL",
    "--security-opt no-new-privileges",
    "--memory 384m --memory-swap 384m",
    "--pids-limit 200",
  ]) {
    expect(text).toContain(option);
  }
  expect(text).not.toMatch(/--publish|-p \d|docker\.sock|--privileged/);
  expect(text).toContain("-c listen_addresses=''");
});

test("it is found again by a label, and bears none of the project's, of which it is no part", () => {
  expect(text).toContain("--label io.muster.scratch=muster-x-0123");
  expect(text).not.toContain("com.docker.compose");
});

test("all that it writes lies in the folder of this one try, and the password is no argument", () => {
  const mounts = argv.filter((_, index) => argv[index - 1] === "--volume");
  expect(mounts).toEqual([
    "/state/scratch-abc/data:/var/lib/postgresql:rw",
    "/state/scratch-abc/sockets:/var/run/postgresql:rw",
    "/state/scratch-abc/password:/run/muster/superuser.password:ro",
  ]);
  expect(text).toContain("--pwfile=/run/muster/superuser.password");
});

test("the cluster is made as the instance's is, and no server starts before the one that is used", () => {
  expect(argv.slice(argv.indexOf("--entrypoint"), argv.indexOf("-ec"))).toEqual([
    "--entrypoint",
    "sh",
    "postgres:18.1",
  ]);
  expect(argv.slice(argv.indexOf("scratch") + 1)).toEqual(
    expect.arrayContaining(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]),
  );
});
