import { describe, expect, it } from "vitest";
import { type ExternalSight, judgeExternal } from "../checks/postgres/external.ts";
import { fillIn } from "./administrator-sql.ts";
import type { ExternalFacts } from "./external-facts.ts";
import { findMissingRights, findUnfit } from "./judge-external.ts";

const fit: ExternalFacts = {
  version_number: 180_004,
  is_standby: false,
  is_read_only: false,
  encoding: "UTF8",
  locale: "b C.UTF-8",
  password_encryption: "scram-sha-256",
  connections: 97,
  synchronous_commit: "on",
  synchronous_standby_names: "*",
  is_superuser: false,
  makes_roles: false,
  owns_database: true,
  missing_roles: [],
  closed_roles: [],
  fixed_roles: ["muster_directus", "muster_portal", "muster_rag"],
  has_board: true,
};

describe("a server", () => {
  it("that is as the board needs it lacks nothing", () => {
    expect(findUnfit(fit)).toEqual([]);
  });

  it.each<[string, Partial<ExternalFacts>, RegExp]>([
    ["of an older release", { version_number: 170_006 }, /Postgres 17; the board needs 18/],
    ["of a newer release", { version_number: 190_000 }, /Postgres 19; the board needs 18/],
    ["that follows another", { is_standby: true, is_read_only: true }, /a standby/],
    ["that takes no writes", { is_read_only: true }, /takes no writes/],
    ["with another encoding", { encoding: "SQL_ASCII" }, /SQL_ASCII/],
    ["that keeps passwords weakly", { password_encryption: "md5" }, /md5/],
    ["with room for few", { connections: 20 }, /lets 20 connections in/],
  ])("%s is named as such, in one sentence", (_what, change, sentence) => {
    expect(findUnfit({ ...fit, ...change })).toEqual([expect.stringMatching(sentence)]);
  });
});

describe("a login", () => {
  it("that was given what the printed statements give lacks nothing, and neither does a superuser", () => {
    expect(findMissingRights(fit, [])).toEqual([]);
    const stranger = {
      ...fit,
      missing_roles: ["muster_owner"],
      closed_roles: ["muster_directus"],
      owns_database: false,
    };
    expect(findMissingRights({ ...stranger, is_superuser: true }, ["muster_rag"])).toEqual([]);
  });

  it("that may make roles needs none beforehand", () => {
    const bare = { ...fit, makes_roles: true, missing_roles: ["muster_owner", "muster_rag"], fixed_roles: [] };
    expect(findMissingRights(bare, [])).toEqual([]);
  });

  it.each<[string, Partial<ExternalFacts>, readonly string[], RegExp]>([
    [
      "may not make the roles that are missing",
      { missing_roles: ["muster_rag"] },
      [],
      /CREATEROLE, or the roles muster_rag/,
    ],
    ["may not work in the owner's name", { closed_roles: ["muster_owner"] }, [], /Membership in muster_owner/],
    ["does not own the database", { owns_database: false }, [], /Ownership of the database/],
    ["may not set a password that is another", {}, ["muster_portal"], /passwords of muster_portal/],
  ])("that %s is told so", (_what, change, locked, sentence) => {
    expect(findMissingRights({ ...fit, ...change }, locked)).toEqual([expect.stringMatching(sentence)]);
  });

  it("that may set a password needs not have the right one", () => {
    expect(findMissingRights({ ...fit, fixed_roles: [] }, ["muster_portal"])).toEqual([]);
  });
});

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
    expect(judgeExternal({ ...well, ...change })).toMatchObject({
      status: "fail",
      evidence: expect.stringMatching(sentence),
    });
  });
});

describe("the administrator's statements", () => {
  it("have names and texts filled in so that neither can end early", () => {
    const script = `grant x to :"login"; select f(:'word'), '::text', a::text`;
    expect(fillIn(script, { login: 'a"; drop role b', word: "it's" })).toBe(
      `grant x to "a""; drop role b"; select f('it''s'), '::text', a::text`,
    );
  });
});
