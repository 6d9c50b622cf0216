import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeOwners, judgePrograms } from "./processes.ts";

const postgres = { service: "postgres", pid: 11, architecture: "x64", uid: 999 };
const rag = { service: "rag", pid: 12, architecture: "x64", uid: 999 };

test("programs of this machine pass, by the name of their service", () => {
  expect(judgePrograms([postgres, rag, { ...rag, pid: 13 }], "x64")).toEqual({
    status: "pass",
    evidence: "postgres, rag: x64",
  });
});

test("a program of another machine is red under both drivers, and so is one that is gone, and none at all", () => {
  const foreign = judgePrograms([postgres, { ...rag, architecture: "arm64" }], "x64");
  expectRed("EMB-01", foreign, /^rag \(pid 12\) is arm64$/);
  expectRed("IMG-02", foreign, /^rag \(pid 12\) is arm64$/);
  expectRed("EMB-01", judgePrograms([postgres, { ...rag, architecture: "unknown" }], "x64"), /is unknown$/);
  expectRed("EMB-01", judgePrograms([{ ...rag, pid: null, architecture: null }], "x64"), /^rag does not run$/);
  expectRed("IMG-02", judgePrograms([], "x64"), /^no program runs$/);
});

test("services of one user pass; one that runs as root is red, and so is one that is gone, and none at all", () => {
  expect(judgeOwners([postgres, rag])).toEqual({ status: "pass", evidence: "uid 999" });
  expectRed("EMB-02", judgeOwners([postgres, { ...rag, uid: 0 }]), /^rag \(pid 12\) runs as root$/);
  expectRed("EMB-02", judgeOwners([{ ...rag, pid: null, uid: null }]), /^rag does not run$/);
  expectRed("EMB-02", judgeOwners([]), /^no service runs$/);
});
