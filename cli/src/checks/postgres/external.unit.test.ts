import { describe, expect, it } from "vitest";
import { FIT as fit } from "../../../../test/support/external-facts.ts";
import { expectRed } from "../../../../test/support/red.ts";
import { type ExternalSight, judgeExternal } from "./external.ts";

describe("PG-12", () => {
  const standby = { application_name: "b", state: "streaming", sync_state: "sync", behind_bytes: "0" };
  const well: ExternalSight = {
    facts: fit,
    sessions: { administrator: true, services: true },
    hosts: [
      { name: "a:5432", state: "takes writes" },
      { name: "b:5432", state: "is a standby" },
    ],
    standbys: [standby],
  };

  it("passes with what it saw: each host, sessions, standbys, and what a commit waits for", () => {
    expect(judgeExternal(well)).toEqual({
      status: "pass",
      evidence:
        "a:5432 takes writes, b:5432 is a standby; LISTEN and NOTIFY arrive; b streaming sync, 0 bytes behind; a commit waits for a standby",
    });
  });

  it.each<[string, Partial<ExternalSight>, RegExp]>([
    ["services behind a pooler", { sessions: { administrator: true, services: false } }, /they poll/],
    [
      "standbys that our login may not see",
      { standbys: [{ ...standby, state: null, sync_state: null, behind_bytes: null }] },
      /b, hidden/,
    ],
    ["commits that wait for nobody", { facts: { ...fit, synchronous_standby_names: "" } }, /waits for no standby/],
    ["commits that are told not to wait", { facts: { ...fit, synchronous_commit: "local" } }, /waits for no standby/],
  ])("passes and says it plainly of %s", (_what, change, sentence) => {
    expect(judgeExternal({ ...well, ...change })).toMatchObject({
      status: "pass",
      evidence: expect.stringMatching(sentence),
    });
  });

  it.each<[string, Partial<ExternalSight>, RegExp]>([
    [
      "two hosts that take writes",
      { hosts: well.hosts.map((host) => ({ ...host, state: "takes writes" as const })) },
      /a:5432 and b:5432 both/,
    ],
    ["an administrator behind a pooler", { sessions: { administrator: false, services: false } }, /LISTEN_URL/],
    [
      "a role that is gone",
      { facts: { ...fit, makes_roles: true, missing_roles: ["muster_rag"] } },
      /muster_rag do not exist/,
    ],
    ["a right that was taken away", { facts: { ...fit, owns_database: false } }, /Ownership/],
    ["another major version", { facts: { ...fit, version_number: 190_000 } }, /Postgres 19/],
  ])("is red for %s", (_what, change, sentence) => {
    expectRed("PG-12", judgeExternal({ ...well, ...change }), sentence);
  });
});
