import { expect, test } from "vitest";
import type { ProcessInfo } from "../host/process-table.ts";
import type { Listener } from "../host/sockets.ts";
import { bindToSocket } from "./bind-to-socket.ts";
import type { IdentityProbe } from "./probe-identity.ts";

const OURS = 41;
const STRANGER = 42;

const processOf = (pid: number): ProcessInfo => ({
  pid,
  state: "S",
  parentPid: 1,
  processGroup: pid,
  startTicks: 1,
  uid: 1000,
  exe: `/bin/program-${pid}`,
  argv: [],
  rssBytes: 0,
});
const listener = (address: string, ...pids: readonly number[]): Listener => ({
  address,
  port: 9100,
  uid: 1000,
  inode: 1,
  owners: pids.map(processOf),
});

const mute = (status: number): IdentityProbe => ({
  verdict: "IMPOSTOR",
  evidence: `answered ${status} {}, signed nothing`,
  reasons: [],
  unsigned: status,
  answer: null,
});
/** A recorded answer or another key: it claims to be an identity, and is not ours. */
const forged: IdentityProbe = { ...mute(200), unsigned: null };
const silent: IdentityProbe = {
  verdict: "UNREACHABLE",
  evidence: "no answer: ECONNREFUSED",
  reasons: [],
  unsigned: null,
  answer: null,
};
const signed: IdentityProbe = {
  verdict: "OK",
  evidence: "nonce signed",
  reasons: [],
  unsigned: null,
  answer: {
    instance: "i",
    service: "directus",
    version: "0.1.0",
    build: "dev",
    arch: "x64",
    boot: "b",
    started: "2026-01-01T00:00:00.000Z",
    state: "OK",
    reasons: [],
    nonce: "n",
    mac: "m",
  },
};

test.each([
  ["our process that signs", signed, [listener("127.0.0.1", OURS)], OURS, "OK", /^nonce signed, pid 41$/],
  [
    "our process without the route",
    mute(404),
    [listener("127.0.0.1", OURS)],
    OURS,
    "UNREACHABLE",
    /our own pid 41, .*: the extension is not loaded$/,
  ],
  ["our process that fails", mute(500), [listener("127.0.0.1", OURS)], OURS, "UNREACHABLE", /cannot prove itself$/],
  [
    "a stranger that signs nothing",
    mute(404),
    [listener("127.0.0.1", STRANGER)],
    OURS,
    "IMPOSTOR",
    /held by pid 42 \/bin\/program-42$/,
  ],
  [
    "a stranger while nothing of ours runs",
    mute(200),
    [listener("127.0.0.1", STRANGER)],
    null,
    "IMPOSTOR",
    /held by pid 42/,
  ],
  [
    "a stranger before ours",
    mute(200),
    [listener("127.0.0.1", STRANGER), listener("0.0.0.0", OURS)],
    OURS,
    "IMPOSTOR",
    /held by pid 42/,
  ],
  ["a socket whose owner may not be seen", mute(200), [listener("127.0.0.1")], OURS, "IMPOSTOR", /signed nothing$/],
  ["our process with a forged answer", forged, [listener("127.0.0.1", OURS)], OURS, "IMPOSTOR", /held by pid 41/],
  ["nobody", silent, [], OURS, "UNREACHABLE", /^no answer: ECONNREFUSED$/],
  ["a relay", signed, [listener("127.0.0.1", STRANGER)], OURS, "IMPOSTOR", /pid 42 .* owns the socket, not pid 41$/],
  [
    "a process of ours without a record",
    signed,
    [listener("127.0.0.1", STRANGER)],
    null,
    "ZOMBIE",
    /not any recorded process$/,
  ],
  ["a signature out of nowhere", signed, [], OURS, "ZOMBIE", /nobody is seen to own the socket$/],
] as const)("%s", (_name, probe, listeners, recordedPid, verdict, evidence) => {
  const found = bindToSocket(probe, "directus", listeners, recordedPid);
  expect(found).toMatchObject({ verdict, evidence: expect.stringMatching(evidence) });
  // Whoever reads an identity trusts its answer, so only a proven one may have it.
  expect(found.answer !== null).toBe(verdict === "OK");
});
